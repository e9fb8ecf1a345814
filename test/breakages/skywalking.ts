import { type Breakage, drop, push, row, set } from '../support/breakage.ts';

const operator = 'IstioOperator/istio-system/mesh-default';
const provider = 'spec.meshConfig.extensionProviders[0]';
const host = 'tracing.istio-system.svc.cluster.local';
const mesh = 'mesh/istio/istio-operator';
const env = (name: string) => `spec.template.spec.containers[0].env[name=${name}].value`;
const more = (name: string, value: string) =>
  push('Deployment/istio-system/skywalking-oap', 'spec.template.spec.containers[0].env', { name, value });
const oap = 'Deployment/istio-system/skywalking-oap';
const ui = 'Deployment/istio-system/skywalking-ui';
const kiali = (tracing: Record<string, string | boolean>) =>
  set('ConfigMap/istio-system/kiali', 'data."config.yaml".external_services.tracing', { enabled: true, ...tracing });
const source = (type: string, url: string) =>
  push('ConfigMap/istio-system/grafana', 'data."datasources.yaml".datasources', { name: 'Traces', uid: 'traces', type, url });

/** SkyWalking by itself, what the mesh says to it, and what cannot read it. */
export function skywalkingBreakages(): Breakage[] {
  const at = 'addons/skywalking/oap';
  // biome-ignore format: one line each
  return [
    row('TRC012', mesh, 'Zipkin to SkyWalking’s own port', set(operator, provider, { name: 'skywalking', zipkin: { service: host, port: 11800 } })),
    row('TRC012', mesh, 'OTLP to SkyWalking’s own port, whose receiver is off', set(operator, provider, { name: 'skywalking', opentelemetry: { service: host, port: 11800 } })),
    row('TRC012', mesh, 'Datadog to SkyWalking', set(operator, provider, { name: 'skywalking', datadog: { service: host, port: 11800 } })),
    row('TRC012', mesh, 'SkyWalking’s gRPC to the port for questions', set(operator, `${provider}.skywalking.port`, 12800)),
    row('TRC013', 'addons/skywalking/ui', 'spans go to the Service of the page', set(operator, `${provider}.skywalking.service`, 'tracing-ui.istio-system.svc.cluster.local'), set(operator, `${provider}.skywalking.port`, 8080)),
    row('TRC025', at, 'the storage of SkyWalking 9 in version 10', set(oap, env('SW_STORAGE'), 'h2')),
    row('TRC011', at, 'OAP listens at another port', more('SW_CORE_GRPC_PORT', '11900')),
    row('TRC015', at, 'OAP listens on localhost', more('SW_CORE_GRPC_HOST', '127.0.0.1')),
    row('REF017', at, 'OAP’s storage is at a host that is not there', set(oap, env('SW_STORAGE_BANYANDB_TARGETS'), 'banyandb.istio-system:17912')),
    row('REF017', at, 'OAP’s storage is at a port of nobody', set(oap, env('SW_STORAGE_BANYANDB_TARGETS'), 'skywalking-banyandb.istio-system.svc.cluster.local:17900')),
    row('REF017', 'addons/skywalking/ui', 'the page asks OAP at a port of nobody', set(ui, env('SW_OAP_ADDRESS'), 'http://skywalking-oap.istio-system.svc.cluster.local:12801')),
    row('REF017', 'addons/skywalking/ui', 'the page asks an OAP that is not there', set(ui, env('SW_OAP_ADDRESS'), 'http://oap.istio-system:12800')),
    row('OBJ010', 'addons/skywalking/banyandb', 'the storage does not select its pods', drop('Deployment/istio-system/skywalking-banyandb', 'spec.template.metadata.labels.app')),
    row('TRC060', 'addons/kiali/config', 'Kiali asks SkyWalking as if it were Jaeger', kiali({ provider: 'jaeger', use_grpc: false, internal_url: `http://${host}:12800` })),
    row('TRC060', 'addons/kiali/config', 'Kiali is told to read SkyWalking', kiali({ provider: 'skywalking', internal_url: `http://${host}:12800` })),
    row('TRC060', 'addons/grafana/config', 'Grafana asks SkyWalking as if it were Jaeger', source('jaeger', `http://${host}:12800`)),
    row('TRC061', 'addons/grafana/config', 'Grafana asks SkyWalking at the port for spans', source('zipkin', `http://${host}:11800`)),
    row('REF008', 'addons/grafana/config', 'Grafana asks for traces at the page', source('jaeger', 'http://skywalking-ui.istio-system:9090')),
    row('TRC063', 'addons/grafana/config', 'exemplars lead to traces that Grafana cannot show', set('ConfigMap/istio-system/grafana', 'data."datasources.yaml".datasources[uid=prometheus].jsonData.exemplarTraceIdDestinations', [{ name: 'trace_id', datasourceUid: 'skywalking' }])),
  ];
}
