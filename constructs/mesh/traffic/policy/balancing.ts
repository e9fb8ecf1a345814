import { type JsonObject, UserError } from '../../../kit/index.ts';
import { duration, headerName, whole } from '../checks.ts';

/** What requests are told apart by when equal ones shall reach the same pod. A request without it goes to any pod. */
export type HashKey =
  | 'source-address'
  | { readonly header: string }
  | { readonly queryParameter: string }
  | {
      /** The proxy sets the cookie when a request brings none. */
      readonly cookie: string;
      /** How long the set cookie lives. @default as long as the browser's session */
      readonly ttlSeconds?: number;
      /** @default '/' */
      readonly path?: string;
    };

/** How requests are spread over the pods (Istio 1.30, LoadBalancerSettings). */
export type PodChoice = 'random' | 'least-request' | 'round-robin' | { readonly consistentHash: HashKey };

/**
 * What the client's own locality means (Istio 1.30, LocalityLoadBalancerSetting). A locality is `region`, `region/zone` or
 * `region/zone/subzone`, as the nodes' labels `topology.kubernetes.io/...` say it.
 */
export type Locality =
  /** Nothing: requests are spread over all localities. */
  | 'off'
  | {
      /** Where a region's clients go when it has no healthy pods left: `{ 'eu-west': 'eu-central' }`. Regions only. Needs `outliers`. */
      readonly failover: Readonly<Record<string, string>>;
    }
  | {
      /** Pods that share more of these labels with the client come first: `['topology.kubernetes.io/region', 'version']`. Needs `outliers`. */
      readonly failoverPriority: readonly [string, ...string[]];
    }
  | {
      /**
       * The shares, in whole percent, by the client's locality: `{ 'eu-west/a/*': { 'eu-west/a/*': 80, 'eu-west/b/*': 20 } }`. Each makes 100.
       */
      readonly distribute: Readonly<Record<string, Readonly<Record<string, number>>>>;
    };

/** The part of a policy that says which pod is next. */
export interface Balancing {
  /** @default Istio's 'least-request' */
  readonly loadBalancing?: PodChoice;
  /** @default the mesh's: the client's own locality first, once `outliers` are ejected */
  readonly locality?: Locality;
  /** How long the share of a new pod grows until it is full. Only with 'round-robin' and 'least-request'. @default no warm-up */
  readonly warmupSeconds?: number;
}

const simple = { random: 'RANDOM', 'least-request': 'LEAST_REQUEST', 'round-robin': 'ROUND_ROBIN' } as const;

/**
 * The `loadBalancer` of a DestinationRule; undefined when nothing is said.
 *
 * @throws UserError when options exclude each other, or a locality is misspelt
 */
export function loadBalancer(given: Balancing, hasOutliers: boolean, where: string): JsonObject | undefined {
  const { loadBalancing, locality, warmupSeconds } = given;
  const hash = typeof loadBalancing === 'object' ? loadBalancing.consistentHash : undefined;
  if (hash !== undefined && locality !== undefined && locality !== 'off') {
    throw new UserError(
      `${where} has consistentHash and locality: clients of two localities would send the same key to different pods; leave one out, or set locality: 'off'`,
    );
  }
  if (warmupSeconds !== undefined && (hash !== undefined || loadBalancing === 'random')) {
    throw new UserError(
      `${where} has warmupSeconds with ${hash === undefined ? "'random'" : 'consistentHash'}: Istio warms up with 'round-robin' and 'least-request' only`,
    );
  }
  const made: JsonObject = {
    ...(typeof loadBalancing === 'string' ? { simple: simple[loadBalancing] } : {}),
    ...(hash === undefined ? {} : { consistentHash: hashKey(hash, where) }),
    ...(locality === undefined ? {} : { localityLbSetting: localitySetting(locality, hasOutliers, where) }),
    ...(warmupSeconds === undefined ? {} : { warmup: { duration: duration(warmupSeconds, `warmupSeconds of ${where}`) } }),
  };
  return Object.keys(made).length > 0 ? made : undefined;
}

