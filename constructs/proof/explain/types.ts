/** One request that nobody has to send: what {@link explain} is asked. */
export interface TrafficRequest {
  /** The name that the client asks for: a Service's, short or full, or that of a page behind a gateway. */
  readonly host: string;
  /** The port that the client connects to. @default 80 */
  readonly port?: number;
  /** @default 'GET' */
  readonly method?: string;
  /** With the query, as the client sends it: '/productpage?u=normal'. @default '/' */
  readonly path?: string;
  /** By name, in any case. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** The pod that sends it: a workload of a namespace, by its name or its `app` label. @default somebody in the namespace that the host tells, of whom no more is known */
  readonly from?: { readonly namespace: string; readonly app?: string };
  /** The gateway at which it arrives from outside, instead of a pod of the mesh. */
  readonly gateway?: { readonly namespace: string; readonly name: string };
}

/** What becomes of a request. */
export type Outcome =
  /** A route sends it to destinations: one that somebody wrote, or that a Service has by itself. */
  | 'route'
  | 'redirect'
  /** The proxy answers by itself. */
  | 'direct'
  /** No route: the proxy answers 404. */
  | 'notfound'
  /** To an address that the mesh does not know, as it is. */
  | 'passthrough'
  /** To an address that the mesh does not know: refused, by `REGISTRY_ONLY`. */
  | 'blackhole'
  /** Nothing listens at that port of the gateway, or for that name. */
  | 'nolistener'
  /** By connection, not by request: a TCP or TLS route. */
  | 'tcp';

/** Where a share of the requests goes. */
export interface ExplainedDestination {
  /** The full name. */
  readonly host: string;
  readonly subset: string | null;
  readonly port: number;
  /** 0 to 100; those of one answer make 100. */
  readonly percent: number;
  /** `Kind/namespace/name` of the workloads whose pods may get it; none where nobody stands behind it. */
  readonly workloads: readonly string[];
}

/** What becomes of one request, and why. Times are in seconds; null says that there is none. */
export interface Explanation {
  readonly outcome: Outcome;
  /** The object that decides, as `Kind/namespace/name`, and its rule: the rule's name, else its place (`http[0]`). Null when nothing written decides. */
  readonly matched: { readonly object: string; readonly rule: string } | null;
  readonly destinations: readonly ExplainedDestination[];
  /** Null: none, the request may take as long as it likes. */
  readonly timeout: number | null;
  /** Istio's default, two retries, is told as well. */
  readonly retries: { readonly attempts: number; readonly perTryTimeout: number | null; readonly retryOn: string } | null;
  readonly fault: {
    readonly delay: { readonly percent: number; readonly seconds: number } | null;
    readonly abort: { readonly percent: number; readonly status: number | string } | null;
  } | null;
  readonly mirrors: readonly Omit<ExplainedDestination, 'workloads'>[];
  readonly rewrite: { readonly path: string | null; readonly host: string | null } | null;
  readonly redirect: { readonly status: number; readonly location: string } | null;
  /** What the proxy answers by itself. */
  readonly direct: { readonly status: number; readonly body: string | null } | null;
  /** Headers that the route sets, adds or removes on the request. */
  readonly headers: {
    readonly set: Readonly<Record<string, string>>;
    readonly add: Readonly<Record<string, string>>;
    readonly remove: readonly string[];
  } | null;
  /** How one of a destination's pods is chosen: 'LEAST_REQUEST' by default, 'consistent hash of header x-user', ... Null without destination. */
  readonly loadBalancing: string | null;
  /** Whether the connection to the destinations is mutual TLS. `unknown`: the input does not show who is on the other side; `mixed`: not all alike. */
  readonly mtls: 'mutual' | 'plain' | 'tls' | 'refused' | 'mixed' | 'unknown' | null;
  /** Whether authorization lets it pass at the destinations. `unknown`: it depends on what the request does not tell. */
  readonly allowed: boolean | 'unknown';
  /** Why, in the order in which it was decided: one sentence each, with the objects by name. */
  readonly reasons: readonly string[];
}
