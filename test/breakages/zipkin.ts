import { type Breakage, push, row, set } from '../support/breakage.ts';

const operator = 'IstioOperator/istio-system/mesh-default';
const provider = 'spec.meshConfig.extensionProviders[0]';
const host = 'zipkin.istio-system.svc.cluster.local';
const mesh = 'mesh/istio/istio-operator';
const env = 'spec.template.spec.containers[0].env';
const kiali = (tracing: Record<string, string | boolean>) =>
  set('ConfigMap/istio-system/kiali', 'data."config.yaml".external_services.tracing', { enabled: true, ...tracing });
const deployment = 'Deployment/istio-system/zipkin';

/** Zipkin by itself, and what the mesh says to it. */
export function zipkinBreakages(): Breakage[] {
  // biome-ignore format: one line each
  return [
    row('TRC012', mesh, 'OTLP by gRPC to Zipkin', set(operator, provider, { name: 'zipkin', opentelemetry: { service: host, port: 9411 } })),
    row('TRC012', mesh, 'OTLP by HTTP to Zipkin', set(operator, provider, { name: 'zipkin', opentelemetry: { service: host, port: 9411, http: { path: '/v1/traces' } } })),
    row('TRC012', mesh, 'SkyWalking to Zipkin', set(operator, provider, { name: 'zipkin', skywalking: { service: host, port: 9411 } })),
    row('TRC012', mesh, 'Datadog to Zipkin', set(operator, provider, { name: 'zipkin', datadog: { service: host, port: 9411 } })),
    row('TRC014', mesh, 'spans go to the path of Zipkin’s first API', set(operator, `${provider}.zipkin.path`, '/api/v1/spans')),
    row('TRC014', mesh, 'spans go to the path of the page', set(operator, `${provider}.zipkin.path`, '/zipkin')),
    row('TRC011', 'addons/zipkin', 'Zipkin listens at another port', push(deployment, env, { name: 'QUERY_PORT', value: '9412' })),
    row('TRC060', 'addons/kiali/config', 'Kiali asks Zipkin as if it were Jaeger', kiali({ provider: 'jaeger', use_grpc: false, internal_url: `http://${host}:9411` })),
    row('TRC060', 'addons/kiali/config', 'Kiali asks Zipkin as if it were Tempo', kiali({ provider: 'tempo', use_grpc: false, internal_url: `http://${host}:9411` })),
    row('TRC060', 'addons/kiali/config', 'Kiali is told to read Zipkin', kiali({ provider: 'zipkin', internal_url: `http://${host}:9411` })),
    row('REF009', 'addons/kiali/config', 'Kiali asks for traces at the addon’s Jaeger, which is not there', kiali({ internal_url: 'http://jaeger-query.istio-system:16685/jaeger' })),
    row('TRC062', 'addons/grafana/config', 'Grafana names the path of spans', set('ConfigMap/istio-system/grafana', 'data."datasources.yaml".datasources[uid=zipkin].url', `http://${host}:9411/api/v2/spans`)),
  ];
}
