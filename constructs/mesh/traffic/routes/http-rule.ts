import type { Destination, DestinationVersion } from '../../../kit/destination.ts';
import type { HttpMatch, HttpMethod, TextMatch } from './http-match.ts';
import type { GatewayApiOnly, IstioOnly, RouteApi } from './route-api.ts';
import type { Split } from './split.ts';

/** What Envoy calls `x-envoy-retry-on` and `x-envoy-retry-grpc-on` (Istio 1.30, VirtualService `retryOn`); a number is a status. */
export type RetryOn =
  | '5xx'
  | 'gateway-error'
  | 'reset'
  | 'reset-before-request'
  | 'connect-failure'
  | 'retriable-4xx'
  | 'refused-stream'
  | 'retriable-status-codes'
  | 'retriable-headers'
  | 'envoy-ratelimited'
  | 'http3-post-connect-failure'
  | 'cancelled'
  | 'deadline-exceeded'
  | 'internal'
  | 'resource-exhausted'
  | 'unavailable'
  | number;

/** How often a failed request is sent again. */
export interface Retries {
  /** Tries after the first; at least 1. */
  readonly attempts: number;
  /** How long each try may take. @default the rule's timeout */
  readonly perTryTimeoutSeconds?: number;
  /** @default Istio's: connect-failure, refused-stream, unavailable, cancelled, retriable-status-codes (503) */
  readonly on?: readonly [RetryOn, ...RetryOn[]];
}

/** The names of gRPC's status codes. */
export type GrpcStatus =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS';

/** Faults put into the caller's proxy, to see how an app takes them. At least one of the two. */
export interface Fault {
  /** Holds requests back. */
  readonly delay?: { readonly seconds: number /** Of requests, 0.0001 to 100. @default 100 */; readonly percent?: number };
  /** Answers instead of the destination: with a status from 200 to 599, or one of gRPC. */
  readonly abort?: {
    /** Of requests, 0.0001 to 100. @default 100 */
    readonly percent?: number;
  } & ({ readonly status: number; readonly grpcStatus?: never } | { readonly grpcStatus: GrpcStatus; readonly status?: never });
}

/** Sends a copy of requests elsewhere and drops the answers. The copy's host is that of the request (before Istio 1.28 with '-shadow' added). */
export interface Mirror {
  readonly to: Destination | DestinationVersion;
  /** Of requests, above 0 to 100. @default 100 */
  readonly percent?: number;
}

/** Changes the request before it is sent on. At least one. */
export type Rewrite = {
  /** The host that the destination is asked for. */
  readonly host?: string;
} & (
  | { /** Replaces the whole path. */ readonly path?: string; readonly prefix?: never }
  | {
      /** Replaces what `when.path` names by `under` or `prefix`, and keeps the rest. */
      readonly prefix: string;
      readonly path?: never;
    }
);

/** Changes to headers; names in any case. */
export interface HeaderChanges {
  /** Replaces the values. */
  readonly set?: Readonly<Record<string, string>>;
  /** Adds a value to those that are there. */
  readonly add?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

/** What pages of other origins may ask for (CORS). */
export interface Cors<A extends RouteApi = 'istio'> {
  readonly allowOrigins: readonly [CorsOrigin<A>, ...CorsOrigin<A>[]];
  readonly allowMethods?: readonly HttpMethod[];
  readonly allowHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  /** How long a browser may keep the answer; whole seconds. @default 5, by the browser */
  readonly maxAgeSeconds?: number;
  /** @default false */
  readonly allowCredentials?: boolean;
}

/** An origin with its scheme, 'https://shop.mesh.test'; the Gateway API takes whole ones only. */
export type CorsOrigin<A extends RouteApi = 'istio'> = [A] extends ['gateway-api'] ? string : TextMatch<'istio'>;

/** Where a client is sent instead. At least one of host, path, prefix, scheme and port. */
export interface Redirect<A extends RouteApi = 'istio'> {
  /** @default that of the request */
  readonly host?: string;
  /** Replaces the whole path. @default that of the request */
  readonly path?: string;
  /** Replaces what `when.path` names by `under`, and keeps the rest. Only in the Gateway API: VirtualServices can from Istio 1.31 on. */
  readonly prefix?: GatewayApiOnly<A, string>;
  readonly scheme?: 'http' | 'https';
  /** @default that of the request; with `scheme`, the scheme's own */
  readonly port?: number;
  /** @default 301 */
  readonly code?: 301 | 302 | 303 | 307 | 308;
}

/** An answer that the proxy gives itself. */
export interface Respond {
  /** 200 to 599. */
  readonly status: number;
  /** At most 1 MB. @default none */
  readonly body?: string;
}

/** What every rule has. */
export interface RuleHead<A extends RouteApi = 'istio'> {
  /** Unique among the rules; shown by `explain` and in Envoy's route. Lower-case letters, digits, '-' and '.'. @default none */
  readonly name?: string;
  /** The requests it is for: one match, or any of several. @default all; only the last rule can leave it out */
  readonly when?: HttpMatch<A> | readonly [HttpMatch<A>, ...HttpMatch<A>[]];
  /** Changes to the headers of the request and of the answer. */
  readonly headers?: { readonly request?: HeaderChanges; readonly response?: HeaderChanges };
}

/** Sends requests on. */
export interface ForwardRule<A extends RouteApi = 'istio'> extends RuleHead<A> {
  readonly to: Destination | DestinationVersion | Split;
  /** The port of `to`, by name or number. @default its only one, or the one that has the routed port's number or name */
  readonly port?: string | number;
  /** How long the answer may take, all tries together; whole milliseconds, 0.001 to 99999. @default no limit */
  readonly timeoutSeconds?: number;
  /** Not in the Gateway API's standard channel. @default Istio's two retries; 'none' for none */
  readonly retries?: IstioOnly<A, Retries | 'none'>;
  /** Not in the Gateway API. */
  readonly fault?: IstioOnly<A, Fault>;
  readonly mirror?: Mirror;
  readonly rewrite?: Rewrite;
  readonly cors?: Cors<A>;
  readonly redirect?: never;
  readonly respond?: never;
}

/** Sends clients elsewhere. */
export interface RedirectRule<A extends RouteApi = 'istio'> extends RuleHead<A> {
  readonly redirect: Redirect<A>;
  readonly to?: never;
  readonly respond?: never;
}

/** Answers by itself. Not in the Gateway API. */
export interface RespondRule<A extends RouteApi = 'istio'> extends RuleHead<A> {
  readonly respond: Respond;
  readonly to?: never;
  readonly redirect?: never;
}

/** What happens to which requests. The first rule that matches decides. */
export type HttpRule<A extends RouteApi = 'istio'> = ForwardRule<A> | RedirectRule<A> | IstioOnly<A, RespondRule<A>>;

/** @internal */
export type AnyForwardRule = ForwardRule<'istio'> | ForwardRule<'gateway-api'>;

/** A rule of either API, as the renderers read it. @internal */
export type AnyHttpRule = HttpRule<'istio'> | HttpRule<'gateway-api'>;
