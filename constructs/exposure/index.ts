export { CertManager, type CertManagerProps } from './certificates/cert-manager.ts';
export {
  CertificateIssuer,
  type CertificateIssuerProps,
  type ExistingIssuer,
  existingIssuer,
} from './certificates/certificate-issuer.ts';
export type { AcmeIssuer, Http01Solver, IssuedBy } from './certificates/issued-by.ts';
export type { IssuerReference, TlsOptions } from './certificates/tls.ts';
export { GatewayApiGateway, type GatewayApiGatewayProps } from './gateway-api.ts';
export { IstioIngress, type IstioIngressProps } from './ingress.ts';
export * from './ingress-controllers/index.ts';
export { IstioGateway, type IstioGatewayProps } from './istio-gateway.ts';
export { LoadBalancerExposure, type LoadBalancerOptions } from './load-balancer.ts';
export * from './metallb/index.ts';
export { NodePortExposure, type NodePortExposureProps, type NodePortOptions } from './node-port.ts';
export type { OpenOptions, OpenTcpOptions, OpenTlsOptions, PublishOptions } from './pages.ts';
