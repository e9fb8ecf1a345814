import type { Json, JsonObject } from '../../../constructs/kit/json.ts';
import { isObject } from '../../../constructs/kit/json.ts';
import type { TrafficRequest } from '../../../constructs/proof/explain/types.ts';
import { at, fields, items, strings, text } from '../../../constructs/proof/json-path.ts';
import { regexes } from './worlds/rules.ts';

/** Who may send: pods of the mesh, by namespace and app. */
export type Senders = readonly { readonly namespace: string; readonly app: string }[];

/** What a request asks, without who sends it and to whom. */
type Ask = Pick<TrafficRequest, 'method' | 'path' | 'headers'>;

/** Where a request goes in: at a gateway, or from any sender. */
interface Target {
  readonly host: string;
  readonly port: number;
  /** Where a short name is meant. */
  readonly namespace?: string;
  readonly gateway?: { readonly namespace: string; readonly name: string };
}

/**
 * Requests at the borders of what the objects say: for every match one that it takes and some that it just does not; for every Service
 * by its short and its full name, from its own and from another namespace; unknown names and ports. Always the same for the same objects.
 *
 * @param most how many, taken evenly
 */
export function requestsFor(objects: readonly JsonObject[], senders: Senders, most: number): TrafficRequest[] {
  const found = new Map<string, TrafficRequest>();
  let turn = 0;
  const add = (target: Target, ask: Ask) => {
    const from = senders[turn++ % Math.max(senders.length, 1)];
    const { gateway, namespace, port, host: name } = target;
    if (!gateway && !from) return;
    // From elsewhere the short name means another.
    const host = namespace !== undefined && from?.namespace !== namespace && !name.includes('.') ? `${name}.${namespace}` : name;
    const request: TrafficRequest = { host, port, ...ask, ...(gateway ? { gateway } : from && { from }) };
    found.set(JSON.stringify(request), request);
  };
  for (const one of objects) for (const target of targetsOf(one, objects)) for (const ask of asksOf(one)) add(target, ask);
  for (const one of objects.filter(({ kind }) => kind === 'AuthorizationPolicy'))
    for (const target of guardedBy(one, objects)) for (const ask of asksOfPolicy(one)) for (const _ of senders) add(target, ask);
  for (const one of objects.filter(({ kind }) => kind === 'Service'))
    for (const port of items(one, 'spec', 'ports')) {
      const [name, namespace] = [nameOf(one), namespaceOf(one)];
      const number = Number(at(port, 'port'));
      for (const host of [name, `${name}.${namespace}`, `${name}.${namespace}.svc.cluster.local`])
        for (let i = 0; i < Math.min(senders.length, 2); i++) add({ host, port: number }, {});
    }
  for (const [host, port] of [
    ['nobody', 80],
    ['nobody.example.test', 80],
    ['nobody.example.test', 9999],
  ] as const)
    add({ host, port }, {});
  for (const gateway of gatewaysOf(objects))
    for (const list of ['servers', 'listeners'] as const)
      for (const { port, hosts } of serversOf(gateway.name, gateway.namespace, objects, list))
        for (const host of hosts) add({ host: concrete(host), port, gateway }, {});
  for (const gateway of gatewaysOf(objects)) for (const port of [80, 81]) add({ host: 'nobody.example.test', port, gateway }, {});
  const all = [...found.values()];
  const step = Math.max(all.length / most, 1);
  return all.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}

const nameOf = (one: JsonObject) => text(one, 'metadata', 'name') ?? '';
const namespaceOf = (one: JsonObject) => text(one, 'metadata', 'namespace') ?? 'default';
const concrete = (host: string) => host.replace(/^\*\.?/, (star) => `any${star.slice(1)}`);

function gatewaysOf(objects: readonly JsonObject[]): NonNullable<TrafficRequest['gateway']>[] {
  return objects.filter(({ kind }) => kind === 'Gateway').map((one) => ({ namespace: namespaceOf(one), name: nameOf(one) }));
}

