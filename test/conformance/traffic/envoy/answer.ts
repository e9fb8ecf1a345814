import type { JsonObject } from '../../../../constructs/kit/json.ts';
import type { ExplainedDestination, Explanation, TrafficRequest } from '../../../../constructs/proof/explain/types.ts';
import { at, fields, items, text } from '../../../../constructs/proof/json-path.ts';
import { clusterFacts, parseCluster, sharesOf } from './clusters.ts';
import { type EnvoyDump, percentOf, secondsOf } from './dump.ts';
import { type Chain, chainFor, filterOf, outboundListener } from './listener.ts';
import { type EnvoyRequest, matchesRoute, rewrittenPath, virtualHostFor } from './match.ts';

/** Where a request meets a proxy. */
export interface Entry {
  readonly kind: 'sidecar' | 'gateway';
  /** What the client's DNS makes of the host. */
  readonly address: string;
  /** The port at which the proxy listens: of a gateway, what the Service's port leads to. */
  readonly port: number;
}

/** What Envoy does with a request, in the words of `explain`; what only `explain` can say is left out. */
export type Answer = Omit<Explanation, 'matched' | 'reasons' | 'allowed' | 'destinations' | 'mtls'> & {
  /** The object that istiod says it made the route from, as `Kind/namespace/name`; null when nobody wrote one. */
  readonly object: string | null;
  /** With `namespace/name` of the workloads that istiod knows behind each. */
  readonly destinations: readonly (ExplainedDestination & { readonly cluster: string })[];
  /** Whether it knows them all. */
  readonly workloadsKnown: boolean;
  readonly mtls: 'mutual' | 'plain' | 'tls' | 'mixed' | null;
};

const nothing: Answer = {
  ...{
    outcome: 'nolistener',
    object: null,
    destinations: [],
    workloadsKnown: true,
    timeout: null,
    retries: null,
    fault: null,
    mirrors: [],
  },
  ...{ rewrite: null, redirect: null, direct: null, headers: null, loadBalancing: null, mtls: null },
};

const plainProtocols = ['http/1.1'];

/** Asks a dump what becomes of a request, as Envoy would decide it. */
export function ask(dump: EnvoyDump, request: TrafficRequest, entry: Entry): Answer {
  const { address, port } = entry;
  const plain = { address, port, protocols: plainProtocols };
  const listener = entry.kind === 'gateway' ? dump.listeners.get(`0.0.0.0_${port}`) : outboundListener(dump, plain);
  if (!listener) return nothing;
  // Who asks for a port that tells connections by their name speaks TLS.
  const named = items(listener, 'filterChains').some((chain) => items(chain, 'filterChainMatch', 'serverNames').length > 0);
  const secured = items(listener, 'filterChains').some((chain) => at(chain, 'transportSocket') !== undefined);
  const tls = named || (entry.kind === 'gateway' && secured);
  const chain = chainFor(listener, tls ? { address, port, sni: request.host, protocols: ['h2', 'http/1.1'] } : plain);
  return chain ? askChain(dump, chain, request, tls ? 'https' : 'http') : nothing;
}

function askChain(dump: EnvoyDump, chain: NonNullable<Chain>, request: TrafficRequest, scheme: 'http' | 'https'): Answer {
  const tcp = filterOf(chain, 'envoy.filters.network.tcp_proxy');
  if (tcp) return toClusters(dump, { ...nothing, outcome: 'tcp' }, tcp);
  const http = filterOf(chain, 'envoy.filters.network.http_connection_manager');
  if (!http) throw new Error('a filter chain without tcp_proxy and http_connection_manager is not read');
  const name = text(http, 'rds', 'routeConfigName');
  const routes = name === undefined ? fields(http, 'routeConfig') : dump.routes.get(name);
  if (!routes) return { ...nothing, outcome: 'notfound' };
  return askRoutes(dump, routes, envoyRequest(request, scheme));
}

