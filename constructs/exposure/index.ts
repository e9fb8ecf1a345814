export { GatewayApiGateway, type GatewayApiGatewayProps } from './gateway-api.ts';
export { IstioIngress, type IstioIngressProps } from './ingress.ts';
export { IstioGateway, type IstioGatewayProps } from './istio-gateway.ts';
export type { OpenOptions, OpenTcpOptions, OpenTlsOptions, PublishOptions } from './pages.ts';
