import { ADDED, add, type Breakage, drop, type Edit, row, set, without } from '../support/breakage.ts';
import type { Part, Stack } from './stacks.ts';

const operator = 'IstioOperator/istio-system/mesh-default';
const config = 'mesh/istio/istio-operator';
const apps = 'Namespace/bookinfo';

/** An object more. */
function object(kind: string, namespace: string, spec: string): Edit {
  return add(`apiVersion: ${API[kind]}\nkind: ${kind}\nmetadata: {name: ours, namespace: ${namespace}}\nspec: ${spec}`);
}

const API: Readonly<Record<string, string>> = {
  AuthorizationPolicy: 'security.istio.io/v1',
  DestinationRule: 'networking.istio.io/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  PeerAuthentication: 'security.istio.io/v1',
  ServiceEntry: 'networking.istio.io/v1',
  Sidecar: 'networking.istio.io/v1',
};

/** Gives the pods of a program a sidecar. */
function enrolled({ namespace, app }: Part): Edit[] {
  const labels = `spec.template.metadata.labels`;
  const deployment = `Deployment/${namespace}/${app}`;
  // biome-ignore format: one line each
  return [
    set(`Namespace/${namespace}`, 'metadata.labels.istio-injection', 'enabled'),
    drop(deployment, `${labels}."istio.io/dataplane-mode"`),
    set(deployment, `${labels}."sidecar.istio.io/inject"`, 'true'),
  ];
}

/** What lies between the proxies and their sink: scopes, policies, mutual TLS, who is in the mesh at all. Holds for every sink. */
export function meshReach({ sink, provider: { type } }: Stack): Breakage[] {
  const { name, namespace } = sink;
  const host = `${name}.${namespace}.svc.cluster.local`;
  const outside = set(operator, `spec.meshConfig.extensionProviders[0].${type}.service`, 'otlp.vendor.example.com');
  const entry = (rest: string) =>
    object('ServiceEntry', 'istio-system', `{hosts: [otlp.vendor.example.com], location: MESH_EXTERNAL, ${rest}}`);
  // biome-ignore format: one line each
  return [
    row('TRC040', ADDED, 'a DestinationRule asks for mutual TLS with a sink that has no sidecar', object('DestinationRule', 'istio-system', `{host: ${host}, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}`)),
    row('TRC040', ADDED, 'a DestinationRule for the whole mesh asks for mutual TLS', object('DestinationRule', 'istio-system', '{host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}')),
    row('TRC040', ADDED, 'a DestinationRule of the senders asks for mutual TLS at the port', object('DestinationRule', 'bookinfo', `{host: ${host}, trafficPolicy: {portLevelSettings: [{port: {number: ${sink.port}}, tls: {mode: ISTIO_MUTUAL}}]}}`)),
    row('TRC043', ADDED, 'a Sidecar of the apps knows its own namespace alone', object('Sidecar', 'bookinfo', '{egress: [{hosts: ["./*"]}]}')),
    row('TRC043', ADDED, 'a Sidecar for the whole mesh knows each namespace alone', object('Sidecar', 'istio-system', '{egress: [{hosts: ["./*"]}]}')),
    row('TRC043', ADDED, 'a Sidecar of one app knows another Service of the sink’s namespace', object('Sidecar', 'bookinfo', `{workloadSelector: {labels: {app: reviews}}, egress: [{hosts: ["./*", ${namespace}/grafana.${namespace}.svc.cluster.local]}]}`)),
    row('TRC044', config, 'Services are exported to their own namespace by default', set(operator, 'spec.meshConfig.defaultServiceExportTo', ['.'])),
    row('TRC047', config, 'discoverySelectors take in the apps’ namespace alone', set(operator, 'spec.meshConfig.discoverySelectors', [{ matchLabels: { 'istio-injection': 'enabled' } }])),
    row('TRC047', config, 'discoverySelectors want a label that the sink’s namespace lacks', set(operator, 'spec.meshConfig.discoverySelectors', [{ matchLabels: { mesh: 'on' } }]), set(apps, 'metadata.labels.mesh', 'on')),
    row('TRC045', config, 'a vendor’s host with a ServiceEntry for another port', outside, entry('ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS')),
    row('TRC052', config, 'a vendor’s host whose ServiceEntry has no resolution', outside, entry(`ports: [{number: ${sink.port}, name: grpc, protocol: GRPC}]`)),
    row('TRC044', ADDED, 'a vendor’s host whose ServiceEntry is for its own namespace', outside, entry(`ports: [{number: ${sink.port}, name: grpc, protocol: GRPC}], resolution: DNS, exportTo: ["."]`)),
    row('TRC050', ADDED, 'a NetworkPolicy lets nothing out of the apps’ namespace but DNS', object('NetworkPolicy', 'bookinfo', '{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}')),
    row('TRC050', ADDED, 'a NetworkPolicy lets the apps reach each other alone', object('NetworkPolicy', 'bookinfo', '{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}')),
    row('TRC050', ADDED, 'a NetworkPolicy lets the apps out to a port of old', object('NetworkPolicy', 'bookinfo', '{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 55680}]}]}')),
    row('TRC053', 'apps/namespace', 'the apps’ namespace is not enrolled', drop(apps, 'metadata.labels.istio-injection')),
    row('TRC054', 'apps/namespace', 'the apps’ namespace is enrolled with a word that Istio does not know', set(apps, 'metadata.labels.istio-injection', 'true')),
    row('TRC054', 'apps/namespace', 'the apps’ namespace has a revision and the label that wins over it', set(apps, 'metadata.labels."istio.io/rev"', 'canary')),
    row('TRC054', 'apps/namespace', 'the apps’ namespace has the label of pods', drop(apps, 'metadata.labels.istio-injection'), set(apps, 'metadata.labels."sidecar.istio.io/inject"', 'true')),
    row('TRC051', 'apps/namespace', 'the apps are ambient and have no waypoint', drop(apps, 'metadata.labels.istio-injection'), set(apps, 'metadata.labels."istio.io/dataplane-mode"', 'ambient')),
  ];
}

