import { ADDED, add, type Breakage, drop, move, push, row, set, without } from '../support/breakage.ts';

const helm = (namespace: string, name: string) => `HelmRelease/${namespace}/${name}`;
const istiod = helm('istio-system', 'istiod');
const base = helm('istio-system', 'istio-base');
const gateway = helm('istio-system', 'istio-ingressgateway');
const kube = helm('monitoring', 'kube-prometheus-stack');
const tempo = helm('monitoring', 'tempo');
const version = 'spec.chart.spec.version';
const wait = (namespace: string) =>
  `{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: ${namespace}, namespace: flux-system}`;

/** The rollout: layers, what they wait for, where they are. */
export function fluxBreakages(stack: string): Breakage[] {
  const layer = (name: string) => `Kustomization/flux-system/${stack}-${name}`;
  const source = `{kind: GitRepository, name: ${stack}}`;
  const depends = (name: string, on: string) => drop(layer(name), `spec.dependsOn[name=${stack}-${on}]`);
  const substitute = (name: string) => set(layer(name), 'spec.postBuild', { substitute: { DOMAIN: 'site.example' } });
  // biome-ignore format: one line each
  return [
    row('FLX001', 'flux/addresses', 'a layer waits for a misspelt one', set(layer('addresses'), 'spec.dependsOn[0].name', `${stack}-metalb`)),
    row('FLX001', 'flux/exposure', 'a layer waits for one without the stack’s name', set(layer('exposure'), `spec.dependsOn[name=${stack}-apps].name`, 'apps')),
    row('FLX001', 'flux/mesh', 'a layer waits for one of another namespace', set(layer('mesh'), 'spec.dependsOn[0].namespace', 'istio-system')),
    row('FLX001', 'flux', 'a layer that another one waits for is gone', without(layer('metallb'))),
    row('FLX003', 'flux', 'two layers wait for each other', push(layer('istio'), 'spec.dependsOn', { name: `${stack}-mesh` })),
    row('FLX003', 'flux', 'three layers wait in a circle', push(layer('cert-manager'), 'spec.dependsOn', { name: `${stack}-exposure` })),
    row('FLX003', 'flux/apps', 'a layer waits for itself', push(layer('apps'), 'spec.dependsOn', { name: `${stack}-apps` })),
    row('FLX002', 'flux/kiali', 'a layer’s source is misspelt', set(layer('kiali'), 'spec.sourceRef.name', `${stack}s`)),
    row('FLX002', 'flux/kiali', 'a layer’s source is of another kind', set(layer('kiali'), 'spec.sourceRef.kind', 'OCIRepository')),
    row('FLX002', 'flux/kiali', 'a layer’s source is of another namespace', set(layer('kiali'), 'spec.sourceRef.namespace', 'istio-system')),
    row('OBJ005', 'flux/kiali', 'a layer’s source is of a kind that Flux has not', set(layer('kiali'), 'spec.sourceRef.kind', 'HelmRepository')),
    row('FLX006', 'flux/addresses', 'a layer’s path is misspelt', set(layer('addresses'), 'spec.path', `./dist/${stack}/adresses`)),
    row('FLX006', 'flux/monitors', 'a layer’s path is of another stack', set(layer('monitors'), 'spec.path', `./dist/${stack}s/monitors`)),
    row('FLX010', ADDED, 'one layer is applied by two', add(`${wait('again')}, spec: {interval: 1h, prune: true, path: ./dist/${stack}/mesh, sourceRef: ${source}, dependsOn: [{name: ${stack}-istio}]}}`)),
    row('FLX005', 'flux/addresses', 'addresses do not wait for MetalLB', depends('addresses', 'metallb')),
    row('FLX005', 'flux/issuers', 'issuers do not wait for cert-manager', depends('issuers', 'cert-manager')),
    row('FLX005', 'flux/otel', 'the collector does not wait for its operator', depends('otel', 'otel-operator')),
    row('FLX005', 'flux/kiali', 'Kiali does not wait for its operator', depends('kiali', 'kiali-operator')),
    row('FLX005', 'flux/monitors', 'monitors do not wait for the Prometheus operator', depends('monitors', 'monitoring')),
    row('FLX005', 'flux/mesh', 'the Telemetry does not wait for Istio', depends('mesh', 'istio')),
    row('FLX004', 'addresses/ip-pool', 'the pool lies in the layer of MetalLB’s chart', move('IPAddressPool/metallb-system/ip-pool', 'metallb')),
    row('FLX004', 'issuers/site', 'the issuer lies in the layer of cert-manager’s chart', move('ClusterIssuer/site', 'cert-manager')),
    row('FLX004', 'kiali/kiali', 'Kiali lies in the layer of its operator', move('Kiali/istio-system/kiali', 'kiali-operator')),
    row('FLX004', 'otel/otel', 'the collector lies in the layer of its operator', move('OpenTelemetryCollector/otel-system/otel', 'otel-operator')),
    row('FLX004', 'mesh/istio', 'the Telemetry lies in the layer of Istio’s charts', move('Telemetry/istio-system/mesh-default', 'istio')),
    row('FLX004', 'monitors/monitors', 'a monitor lies in the layer of its operator', move('PodMonitor/istio-system/envoy-stats-monitor', 'monitoring')),
    row('FLX007', ADDED, 'a dashboard’s variables are for Flux to replace', substitute('monitoring'), add(`{apiVersion: v1, kind: ConfigMap, metadata: {name: more, namespace: monitoring, labels: {grafana_dashboard: '1'}}, data: {more.json: '{"uid": "more", "title": "More", "panels": [{"targets": [{"expr": "rate(istio_requests_total[\${__rate_interval}])"}]}]}'}}`, 'monitoring')),
    row('FLX007', ADDED, 'a variable is not set', substitute('apps'), add(`{apiVersion: v1, kind: ConfigMap, metadata: {name: pages, namespace: apps}, data: {host: 'shop.\${DOMIAN}'}}`, 'apps')),
    row('FLX008', ADDED, 'an IstioOperator file in a layer', add('{apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, metadata: {name: istio, namespace: istio-system}, spec: {profile: default, meshConfig: {extensionProviders: [{name: zipkin, zipkin: {service: otel-collector.otel-system.svc.cluster.local, port: 9411}}]}}}', 'istio')),
    row('FLX009', 'flux/metallb', 'a health check of a release that is not there', drop(layer('metallb'), 'spec.wait'), set(layer('metallb'), 'spec.healthChecks', [{ apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', name: 'metalb', namespace: 'metallb-system' }])),
    row('OBJ003', 'flux/apps', 'a layer without prune', drop(layer('apps'), 'spec.prune')),
    row('OBJ005', 'flux/apps', 'a layer’s interval is a number of seconds', set(layer('apps'), 'spec.interval', '60')),
    row('OBJ002', 'flux/apps', 'a layer’s dependsOn is misspelt', set(layer('apps'), 'spec.dependson', [{ name: `${stack}-mesh` }])),
    row('SEC005', 'flux/source', 'the address of the repository holds a login', set(`GitRepository/flux-system/${stack}`, 'spec.url', 'https://git:hunter2@git.site.example/platform/mesh.git')),
  ];
}

/** The charts: sources, versions, order, values. */
export function chartBreakages(): Breakage[] {
  // biome-ignore format: one line each
  return [
    row('FLX002', 'metallb/metallb', 'a chart’s source is gone', without('HelmRepository/metallb-system/metallb')),
    row('FLX002', 'metallb/metallb', 'a chart’s source is misspelt', set(helm('metallb-system', 'metallb'), 'spec.chart.spec.sourceRef.name', 'metalb')),
    row('FLX002', 'metallb/metallb', 'a chart’s source is of another kind', set(helm('metallb-system', 'metallb'), 'spec.chart.spec.sourceRef.kind', 'GitRepository')),
    row('FLX002', 'tracing/tempo', 'a chart reference of another kind', set(tempo, 'spec.chartRef.kind', 'HelmChart')),
    row('FLX002', 'tracing/tempo', 'a chart reference is misspelt', set(tempo, 'spec.chartRef.name', 'tempos')),
    row('FLX002', 'gateways/istio-ingressgateway', 'the gateway’s source is of its own namespace no more', set(gateway, 'spec.chart.spec.sourceRef.namespace', 'flux-system')),
    row('FLX001', 'istio/istiod', 'istiod waits for a release by its chart’s name', set(istiod, 'spec.dependsOn[0].name', 'base')),
    row('FLX001', 'otel-operator/opentelemetry-operator', 'a release waits for one of another namespace', drop(helm('otel-system', 'opentelemetry-operator'), 'spec.dependsOn[0].namespace')),
    row('FLX003', 'istio', 'two releases wait for each other', set(base, 'spec.dependsOn', [{ name: 'istiod' }])),
    row('HLM003', 'istio/istio-base', 'base is of an older Istio than istiod', set(base, version, '1.29.2')),
    row('HLM003', 'gateways/istio-ingressgateway', 'the gateway is of a newer Istio than istiod', set(gateway, version, '1.31.0')),
    row('HLM006', 'metallb/metallb', 'a chart without a version', drop(helm('metallb-system', 'metallb'), version)),
    row('HLM006', 'kiali-operator/kiali-operator', 'a chart of any version', set(helm('kiali-operator', 'kiali-operator'), version, '*')),
    row('HLM009', 'cert-manager/cert-manager', 'cert-manager without its CRDs', set(helm('cert-manager', 'cert-manager'), 'spec.values.crds.enabled', false)),
    row('HLM001', 'cert-manager/cert-manager', 'a value of cert-manager is misspelt', set(helm('cert-manager', 'cert-manager'), 'spec.values.crd', { enabled: true })),
    row('HLM001', 'istio/istiod', 'a value of istiod is misspelt', set(istiod, 'spec.values.meshconfig', { accessLogFile: '/dev/stdout' })),
    row('HLM001', 'istio/istiod', 'a global value of istiod is misspelt', set(istiod, 'spec.values.global.imagePullSecret', ['harbor'])),
    row('HLM001', 'gateways/istio-ingressgateway', 'a value of the gateway is misspelt', set(gateway, 'spec.values.replicacount', 2)),
    row('HLM001', 'tracing/tempo', 'a value of Tempo is misspelt', set(tempo, 'spec.values.persistance', { enabled: true })),
    row('HLM001', 'monitoring/kube-prometheus-stack', 'a value of the stack is misspelt', set(kube, 'spec.values.alertManager', { enabled: false })),
    row('HLM002', 'metallb/metallb', 'MetalLB is configured as it was of old', set(helm('metallb-system', 'metallb'), 'spec.values.configInline', { 'address-pools': [] })),
    row('HLM007', 'monitoring/kube-prometheus-stack', 'the Secret of Grafana’s admin is misspelt', set(kube, 'spec.values.grafana.admin.existingSecret', 'grafana-admins')),
    row('OBJ003', 'tracing/tempo', 'a release without an interval', drop(tempo, 'spec.interval')),
  ];
}
