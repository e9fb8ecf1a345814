import type { Explanation, TrafficRequest } from '../../../constructs/proof/explain/types.ts';
import type { Answer } from './envoy/answer.ts';

/** One field in which `explain` and the proxy do not agree. */
export interface Difference {
  readonly field: string;
  readonly istiod: string;
  readonly explain: string;
}

/** What a proxy was found to do with a request, its destinations' proxies included. */
export interface Found extends Answer {
  /** What the proxies of the destinations say; undefined when nobody was asked. */
  readonly admitted?: boolean | 'unknown' | 'refused';
}

/** Holds what `explain` says against what istiod has told the proxy. */
export function differences(found: Found, explained: Explanation): Difference[] {
  const list: Difference[] = [];
  const same = (field: string, istiod: unknown, explain: unknown) => {
    const [a, b] = [told(istiod), told(explain)];
    if (a !== b) list.push({ field, istiod: a, explain: b });
  };
  same('outcome', found.outcome, explained.outcome);
  if (list.length > 0) return list;
  same('destinations', shares(found.destinations), shares(explained.destinations));
  if (found.workloadsKnown) same('workloads', workloadsOf(found.destinations), workloadsOf(explained.destinations));
  if (found.object?.startsWith('VirtualService/') && explained.matched?.object.startsWith('VirtualService/'))
    same('matched.object', found.object, explained.matched.object);
  else if (found.outcome === 'route') same('matched', found.object === null, explained.matched === null);
  same('timeout', found.timeout, explained.timeout);
  same('retries', found.retries, explained.retries);
  same('fault', found.fault, explained.fault);
  same('mirrors', shares(found.mirrors), shares(explained.mirrors));
  same('rewrite', found.rewrite, explained.rewrite);
  same('redirect', found.redirect, explained.redirect);
  same('direct', found.direct, explained.direct);
  same('headers', lowerCased(found.headers), lowerCased(explained.headers));
  if (found.loadBalancing !== null && found.loadBalancing !== 'mixed')
    same('loadBalancing', found.loadBalancing, policyOf(explained.loadBalancing));
  if (found.admitted === 'refused') same('mtls', 'refused', explained.mtls);
  else if (found.mtls !== null) same('mtls', found.mtls, explained.mtls);
  if (typeof found.admitted === 'boolean') same('allowed', found.admitted, explained.allowed);
  return list;
}

/** As JSON, the keys of an object in order. */
function told(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Those that are one and the same put together: two routes to one subset are one share of it. */
function shares(
  list: readonly { readonly host: string; readonly subset: string | null; readonly port: number; readonly percent: number }[],
): string[] {
  const sums = new Map<string, number>();
  for (const { host, subset, port, percent } of list) {
    const key = `${host}:${port}${subset === null ? '' : ` ${subset}`}`;
    sums.set(key, (sums.get(key) ?? 0) + percent);
  }
  return [...sums]
    .filter(([, percent]) => percent > 0)
    .map(([key, percent]) => `${key} ${percent.toFixed(2)} %`)
    .sort();
}

function workloadsOf(list: Explanation['destinations']): string[] {
  // Who says the kind too: `Deployment/bookinfo/reviews-v2`.
  return [
    ...new Set(
      list
        .filter(({ percent }) => percent > 0)
        .flatMap(({ workloads }) => workloads.map((one) => one.split('/').slice(-2).join('/'))),
    ),
  ].sort();
}

function lowerCased(headers: Explanation['headers']): Explanation['headers'] {
  if (headers === null) return null;
  const lower = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
  return { set: lower(headers.set), add: lower(headers.add), remove: headers.remove.map((name) => name.toLowerCase()) };
}

/** Envoy is told by which field of a request it hashes; which one is compared with the routes' own hash policies nowhere. */
function policyOf(text: string | null): string | null {
  return text?.startsWith('consistent hash') ? 'consistent hash' : (text ?? null);
}

/** What a command line calls a world: the path of a stack or folder, and a variant on top of it. */
export interface Named {
  readonly path: string;
  readonly variant?: string;
}

/** The request as a command line that asks the same. */
export function commandLine(world: Named, { host, port, method, path, headers = {}, from, gateway }: TrafficRequest): string {
  const quoted = (value: string) => (/^[\w./:=-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);
  return [
    `meshwright explain ${quoted(world.path)}${world.variant === undefined ? '' : ` --variant ${world.variant}`} --host ${quoted(host)}`,
    ...(port === undefined ? [] : [`--port ${port}`]),
    ...(from ? [`--from ${[from.namespace, from.app].filter((part) => part !== undefined).join('/')}`] : []),
    ...(gateway ? [`--gateway ${gateway.namespace}/${gateway.name}`] : []),
    ...(method === undefined ? [] : [`--method ${method}`]),
    ...(path === undefined ? [] : [`--path ${quoted(path)}`]),
    ...Object.entries(headers).map(([name, value]) => `--header ${quoted(`${name}=${value}`)}`),
  ].join(' ');
}