/** Where the rules of an object are met. */
function targetsOf(one: JsonObject, objects: readonly JsonObject[]): Target[] {
  if (one.kind === 'VirtualService') return targetsOfVirtualService(one, objects);
  if (one.kind !== 'HTTPRoute' && one.kind !== 'GRPCRoute') return [];
  return items(one, 'spec', 'parentRefs').flatMap((parent): Target[] => {
    const [name, namespace] = [text(parent, 'name') ?? '', text(parent, 'namespace') ?? namespaceOf(one)];
    if (text(parent, 'kind') === 'Service')
      return portsOf(name, namespace, objects).map((port) => ({ host: `${name}.${namespace}`, port }));
    const hosts = items(one, 'spec', 'hostnames').map(String);
    const ports = serversOf(name, namespace, objects, 'listeners').map(({ port }) => port);
    return (hosts.length > 0 ? hosts : ['nobody.example.test']).flatMap((host) =>
      [...new Set(ports)].map((port) => ({ host: concrete(host), port, gateway: { namespace, name } })),
    );
  });
}

function targetsOfVirtualService(one: JsonObject, objects: readonly JsonObject[]): Target[] {
  const hosts = items(one, 'spec', 'hosts').map(String);
  const gateways = items(one, 'spec', 'gateways').map(String);
  return (gateways.length > 0 ? gateways : ['mesh']).flatMap((gateway): Target[] => {
    if (gateway === 'mesh')
      return hosts.flatMap((host) => {
        const short = host.includes('.') ? `${host}`.split('.') : [host, namespaceOf(one)];
        return portsOf(short[0] ?? '', short[1] ?? '', objects, host).map((port) => ({
          host: concrete(host),
          port,
          namespace: namespaceOf(one),
        }));
      });
    const [namespace, name] = gateway.includes('/') ? gateway.split('/') : [namespaceOf(one), gateway];
    const at = { namespace: namespace ?? '', name: name ?? '' };
    const servers = serversOf(at.name, at.namespace, objects, 'servers');
    const names = hosts.flatMap((host) => (host === '*' ? servers.flatMap((server) => server.hosts) : [host]));
    return [...new Set(names)].flatMap((host) => servers.map(({ port }) => ({ host: concrete(host), port, gateway: at })));
  });
}

function portsOf(name: string, namespace: string, objects: readonly JsonObject[], outer = name): number[] {
  const service = objects.find((one) => one.kind === 'Service' && nameOf(one) === name && namespaceOf(one) === namespace);
  const entry = objects.find((one) => one.kind === 'ServiceEntry' && items(one, 'spec', 'hosts').includes(outer));
  const ports = [
    ...items(service, 'spec', 'ports').map((port) => at(port, 'port')),
    ...items(entry, 'spec', 'ports').map((port) => at(port, 'number')),
  ];
  return ports.length > 0 ? ports.map(Number) : [80];
}

function serversOf(
  name: string,
  namespace: string,
  objects: readonly JsonObject[],
  list: 'servers' | 'listeners',
): { port: number; hosts: string[] }[] {
  const gateway = objects.find((one) => one.kind === 'Gateway' && nameOf(one) === name && namespaceOf(one) === namespace);
  return items(gateway, 'spec', list).map((server) => {
    const hosts = [...items(server, 'hosts'), at(server, 'hostname') ?? ''].flatMap(
      (host) => String(host).split('/').at(-1) || [],
    );
    return { port: Number(at(server, 'port', 'number') ?? at(server, 'port') ?? 80), hosts };
  });
}

/** What to ask of an object's rules: at every border of every match, and what no match names. */
function asksOf(one: JsonObject): Ask[] {
  const rules = items(one, 'spec', one.kind === 'VirtualService' ? 'http' : 'rules');
  const matches = rules.flatMap((rule) => [...items(rule, 'match'), ...items(rule, 'matches')]).map((match) => fields(match));
  return [
    {},
    { path: '/nowhere/else', method: 'PUT' },
    ...matches.flatMap((match) => borders(one.kind === 'VirtualService' ? askIstio(match) : askGatewayApi(match))),
  ];
}

/** A request that a match takes, as far as a request can tell. */
interface Wanted {
  readonly path: string;
  readonly method: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that it must not have. */
  readonly without: Readonly<Record<string, string>>;
}

function askIstio(match: JsonObject): Wanted {
  const texts = (key: string) =>
    Object.fromEntries(Object.entries(fields(match, key)).map(([name, value]) => [name, sample(value)]));
  return {
    ...{
      path: match.uri === undefined ? '/' : sample(fields(match, 'uri')),
      method: match.method === undefined ? 'GET' : sample(fields(match, 'method')),
    },
    ...{ query: texts('queryParams'), headers: texts('headers'), without: texts('withoutHeaders') },
  };
}

