import { type Breakage, drop, push, row, set } from '../support/breakage.ts';
import type { Stack } from './stacks.ts';

/** What a lab may do and production may not: code and construct, without the stack, of each finding once a stack is said to be for production. */
export const inProduction: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  // For production from the start.
  platform: [],
  'platform-ambient': [],
  jaeger: [
    ['PRD003', 'addons/grafana/server/deployment'],
    ['PRD001', 'addons/jaeger/config/configmap'],
    ['PRD003', 'addons/kiali/config/configmap'],
    ['PRD002', 'mesh/istio/telemetry'],
  ],
  'jaeger-legacy': [
    ['PRD001', 'addons/jaeger/config/configmap'],
    ['PRD002', 'mesh/istio/istio-operator'],
  ],
  zipkin: [
    ['PRD003', 'addons/grafana/server/deployment'],
    ['PRD003', 'addons/kiali/config/configmap'],
    ['PRD001', 'addons/zipkin/zipkin/deployment'],
    ['PRD002', 'mesh/istio/telemetry'],
  ],
  skywalking: [
    ['PRD003', 'addons/grafana/server/deployment'],
    ['PRD003', 'addons/kiali/config/configmap'],
    ['PRD001', 'addons/skywalking/banyandb/deployment'],
    ['PRD002', 'mesh/istio/telemetry'],
  ],
  tempo: [
    ['PRD002', 'mesh/istio/telemetry'],
    ['PRD003', 'observability/grafana/server/deployment'],
    ['PRD003', 'observability/kiali/config/configmap'],
    ['PRD001', 'observability/loki/config/configmap'],
    ['PRD001', 'observability/tempo/config/configmap'],
  ],
  traffic: [
    ['PRD003', 'addons/grafana/server/deployment'],
    ['PRD001', 'addons/jaeger/config/configmap'],
    ['PRD003', 'addons/kiali/config/configmap'],
    ['PRD005', 'mesh/istio/istio-operator'],
    ['PRD002', 'mesh/istio/telemetry'],
  ],
  'tempo-operator': [
    ['PRD002', 'mesh/istio/telemetry'],
    ['PRD003', 'observability/grafana/server/deployment'],
    ['PRD001', 'observability/tempo/config/configmap'],
  ],
};

/** What is found besides, once it is broken. */
export function productionBreakages({ home, layer }: Stack): Breakage[] {
  const grafana = `Deployment/${home}/grafana`;
  const prometheus = `Deployment/${home}/prometheus`;
  const operator = 'IstioOperator/istio-system/mesh-default';
  const container = 'spec.template.spec.containers[0]';
  // biome-ignore format: one line each
  return [
    row('PRD004', `${layer}/prometheus`, 'Prometheus is not told how long', drop(prometheus, `${container}.args[=--storage.tsdb.retention.time=15d]`)),
    row('PRD005', 'mesh/istio/istio-operator', 'Istio’s demo profile', set(operator, 'spec.profile', 'demo')),
    row('PRD006', `${layer}/grafana`, 'an image whose tag is latest', set(grafana, `${container}.image`, 'docker.io/grafana/grafana:latest')),
    row('PRD006', `${layer}/prometheus`, 'an image without a tag', set(prometheus, `${container}.image`, 'docker.io/prom/prometheus')),
    row('PRD006', 'mesh/istio/istio-operator', 'Istio of the tag latest', set(operator, 'spec.tag', 'latest')),
    row('PRD007', `${layer}/grafana`, 'a password in plain sight', push(grafana, `${container}.env`, { name: 'GF_SECURITY_ADMIN_PASSWORD', value: 'admin' })),
  ];
}
