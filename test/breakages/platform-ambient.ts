import { add, type Breakage, drop, row, set, without } from '../support/breakage.ts';

const namespace = 'Namespace/apps';
const labels = (name: string) => `metadata.labels."${name}"`;
const waypoint = 'Gateway/apps/waypoint';
const helm = (name: string) => `HelmRelease/istio-system/${name}`;
const ztunnel = helm('ztunnel');
const cni = helm('istio-cni');
const version = 'spec.chart.spec.version';

/** What only the ambient platform can get wrong. */
export function ambientBreakages(): Breakage[] {
  // biome-ignore format: one line each
  return [
    row('TRC051', 'apps/namespace', 'the namespace’s waypoint is misspelt', set(namespace, labels('istio.io/use-waypoint'), 'waypiont')),
    row('TRC051', 'apps/namespace', 'the namespace uses no waypoint', drop(namespace, labels('istio.io/use-waypoint'))),
    row('TRC051', 'apps', 'the waypoint is gone', without(waypoint)),
    row('TRC051', 'apps', 'the waypoint is for workloads alone', set(waypoint, labels('istio.io/waypoint-for'), 'workload')),
    row('TRC051', 'apps', 'the waypoint is for nobody', set(waypoint, labels('istio.io/waypoint-for'), 'none')),
    row('TRC051', 'apps', 'the waypoint stands in another namespace', set(waypoint, 'metadata.namespace', 'istio-system')),
    row('TRC054', 'apps/namespace', 'the dataplane mode is misspelt', set(namespace, labels('istio.io/dataplane-mode'), 'ambeint')),
    row('TRC054', 'apps/namespace', 'the dataplane mode is that of the sidecar', set(namespace, labels('istio.io/dataplane-mode'), 'sidecar')),
    row('TRC054', 'apps/namespace', 'the injection label stands beside', set(namespace, labels('istio-injection'), 'enabled')),
    row('TRC054', 'apps/namespace', 'a revision’s label stands beside', set(namespace, labels('istio.io/rev'), 'stable')),
    row('TRC053', 'apps/namespace', 'the namespace is in no mesh', drop(namespace, labels('istio.io/dataplane-mode')), drop(namespace, labels('istio.io/use-waypoint'))),
    row('TRC051', 'apps', 'the waypoint’s class is that of a gateway', set(waypoint, 'spec.gatewayClassName', 'istio'), set(waypoint, 'metadata.annotations."networking.istio.io/service-type"', 'ClusterIP')),
    row('TRC051', 'apps', 'the waypoint’s class is misspelt', set(waypoint, 'spec.gatewayClassName', 'istio-waypiont')),
    row('OBJ003', 'apps/waypoint', 'the waypoint has no class', drop(waypoint, 'spec.gatewayClassName')),
    row('OBJ003', 'apps/waypoint', 'the waypoint has no listeners', drop(waypoint, 'spec.listeners')),
    row('HLM003', 'istio/ztunnel', 'ztunnel is of an older Istio', set(ztunnel, version, '1.29.2')),
    row('HLM003', 'istio/istio-cni', 'the node agent is of an older Istio', set(cni, version, '1.29.2')),
    row('HLM006', 'istio/ztunnel', 'ztunnel has no version', drop(ztunnel, version)),
    row('HLM001', 'istio/ztunnel', 'a value of ztunnel is misspelt', set(ztunnel, 'spec.values.imagePullSecret', ['harbor'])),
    row('HLM001', 'istio/istio-cni', 'a value of the node agent is misspelt', set(cni, 'spec.values.abmient', { dnsCapture: true })),
    row('FLX001', 'istio/ztunnel', 'ztunnel waits for a release that is not there', set(ztunnel, 'spec.dependsOn[0].name', 'istio-cnis')),
    row('FLX003', 'istio', 'the node agent waits for ztunnel', set(cni, 'spec.dependsOn', [{ name: 'ztunnel' }])),
    row('FLX002', 'istio/ztunnel', 'ztunnel’s source is misspelt', set(ztunnel, 'spec.chart.spec.sourceRef.name', 'istios')),
    row('HLM008', 'istio', 'ztunnel is gone', without(ztunnel)),
    row('HLM008', 'istio', 'the node agent is gone', without(cni), drop(ztunnel, 'spec.dependsOn')),
    row('HLM008', 'istio/istiod', 'istiod has lost the profile', drop(helm('istiod'), 'spec.values.profile')),
    row('HLM008', 'istio/istio-cni', 'the node agent has lost the profile', drop(cni, 'spec.values.profile')),
    row('EXP022', 'exposure/ingress/hotrod', 'the ingress is outside the mesh, and an app takes mutual TLS alone', add('{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: hotrod, namespace: apps}, spec: {selector: {matchLabels: {app: hotrod}}, mtls: {mode: STRICT}}}')),
  ];
}
