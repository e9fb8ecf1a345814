export { EgressGateway, type EgressGatewayProps } from './outside/egress-gateway.ts';
export {
  type AddressesFrom,
  type ExternalAddress,
  type ExternalPort,
  ExternalService,
  type ExternalServiceProps,
} from './outside/external-service.ts';
export { VirtualMachines, type VirtualMachinesProps, type VmAddress, type VmProbe } from './outside/virtual-machines.ts';
export type { Balancing, HashKey, Locality, PodChoice } from './policy/balancing.ts';
export type { ConnectionLimits, OutlierEjection } from './policy/resilience.ts';
export type { ClientTls, ServerName, ServerTls } from './policy/tls.ts';
export { type PortedSettings, TrafficPolicy, type TrafficPolicyProps, type TrafficSettings } from './policy/traffic-policy.ts';
export { TrafficExtension, type TrafficExtensionProps, WasmExtension, type WasmExtensionProps } from './proxies/extension.ts';
export type { WasmModule, WasmSource } from './proxies/extension-module.ts';
export type { ExtensionOrder, ExtensionTarget, ExtensionTraffic } from './proxies/extension-target.ts';
export { type PathRate, type Rate, RateLimit, type RateLimitProps } from './proxies/rate-limit.ts';
export { type ScopedMesh, SidecarScope, type SidecarScopeProps } from './proxies/sidecar-scope.ts';
export { type Canary, canary } from './routes/canary.ts';
export { type GrpcMatch, GrpcRoutes, type GrpcRoutesProps, type GrpcRule } from './routes/grpc-routes.ts';
export type { HttpMatch, HttpMethod, HttpPath, TextMatch } from './routes/http-match.ts';
export { HttpRoutes, type HttpRoutesProps } from './routes/http-routes.ts';
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
} from './routes/http-rule.ts';
export type { ConnectionsAt, RoutesOf } from './routes/place.ts';
export type { RouteApi } from './routes/route-api.ts';
export { type Split, type SplitLeg, split } from './routes/split.ts';
export { TcpRoutes, type TcpRoutesProps } from './routes/tcp-routes.ts';
export { TlsRoutes, type TlsRoutesProps, type TlsRule } from './routes/tls-routes.ts';
