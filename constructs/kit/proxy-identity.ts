/**
 * Which pod's proxy wrote a log record, by the attributes of OpenTelemetry's resource: what a mesh's access log carries, and what a
 * collector moves to the resource, where Loki looks for its index labels. The variables are those of injected sidecars, gateways and
 * waypoints alike (Istio 1.30, injection templates).
 *
 * The records themselves come without any: Istio switches Envoy's resource labels off (Istio 1.30, envoyOtelAls).
 *
 * @internal
 */
export const proxyIdentity = {
  'service.name': '%ENVIRONMENT(ISTIO_META_WORKLOAD_NAME)%',
  'k8s.namespace.name': '%ENVIRONMENT(POD_NAMESPACE)%',
  'k8s.pod.name': '%ENVIRONMENT(POD_NAME)%',
} as const;
