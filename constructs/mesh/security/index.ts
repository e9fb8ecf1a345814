export {
  Authorization,
  type AuthorizationAction,
  type AuthorizationProps,
  type AuthorizationRule,
} from './authorization.ts';
export type { Condition, ConditionKey, Operation, ValuesByName } from './conditions.ts';
export {
  type AllowedEntrance,
  type AllowedScrape,
  type AllowedSpans,
  DefaultDeny,
  type DefaultDenyProps,
} from './default-deny.ts';
export { JwtAuthentication, type JwtAuthenticationProps, type JwtIssuer } from './jwt-authentication.ts';
export { MutualTls, type MutualTlsMode, type MutualTlsProps } from './mutual-tls.ts';
export type { AddressSource, NamespaceSource, Source, Sources, TokenSource } from './sources.ts';
export type { PodPort, PolicyTarget, ServiceTarget } from './target.ts';
