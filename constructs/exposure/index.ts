export { IstioGateway, type IstioGatewayProps, type PublishOptions } from './istio-gateway.ts';
