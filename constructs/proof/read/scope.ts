// Kinds that live outside namespaces, of Kubernetes 1.33 and of the CRDs that this library knows (`spec.scope: Cluster`).
const CLUSTER_SCOPED: ReadonlyMap<string, readonly string[]> = new Map([
  ['', ['Namespace', 'Node', 'PersistentVolume', 'ComponentStatus']],
  ['admissionregistration.k8s.io', ['*']],
  ['apiextensions.k8s.io', ['*']],
  ['apiregistration.k8s.io', ['*']],
  ['certificates.k8s.io', ['CertificateSigningRequest', 'ClusterTrustBundle']],
  ['rbac.authorization.k8s.io', ['ClusterRole', 'ClusterRoleBinding']],
  ['storage.k8s.io', ['StorageClass', 'VolumeAttachment', 'CSIDriver', 'CSINode', 'VolumeAttributesClass']],
  ['scheduling.k8s.io', ['PriorityClass']],
  ['networking.k8s.io', ['IngressClass', 'IPAddress', 'ServiceCIDR']],
  ['node.k8s.io', ['RuntimeClass']],
  ['flowcontrol.apiserver.k8s.io', ['*']],
  ['gateway.networking.k8s.io', ['GatewayClass']],
  ['cert-manager.io', ['ClusterIssuer']],
  ['sailoperator.io', ['*']],
]);

/**
 * Whether objects of a kind live in a namespace. Of a group nobody here knows, only kinds named `Cluster` and what there is for all of it
 * (`ClusterSecretStore`) are taken for cluster-scoped; a `Cluster` is a database (CloudNativePG) or, as all of Cluster API, a machine's.
 */
export function isNamespaced(group: string, kind: string): boolean {
  const kinds = CLUSTER_SCOPED.get(group);
  if (kinds) return !kinds.includes('*') && !kinds.includes(kind);
  return !isForeignGroup(group) || !/^Cluster[A-Z]/.test(kind) || group.endsWith('cluster.x-k8s.io');
}

const KNOWN_GROUPS = new Set([
  ...CLUSTER_SCOPED.keys(),
  ...['apps', 'autoscaling', 'batch', 'policy', 'coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io'],
  ...['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io', 'install.istio.io'],
  ...['opentelemetry.io', 'kiali.io', 'monitoring.coreos.com', 'metallb.io', 'acme.cert-manager.io', 'grafana.integreatly.org'],
  ...['source.toolkit.fluxcd.io', 'kustomize.toolkit.fluxcd.io', 'helm.toolkit.fluxcd.io', 'notification.toolkit.fluxcd.io'],
]);

/** Whether nothing is known here about an API group. */
export function isForeignGroup(group: string): boolean {
  return !KNOWN_GROUPS.has(group);
}