/** The sink’s own Service and pods, where the stack states them. */
export function sinkReach({ sink, home, layer, source }: Stack): Breakage[] {
  const { name, namespace, app, portName, port, at } = sink;
  const service = `Service/${namespace}/${name}`;
  const deployment = `Deployment/${namespace}/${app}`;
  const place = `spec.ports[name=${portName}]`;
  const policy = (spec: string) => object('NetworkPolicy', namespace, `{podSelector: {matchLabels: {app: ${app}}}, ${spec}}`);
  const authorization = (spec: string) => [
    ...enrolled(sink),
    object('AuthorizationPolicy', namespace, `{selector: {matchLabels: {app: ${app}}}, ${spec}}`),
  ];
  const strict = object(
    'PeerAuthentication',
    namespace,
    `{selector: {matchLabels: {app: ${app}}}, mtls: {mode: PERMISSIVE}, portLevelMtls: {"${port}": {mode: STRICT}}}`,
  );
  const grpc = portName.startsWith('grpc');
  // Zipkin has one port for all: of several who miss it the first is named, with the others.
  const asked = source?.type === 'zipkin';
  const told = (code: string, where: string): [string, string] => [code, where];
  const reader = told('REF008', `${layer}/grafana/config`);
  // biome-ignore format: one line each
  return [
    row(...(asked ? reader : told('TRC002', config)), 'the sink’s Service is gone', without(service)),
    row(...(asked ? reader : told('TRC003', config)), 'the Service has the port under another number', set(service, `${place}.port`, 4999)),
    row('TRC011', at, 'the targetPort is one at which nobody listens', set(service, `${place}.targetPort`, 55680)),
    row('TRC011', at, 'the targetPort is a name that no container has', set(service, `${place}.targetPort`, 'spans')),
    ...(grpc
      ? [
          row('TRC013', at, 'the port is for HTTP, says appProtocol', set(service, `${place}.appProtocol`, 'http')),
          row('TRC013', at, 'the port is for TCP, says appProtocol', set(service, `${place}.appProtocol`, 'tcp')),
          row('TRC013', at, 'the port says nothing of gRPC', drop(service, `${place}.appProtocol`), set(service, `${place}.name`, 'otlp')),
          row('TRC013', at, 'the port’s name has grpc behind the dash', drop(service, `${place}.appProtocol`), set(service, `${place}.name`, 'otlp-grpc')),
        ]
      : [
          row('TRC013', at, 'the port is for gRPC, says appProtocol', set(service, `${place}.appProtocol`, 'grpc')),
          row('TRC013', at, 'the port is for gRPC, says its name', drop(service, `${place}.appProtocol`), set(service, `${place}.name`, 'grpc-zipkin')),
        ]),
    row('REF012', at, 'the Service selects no pods', set(service, 'spec.selector.app', `${app}-v2`)),
    row('TRC052', config, 'the Service is headless', set(service, 'spec.clusterIP', 'None')),
    row('TRC052', config, 'the Service is an alias of a host outside', set(service, 'spec.type', 'ExternalName'), set(service, 'spec.externalName', 'otlp.vendor.example.com'), drop(service, 'spec.selector')),
    row('TRC044', at, 'the Service is exported to its own namespace alone', set(service, 'metadata.annotations."networking.istio.io/exportTo"', '.')),
    row('TRC044', at, 'the Service is exported to nobody', set(service, 'metadata.annotations."networking.istio.io/exportTo"', '~')),
    row('OBJ010', at, 'the Deployment does not select its own pods', set(deployment, 'spec.selector.matchLabels.app', `${app}-v2`)),
    row(...(asked ? told('TRC041', reader[1]) : told('TRC042', at)), 'the sink is in the mesh under STRICT mTLS', ...enrolled(sink), strict),
    row('TRC041', ADDED, 'STRICT pods are called without mutual TLS', ...enrolled(sink), strict, ...(asked ? enrolled({ ...sink, app: 'grafana' }) : []), object('DestinationRule', 'istio-system', `{host: ${name}.${namespace}.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}`)),
    row('TRC048', ADDED, 'an AuthorizationPolicy allows nobody', ...authorization('action: ALLOW')),
    row('TRC048', ADDED, 'an AuthorizationPolicy allows the sink’s namespace alone', ...authorization(`rules: [{from: [{source: {namespaces: [${home}]}}]}]`)),
    row('TRC048', ADDED, 'an AuthorizationPolicy denies the apps', ...authorization('action: DENY, rules: [{from: [{source: {namespaces: [bookinfo]}}]}]')),
    row('TRC049', ADDED, 'a NetworkPolicy admits nobody', policy('policyTypes: [Ingress]')),
    row('TRC049', ADDED, 'a NetworkPolicy admits the sink’s namespace alone', policy('ingress: [{from: [{podSelector: {}}]}]')),
    row('TRC049', ADDED, 'a NetworkPolicy admits the apps at a port of old', policy('ingress: [{ports: [{port: 55680}]}]')),
    row('TRC049', ADDED, 'a NetworkPolicy admits a namespace that is none', policy('ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: book-info}}}]}]')),
  ];
}