function hashKey(key: HashKey, where: string): JsonObject {
  if (key === 'source-address') return { useSourceIp: true };
  if ('cookie' in key) {
    const { cookie, ttlSeconds, path } = key;
    return {
      httpCookie: {
        name: cookieName(cookie, `consistentHash.cookie of ${where}`),
        ...(path === undefined ? {} : { path }),
        // Without a ttl no proxy would set the cookie; 0 makes it one of the browser's session (Istio 1.30, HTTPCookie).
        ttl: ttlSeconds === undefined ? '0s' : duration(ttlSeconds, `consistentHash.ttlSeconds of ${where}`),
      },
    };
  }
  if ('header' in key) return { httpHeaderName: headerName(key.header, `consistentHash of ${where}`) };
  if (key.queryParameter === '')
    throw new UserError(`consistentHash.queryParameter of ${where} is empty: give it the parameter's name`);
  return { httpQueryParameterName: key.queryParameter };
}

/** RFC 6265: a token, as headers have, with upper and lower case told apart. */
function cookieName(name: string, what: string): string {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
    throw new UserError(`${what} is ${JSON.stringify(name)}: allowed are letters, digits and !#$%&'*+.^_\`|~-`);
  }
  return name;
}

function localitySetting(locality: Locality, hasOutliers: boolean, where: string): JsonObject {
  if (locality === 'off') return { enabled: false };
  if ('distribute' in locality) return { enabled: true, distribute: distribution(locality.distribute, where) };
  if (!hasOutliers) {
    // Istio 1.30, task "Locality failover": without outlier detection no pod ever counts as failed.
    throw new UserError(
      `locality of ${where} fails over, but nothing finds failed pods: give it outliers beside locality, e.g. { consecutive5xx: 5 }`,
    );
  }
  if ('failoverPriority' in locality) {
    if (locality.failoverPriority.length === 0 || locality.failoverPriority.includes(''))
      throw new UserError(
        `locality.failoverPriority of ${where} has no label or an empty one: name labels, the weightiest first`,
      );
    return { enabled: true, failoverPriority: [...locality.failoverPriority] };
  }
  const failover = Object.entries(locality.failover);
  if (failover.length === 0)
    throw new UserError(`locality.failover of ${where} is empty: say where a region's clients go, { from: to }`);
  for (const [from, to] of failover) {
    for (const region of [from, to])
      if (!/^[^/*\s]+$/.test(region))
        throw new UserError(
          `locality.failover of ${where} names ${JSON.stringify(region)}: allowed are regions, without zone and wildcard`,
        );
    if (from === to) throw new UserError(`locality.failover of ${where} goes from '${from}' to itself: name another region`);
  }
  return { enabled: true, failover: failover.map(([from, to]) => ({ from, to })) };
}

function distribution(distribute: Readonly<Record<string, Readonly<Record<string, number>>>>, where: string): JsonObject[] {
  const from = Object.entries(distribute);
  if (from.length === 0) throw new UserError(`locality.distribute of ${where} is empty: give shares, { from: { to: percent } }`);
  checkLocalities(Object.keys(distribute), `locality.distribute of ${where}`);
  return from.map(([client, shares]) => {
    const what = `locality.distribute from '${client}' of ${where}`;
    checkLocalities(Object.keys(shares), what);
    for (const [to, percent] of Object.entries(shares)) whole(percent, `${what} to '${to}'`, 1, 100);
    const total = Object.values(shares).reduce((sum, percent) => sum + percent, 0);
    if (total !== 100) throw new UserError(`${what} makes ${total} percent: the shares must make 100 together`);
    return { from: client, to: { ...shares } };
  });
}

function checkLocalities(localities: readonly string[], what: string): void {
  for (const locality of localities) {
    if (!/^(\*|[^/*\s]+(\/\*|\/[^/*\s]+(\/\*|\/[^/*\s]+)?)?)$/.test(locality)) {
      throw new UserError(
        `${what} names ${JSON.stringify(locality)}: allowed are region, region/zone and region/zone/subzone, with '*' as the last part only`,
      );
    }
  }
  const scopes = localities.map((locality) => locality.replace(/\/?\*$/, ''));
  for (const [i, scope] of scopes.entries()) {
    const twin = scopes.findIndex((other, j) => j !== i && (other === '' || other === scope || scope.startsWith(`${other}/`)));
    if (twin >= 0)
      throw new UserError(
        `${what} names '${localities[i]}' and '${localities[twin]}': they overlap, a locality may stand in one only`,
      );
  }
}
