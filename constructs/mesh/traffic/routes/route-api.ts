/** Whose objects say the routes: Istio's VirtualService, or the Gateway API's HTTPRoute and GRPCRoute. */
export type RouteApi = 'istio' | 'gateway-api';

/** What only a VirtualService can say: nothing fits here in a route of the Gateway API. */
export type IstioOnly<A extends RouteApi, T> = [A] extends ['gateway-api'] ? never : T;

/** What only the Gateway API can say. */
export type GatewayApiOnly<A extends RouteApi, T> = [A] extends ['gateway-api'] ? T : never;