/** The request as it stands on the wire. */
export function envoyRequest(request: TrafficRequest, scheme: 'http' | 'https'): EnvoyRequest {
  const { host, port = 80, method = 'GET', path: whole = '/', headers = {} } = request;
  const mark = whole.indexOf('?');
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    ...{
      authority: host,
      host: port === (scheme === 'http' ? 80 : 443) ? host : `${host}:${port}`,
      method,
      scheme,
      headers: Object.fromEntries(lower),
    },
    ...{ path: mark < 0 ? whole : whole.slice(0, mark), query: mark < 0 ? '' : whole.slice(mark + 1) },
  };
}

function askRoutes(dump: EnvoyDump, routes: JsonObject, request: EnvoyRequest): Answer {
  const virtualHost = virtualHostFor(routes, request.authority);
  if (!virtualHost) return { ...nothing, outcome: 'notfound' };
  if (virtualHost.requireTls === 'ALL' && request.scheme === 'http') {
    const location = `https://${request.host}${request.path}${request.query && `?${request.query}`}`;
    return { ...nothing, outcome: 'redirect', redirect: { status: 301, location } };
  }
  const found = items(virtualHost, 'routes').find((route) => matchesRoute(fields(route, 'match'), request));
  if (found === undefined) return { ...nothing, outcome: 'notfound' };
  const route = fields(found);
  const base: Answer = { ...nothing, object: objectOf(route), fault: faultOf(route), headers: headersOf(route) };
  if (route.redirect !== undefined)
    return { ...base, outcome: 'redirect', redirect: redirectOf(fields(route, 'redirect'), fields(route, 'match'), request) };
  if (route.directResponse !== undefined) return direct(base, virtualHost, route);
  const action = fields(route, 'route');
  const { timeout } = action;
  const path = rewrittenPath(action, fields(route, 'match'), request.path);
  const host = text(action, 'hostRewriteLiteral') ?? null;
  const answer: Answer = {
    ...base,
    outcome: 'route',
    timeout: secondsOf(timeout) || null,
    retries: retriesOf(action),
    mirrors: items(action, 'requestMirrorPolicies').map((policy) => ({
      ...parseCluster(text(policy, 'cluster') ?? ''),
      percent: percentOf(
        at(policy, 'runtimeFraction') === undefined ? undefined : fields(policy, 'runtimeFraction', 'defaultValue'),
      ),
    })),
    rewrite: path === undefined && host === null ? null : { path: path === undefined ? null : withQuery(path, request), host },
  };
  return toClusters(dump, answer, action);
}

function withQuery(path: string, { query }: EnvoyRequest): string {
  return query === '' ? path : `${path}?${query}`;
}

function direct(base: Answer, virtualHost: JsonObject, route: JsonObject): Answer {
  const status = Number(at(route, 'directResponse', 'status'));
  // Istio's way of refusing what it does not know (REGISTRY_ONLY).
  if (text(virtualHost, 'name') === 'block_all') return { ...nothing, outcome: 'blackhole' };
  return { ...base, outcome: 'direct', direct: { status, body: text(route, 'directResponse', 'body', 'inlineString') ?? null } };
}

/** Sends the answer on to the clusters that a route or a TCP proxy names. */
function toClusters(dump: EnvoyDump, answer: Answer, action: JsonObject): Answer {
  const shares = sharesOf(action);
  const [first] = shares;
  if (first?.cluster === 'PassthroughCluster') return { ...nothing, outcome: 'passthrough' };
  if (first?.cluster === 'BlackHoleCluster') return { ...nothing, outcome: 'blackhole' };
  const facts = shares.map(({ cluster }) => clusterFacts(dump, cluster));
  const one = <T extends string>(values: readonly T[]): T | 'mixed' | null =>
    values.every((value) => value === values[0]) ? (values[0] ?? null) : 'mixed';
  return {
    ...answer,
    destinations: shares.map(({ cluster, percent }, i) => ({
      ...{ ...parseCluster(cluster), percent, cluster },
      workloads: facts[i]?.workloads ?? [],
    })),
    workloadsKnown: facts.every(({ workloads }) => workloads !== undefined),
    loadBalancing: one(facts.flatMap(({ loadBalancing }) => loadBalancing ?? [])),
    mtls: one(facts.flatMap(({ mtls }) => mtls ?? [])),
  };
}

