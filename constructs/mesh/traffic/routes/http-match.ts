import type { PodSet } from '../../../kit/destination.ts';
import type { IstioOnly, RouteApi } from './route-api.ts';

/** The methods that both Istio and the Gateway API know. */
export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'CONNECT' | 'OPTIONS' | 'TRACE' | 'PATCH';

/**
 * How the value of a header or query parameter must look. You can pass one of:
 * - `'jason'` or `{ exact: 'jason' }`: this text, upper and lower case told apart;
 * - `{ prefix: 'ja' }`: a text that begins so (not in the Gateway API);
 * - `{ regex: 'j.*n' }`: a text that the expression matches as a whole (RE2); `'.*'` for any value.
 */
export type TextMatch<A extends RouteApi = 'istio'> =
  | string
  | { readonly exact: string }
  | IstioOnly<A, { readonly prefix: string }>
  | { readonly regex: string };

/**
 * How the path must look, without the query. You can pass one of:
 * - `{ exact: '/login' }`;
 * - `{ under: '/static' }`: the path itself and all below it, '/static/logo.png' but not '/statics';
 * - `{ prefix: '/static' }`: all paths that begin with these characters, '/statics' too. Not in the Gateway API, whose "PathPrefix" is
 *   what `under` says here;
 * - `{ regex: '/v[12]/.*' }`: the whole path must match (RE2).
 */
export type HttpPath<A extends RouteApi = 'istio'> =
  | { readonly exact: string }
  | { readonly under: string }
  | IstioOnly<A, { readonly prefix: string }>
  | { readonly regex: string };

/** Which requests a rule is for: all that is said here must hold together. */
export interface HttpMatch<A extends RouteApi = 'istio'> {
  /** By name, in any case: Envoy sees lower-case names only. */
  readonly headers?: Readonly<Record<string, TextMatch<A>>>;
  readonly path?: HttpPath<A>;
  /** One method, or any of several. */
  readonly method?: HttpMethod | readonly [HttpMethod, ...HttpMethod[]];
  /** Query parameters by name. */
  readonly query?: Readonly<Record<string, TextMatch<A>>>;
  /** Headers that must be missing or look differently. Not in the Gateway API. */
  readonly without?: IstioOnly<A, Readonly<Record<string, TextMatch<A>>>>;
  /**
   * Who sends: pods by their labels, or all of a namespace. Only for calls inside the mesh, and not in the Gateway API. A caller
   * without a sidecar is never matched: its own proxy is what decides.
   */
  readonly from?: IstioOnly<A, PodSet | { readonly namespace: string }>;
  /** The port of the gateway that the request came in on. Only at an entrance, and not in the Gateway API. */
  readonly port?: IstioOnly<A, number>;
}
