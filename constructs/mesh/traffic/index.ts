export { type Canary, canary } from './canary.ts';
export { EgressGateway, type EgressGatewayProps } from './egress-gateway.ts';
export { TrafficExtension, type TrafficExtensionProps, WasmExtension, type WasmExtensionProps } from './extension.ts';
export type { WasmModule, WasmSource } from './extension-module.ts';
export type { ExtensionOrder, ExtensionTarget, ExtensionTraffic } from './extension-target.ts';
export {
  type AddressesFrom,
  type ExternalAddress,
  type ExternalPort,
  ExternalService,
  type ExternalServiceProps,
} from './external-service.ts';
export { type GrpcMatch, GrpcRoutes, type GrpcRoutesProps, type GrpcRule } from './grpc-routes.ts';
export type { HttpMatch, HttpMethod, HttpPath, TextMatch } from './http-match.ts';
export { HttpRoutes, type HttpRoutesProps } from './http-routes.ts';
export type {
  Cors,
  CorsOrigin,
  Fault,
  ForwardRule,
  GrpcStatus,
  HeaderChanges,
  HttpRule,
  Mirror,
  Redirect,
  RedirectRule,
  Respond,
  RespondRule,
  Retries,
  RetryOn,
  Rewrite,
} from './http-rule.ts';
export type { ConnectionsAt, RoutesOf } from './place.ts';
export { type PathRate, type Rate, RateLimit, type RateLimitProps } from './rate-limit.ts';
export type { RouteApi } from './route-api.ts';
export { type ScopedMesh, SidecarScope, type SidecarScopeProps } from './sidecar-scope.ts';
export { type Split, type SplitLeg, split } from './split.ts';
export { TcpRoutes, type TcpRoutesProps } from './tcp-routes.ts';
export { TlsRoutes, type TlsRoutesProps, type TlsRule } from './tls-routes.ts';
export { type PortedSettings, TrafficPolicy, type TrafficPolicyProps, type TrafficSettings } from './traffic-policy.ts';
export type { Balancing, HashKey, Locality, PodChoice } from './traffic-policy-balancing.ts';
export type { ConnectionLimits, OutlierEjection } from './traffic-policy-resilience.ts';
export type { ClientTls, ServerName, ServerTls } from './traffic-policy-tls.ts';
export { VirtualMachines, type VirtualMachinesProps, type VmAddress, type VmProbe } from './virtual-machines.ts';