function retriesOf(action: JsonObject): Answer['retries'] {
  if (action.retryPolicy === undefined) return null;
  const policy = fields(action, 'retryPolicy');
  const each = secondsOf(policy.perTryTimeout);
  // Istio takes status codes among the conditions, Envoy keeps them apart.
  const on = [text(policy, 'retryOn') ?? '', ...items(policy, 'retriableStatusCodes')].join(',');
  // Left out is one retry (route.v3.RetryPolicy).
  return { attempts: Number(policy.numRetries ?? 1), perTryTimeout: each || null, retryOn: on };
}

function faultOf(route: JsonObject): Answer['fault'] {
  const fault = fields(route, 'typedPerFilterConfig', 'envoy.filters.http.fault');
  const percent = (part: JsonObject) => percentOf(fields(part, 'percentage'));
  const { delay, abort } = fault;
  if (delay === undefined && abort === undefined) return null;
  const [delayed, aborted] = [fields(fault, 'delay'), fields(fault, 'abort')];
  const status = aborted.httpStatus ?? aborted.grpcStatus;
  return {
    delay: delay === undefined ? null : { percent: percent(delayed), seconds: secondsOf(delayed.fixedDelay) },
    abort:
      abort === undefined ? null : { percent: percent(aborted), status: typeof status === 'number' ? status : String(status) },
  };
}

function headersOf(route: JsonObject): Answer['headers'] {
  const entries = items(route, 'requestHeadersToAdd').map((one) => ({
    pair: [text(one, 'header', 'key') ?? '', text(one, 'header', 'value') ?? ''] as const,
    set: at(one, 'appendAction') === 'OVERWRITE_IF_EXISTS_OR_ADD',
  }));
  const remove = items(route, 'requestHeadersToRemove').map(String);
  if (entries.length === 0 && remove.length === 0) return null;
  return {
    set: Object.fromEntries(entries.filter(({ set }) => set).map(({ pair }) => pair)),
    add: Object.fromEntries(entries.filter(({ set }) => !set).map(({ pair }) => pair)),
    remove,
  };
}

const redirects: Readonly<Record<string, number>> = {
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

function redirectOf(action: JsonObject, match: JsonObject, request: EnvoyRequest): { status: number; location: string } {
  const scheme = text(action, 'schemeRedirect') ?? (action.httpsRedirect === true ? 'https' : request.scheme);
  const port = typeof action.portRedirect === 'number' ? `:${action.portRedirect}` : '';
  // A port in the Host header stays, unless another is set.
  const host = text(action, 'hostRedirect') ?? (port === '' ? request.host : request.authority);
  const path = rewrittenPath(action, match, request.path) ?? request.path;
  const query = request.query === '' || action.stripQuery === true || path.includes('?') ? '' : `?${request.query}`;
  const status = redirects[text(action, 'responseCode') ?? ''] ?? 301;
  return { status, location: `${scheme}://${host}${port}${path}${query}` };
}

const kinds: Readonly<Record<string, string>> = {
  'virtual-service': 'VirtualService',
  'http-route': 'HTTPRoute',
  'grpc-route': 'GRPCRoute',
};

function objectOf(route: JsonObject): string | null {
  const config = text(route, 'metadata', 'filterMetadata', 'istio', 'config');
  const [, namespace, kind = '', name] = config?.match(/\/namespaces\/([^/]+)\/([^/]+)\/(.+)$/) ?? [];
  return namespace === undefined || name === undefined ? null : `${kinds[kind] ?? kind}/${namespace}/${name}`;
}