function askGatewayApi(match: JsonObject): Wanted {
  const pairs = (key: string) =>
    Object.fromEntries(items(match, key).map((one) => [text(one, 'name') ?? '', text(one, 'value') ?? '']));
  const { method } = match;
  const called = isObject(method) ? `/${text(method, 'service') ?? 'any.Service'}/${text(method, 'method') ?? 'Any'}` : undefined;
  const kind = text(match, 'path', 'type') === 'RegularExpression' ? 'regex' : 'exact';
  return {
    path: called ?? sample({ [kind]: text(match, 'path', 'value') ?? '/' }),
    method: typeof method === 'string' ? method : called ? 'POST' : 'GET',
    query: pairs('queryParams'),
    headers: { ...pairs('headers'), ...(called && { 'content-type': 'application/grpc' }) },
    without: {},
  };
}

/** A text that a StringMatch takes; for a regex nobody knows, something that looks like it. */
function sample(matcher: Json): string {
  const { exact, prefix, regex } = fields(matcher);
  if (typeof exact === 'string') return exact;
  if (typeof prefix === 'string') return `${prefix}more`;
  if (typeof regex !== 'string') return 'anything';
  return regexes.find(([known]) => known === regex)?.[1] ?? regex.replaceAll(/\.\*|\^|\$|\?|\(|\)/g, '');
}

function borders({ path, method, query, headers, without }: Wanted): Ask[] {
  const search = Object.entries(query)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const whole = search === '' ? path : `${path}?${search}`;
  const base = { path: whole, method, headers };
  const [header] = Object.keys(headers);
  const [banned] = Object.entries(without);
  return [
    base,
    { ...base, path: path.length > 1 ? path.slice(0, -1) : path },
    { ...base, path: `${path}${path.endsWith('/') ? '' : '/'}more${search && `?${search}`}` },
    { ...base, method: method === 'GET' ? 'POST' : 'GET' },
    ...(header === undefined
      ? [{ ...base, headers: { 'end-user': 'nobody' } }]
      : [
          { ...base, headers: {} },
          { ...base, headers: { ...headers, [header]: 'other' } },
        ]),
    ...(search === ''
      ? []
      : [
          { ...base, path },
          { ...base, path: `${path}?u=other&q=other` },
        ]),
    ...(banned ? [{ ...base, headers: { ...headers, [banned[0]]: banned[1] } }] : []),
    { ...base, path: `${path.toUpperCase()}${search && `?${search}`}` },
  ].filter((ask) => ask.path.startsWith('/'));
}

/** The Services whose pods a policy is about. */
function guardedBy(policy: JsonObject, objects: readonly JsonObject[]): Target[] {
  const labels = strings(policy, 'spec', 'selector', 'matchLabels');
  const services = objects.filter((one) => one.kind === 'Service' && namespaceOf(one) === namespaceOf(policy));
  return services
    .filter((one) => [...labels].every(([key, value]) => text(one, 'spec', 'selector', key) === value))
    .flatMap((one) =>
      items(one, 'spec', 'ports').map((port) => ({ host: `${nameOf(one)}.${namespaceOf(one)}`, port: Number(at(port, 'port')) })),
    );
}

function asksOfPolicy(policy: JsonObject): Ask[] {
  const operations = items(policy, 'spec', 'rules').flatMap((rule) => items(rule, 'to').map((to) => fields(to, 'operation')));
  const asks = operations.flatMap((operation) => {
    const named = (key: string) => items(operation, key).map((one) => String(one).replaceAll(/\{?\*+\}?/g, 'any'));
    const paths = [...named('paths'), ...named('notPaths')].filter((path) => path.startsWith('/'));
    const methods = [...named('methods'), ...named('notMethods')];
    return (paths.length > 0 ? paths : ['/']).flatMap((path) =>
      (methods.length > 0 ? methods : ['GET']).map((method) => ({ method, path })),
    );
  });
  return [{}, { method: 'DELETE', path: '/nowhere' }, { headers: { 'end-user': 'jason' } }, ...asks];
}
