import { ADDED, add, type Breakage, drop, row, set, without } from '../support/breakage.ts';

const operator = 'IstioOperator/istio-system/mesh-default';
const config = 'mesh/istio/istio-operator';
const tracing = (place: string) => `spec.meshConfig.defaultConfig.tracing.${place}`;
const address = (to: string) => set(operator, tracing('zipkin.address'), to);
const service = 'Service/istio-system/jaeger-collector';
const apps = 'Namespace/bookinfo';
const telemetry = (spec: string) =>
  add(`apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: ours, namespace: istio-system}\nspec: ${spec}`);
const policy = (kind: string, namespace: string, spec: string) =>
  add(
    `apiVersion: ${kind === 'NetworkPolicy' ? 'networking.k8s.io' : 'security.istio.io'}/v1\nkind: ${kind}\nmetadata: {name: ours, namespace: ${namespace}}\nspec: ${spec}`,
  );

/** The address of the tracer in the proxies’ bootstrap, as before Telemetry. */
export function legacyBreakages(): Breakage[] {
  // biome-ignore format: one line each
  return [
    row('TRC006', config, 'the address is misspelt', address('jaeger-colector.istio-system.svc.cluster.local:9411')),
    row('TRC006', config, 'the address is that of the tutorial', address('zipkin.tracing-tools.istio-system.svc.cluster.local:9411')),
    row('TRC006', config, 'the address has a port of nobody', address('jaeger-collector.istio-system.svc.cluster.local:9412')),
    row('TRC012', config, 'the address has the port of OTLP', address('jaeger-collector.istio-system.svc.cluster.local:4317')),
    row('TRC011', config, 'the address is that of the page', address('tracing.istio-system.svc.cluster.local:80')),
    row('TRC006', config, 'the Service is gone', without(service)),
    row('TRC006', config, 'the Service has the port under another number', set(service, 'spec.ports[name=http-zipkin].port', 9412)),
    row('TRC011', 'addons/jaeger', 'the targetPort is one at which nobody listens', set(service, 'spec.ports[name=http-zipkin].targetPort', 55680)),
    row('TRC013', 'addons/jaeger', 'the port is for gRPC, says appProtocol', set(service, 'spec.ports[name=http-zipkin].appProtocol', 'grpc')),
    row('REF012', 'addons/jaeger', 'the Service selects no pods', set(service, 'spec.selector.app', 'jaeger-all-in-one')),
    row('TRC010', config, 'the tracer is Lightstep, which is gone', drop(operator, tracing('zipkin')), set(operator, tracing('lightstep'), { address: 'ingest.lightstep.com:443', accessToken: 'x' })),
    row('TRC010', config, 'the tracer is OpenCensus, which is gone', drop(operator, tracing('zipkin')), set(operator, tracing('openCensusAgent'), { address: 'oc.istio-system:55678' })),
    row('TRC085', config, 'tracing is switched off', set(operator, 'spec.meshConfig.enableTracing', false)),
    row('TRC084', config, 'a share above 100', set(operator, tracing('sampling'), 500)),
    row('TRC084', config, 'a share of nothing, which counts as unset', set(operator, tracing('sampling'), 0)),
    row('TRC083', config, 'a share of istiod that this one overrides', set(operator, 'spec.values.pilot.traceSampling', 1)),
    row('TRC087', ADDED, 'a Telemetry asks for spans, and takes the address’s place', telemetry('{tracing: [{customTags: {env: {literal: {value: lab}}}}]}')),
    row('TRC006', config, 'a default provider takes the address’s place', set(operator, 'spec.meshConfig.defaultProviders.tracing', ['otel']), set(operator, 'spec.meshConfig.extensionProviders', [{ name: 'otel', opentelemetry: { service: 'jaeger-collector.istio-system.svc.cluster.local', port: 4317 } }])),
    row('TRC005', config, 'the mesh’s default provider for metrics is lost', set(operator, 'spec.meshConfig.defaultProviders.metrics', [])),
    row('TRC053', 'apps/namespace', 'the apps’ namespace is not enrolled', drop(apps, 'metadata.labels.istio-injection')),
    row('TRC054', 'apps/namespace', 'the apps’ namespace is enrolled with a word that Istio does not know', set(apps, 'metadata.labels.istio-injection', 'on')),
    row('TRC050', ADDED, 'a NetworkPolicy lets nothing out of the apps’ namespace', policy('NetworkPolicy', 'bookinfo', '{podSelector: {}, policyTypes: [Egress]}')),
    row('TRC049', ADDED, 'a NetworkPolicy keeps the apps from Jaeger', policy('NetworkPolicy', 'istio-system', '{podSelector: {matchLabels: {app: jaeger}}, ingress: [{from: [{podSelector: {}}]}]}')),
    row('TRC041', config, 'Jaeger is in the mesh under STRICT mTLS, which the bootstrap does not speak', drop('Deployment/istio-system/jaeger', 'spec.template.metadata.labels."istio.io/dataplane-mode"'), set('Deployment/istio-system/jaeger', 'spec.template.metadata.labels."sidecar.istio.io/inject"', 'true'), policy('PeerAuthentication', 'istio-system', '{mtls: {mode: STRICT}}')),
    row('REF011', 'addons/jaeger', 'Jaeger’s account is gone', without('ServiceAccount/istio-system/jaeger')),
    row('REF011', 'addons/jaeger', 'Jaeger’s ConfigMap is gone', without('ConfigMap/istio-system/jaeger')),
    row('REF017', 'apps/bookinfo/productpage', 'an app is told a Service that is not there', set('Deployment/bookinfo/productpage-v1', 'spec.template.spec.containers[0].env', [{ name: 'DETAILS_HOSTNAME', value: 'detail.bookinfo.svc.cluster.local' }])),
    row('REF004', 'addons/gateway/tracing', 'the route of the page has a port of nobody', set('VirtualService/istio-system/tracing', 'spec.http[0].route[0].destination.port.number', 16686)),
  ];
}
