import { Endpoint, type IngressPods } from '../../kit/index.ts';

/** Labels and Service as the gateway charts of istioctl name them (Istio 1.30, manifests/charts/gateways). */
export function gatewayPods(way: 'ingress' | 'egress', namespace: string): IngressPods {
  return {
    selector: { istio: `${way}gateway` },
    namespace,
    service: Endpoint.external({ protocol: 'http', host: `istio-${way}gateway.${namespace}.svc.cluster.local`, port: 80 }),
    // As Istio 1.30's gateway charts name it (charts/gateways, serviceaccount.yaml).
    identity: { namespace, serviceAccount: `istio-${way}gateway-service-account` },
  };
}
