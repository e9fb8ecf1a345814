import { readHost } from '../../model/hosts.ts';
import type { SourceFile } from '../../read/source.ts';
import { countLines, partsOf } from '../../read/yaml.ts';
import type { TrafficRequest } from '../types.ts';
import { holds, namespaceIn, selectorOf, valuesOf } from './text.ts';

/**
 * Leaves out the documents that can have no say in what becomes of a request: of a large mesh only a few hundred lines are worth the
 * reading. It looks at the text alone, and keeps what it is not sure of. What is left out becomes empty lines, so that all others stay
 * where they are.
 */
export function narrow(sources: readonly SourceFile[], request: TrafficRequest): SourceFile[] {
  const files = sources.map(({ name, source }) => ({ name, parts: partsOf(source).map(partOf) }));
  const kept = chosen(
    files.flatMap(({ parts }) => parts),
    request,
  );
  return files.map(({ name, parts }) => ({
    name,
    source: parts.map((part) => (kept.has(part) ? part.text : emptied(part.text))).join(''),
  }));
}

/** Begins a document still: an empty one is passed over at once. */
function emptied(text: string): string {
  return `${text.startsWith('---') ? '---' : ''}${'\n'.repeat(countLines(text))}`;
}

/** One document, as far as it can be told without reading it. */
interface Part {
  readonly text: string;
  /** Empty where it does not begin a line: in JSON, in a comment at the end, in text that is no YAML at all. */
  readonly kind: string;
  /** Undefined where it is not stated, or where that cannot be told. */
  readonly namespace: string | undefined;
}

/** Those that decide also by what they do not name: a gateway's servers, the mesh config. */
const always = new Set([
  ...[
    'Gateway',
    'GatewayClass',
    'ListenerSet',
    'IngressClass',
    'ReferenceGrant',
    'ServiceEntry',
    'WorkloadEntry',
    'WorkloadGroup',
  ],
  ...[
    'IstioOperator',
    'HelmRelease',
    'OCIRepository',
    'HelmChart',
    'Istio',
    'OpenTelemetryCollector',
    'Kiali',
    'Application',
    // Patches are no objects, and its namespace is that of the files beside it.
    'Kustomization',
    'Component',
    'TCPRoute',
    'TLSRoute',
  ],
]);
/** Those that decide for all of their namespace; of the root namespace for all. */
const policies = new Set(['Sidecar', 'PeerAuthentication', 'AuthorizationPolicy', 'RequestAuthentication']);
const routes = new Set(['VirtualService', 'HTTPRoute', 'GRPCRoute', 'Ingress']);
const workloads = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Pod',
  'Job',
  'CronJob',
  'ReplicationController',
]);

/** A name to look for, together with its namespace where that is known. */
interface Term {
  readonly word: string;
  readonly namespace: string | undefined;
}

function partOf(text: string): Part {
  return { text, kind: /^["']?kind["']?:[ \t]*["']?(\w+)/m.exec(text)?.[1] ?? '', namespace: namespaceIn(text) };
}

/** Whether it holds objects of which not even the kinds can be told: JSON, a List. */
function isOpaque({ kind, text }: Part): boolean {
  return kind.endsWith('List') || (kind === '' && /\bkind["']?[ \t]*:/.test(text));
}

function chosen(parts: readonly Part[], request: TrafficRequest): ReadonlySet<Part> {
  if (parts.some(isOpaque)) return new Set(parts);
  const kept = new Set<Part>(parts.filter(isAlwaysKept));
  const terms = new Map<string, Term>();
  const selectors: { readonly values: readonly string[]; readonly namespace: string | undefined }[] = [];
  const namespaces = new Set(rootNamespaces(kept));
  for (const { kind, text, namespace } of kept)
    if (kind === 'ServiceEntry' && text.includes('workloadSelector')) selectors.push({ values: [], namespace });
  // The pods of a gateway, and the Services before them, say on which ports it listens.
  const gatewayPods: string[] = [];
  if (request.gateway) {
    for (const { kind, text } of kept)
      if (kind === 'Gateway') selectors.push({ values: selectorOf(text) ?? [], namespace: undefined });
  }
  const look = (term: Term) => {
    terms.set(`${term.namespace}/${term.word}`, term);
    if (term.namespace !== undefined) namespaces.add(term.namespace);
  };
  termsOf(request).forEach(look);
  for (const { namespace } of [request.from, request.gateway].flatMap((one) => one ?? [])) namespaces.add(namespace);
  const matters = (part: Part): boolean => {
    const { kind, text, namespace } = part;
    if (kind === 'Namespace') return valuesOf('name', text).some((name) => namespaces.has(name));
    if (policies.has(kind)) return namespace === undefined || namespaces.has(namespace);
    if (kind === 'Service' && leadsTo(text, gatewayPods)) return true;
    if (!workloads.has(kind)) return anyIn(terms.values(), part) || (routes.has(kind) && isForAnyName(text));
    const isBehind = selectors.some((one) => one.values.every((value) => text.includes(value)) && isIn(one.namespace, part));
    return isBehind || isSender(part, request);
  };
  const byName = new Set([...policies, ...routes, ...workloads, 'Namespace', 'Service', 'DestinationRule']);
  let open = parts.filter(({ kind }) => byName.has(kind));
  // What the routes lead to may be routed itself.
  for (let found = open.filter(matters); found.length > 0; found = open.filter(matters)) {
    for (const one of found) {
      kept.add(one);
      if (routes.has(one.kind)) targetsOf(one).forEach(look);
      if (one.kind === 'Sidecar') hostsKnown(one).forEach(look);
      const { namespace } = one;
      if (namespace !== undefined && !policies.has(one.kind)) namespaces.add(namespace);
      const values = one.kind === 'Service' ? selectorOf(one.text) : undefined;
      if (values) selectors.push({ values, namespace });
      if (request.gateway && workloads.has(one.kind)) gatewayPods.push(one.text);
    }
    open = open.filter((one) => !kept.has(one));
  }
  for (const one of samples(parts, kept, namespaces)) kept.add(one);
  return kept;
}

/** Those whose policies hold whatever the request is, as far as is known. */
function rootNamespaces(parts: Iterable<Part>): string[] {
  return [
    ...['istio-system', 'default'],
    ...[...parts].flatMap(({ text }) => [...valuesOf('rootNamespace', text), ...valuesOf('istioNamespace', text)]),
    // Of a kustomization: that of the objects which state none.
    ...[...parts].flatMap(({ kind, text }) => (kind === '' || kind === 'Kustomization' ? valuesOf('namespace', text) : [])),
  ];
}

function isAlwaysKept({ kind, text }: Part): boolean {
  // The mesh config and its like, whatever the ConfigMap is called.
  return (
    kind === '' || kind.endsWith('List') || always.has(kind) || (kind === 'ConfigMap' && /(^\s+|[{,]\s*)["']?mesh/m.test(text))
  );
}

/**
 * What listens at a port decides what becomes of requests for names that nobody knows: one Service stands for all with the same ports, or
 * for all of its namespace where not everybody knows all of them. And what a namespace holds tells what is missing in it: one Service of
 * each that matters.
 */
function samples(parts: readonly Part[], kept: ReadonlySet<Part>, namespaces: ReadonlySet<string>): Iterable<Part> {
  const isScoped = [...kept].some((one) => one.kind === 'Sidecar' && /(?<!\*)\/|\/(?!\*)/.test(withoutApi(one)));
  const found = new Map<string, Part>();
  for (const one of parts) {
    if (one.kind !== 'Service') continue;
    const { text, namespace = '' } = one;
    const ports = text.slice(Math.max(text.indexOf('ports'), 0)).match(PORT) ?? [];
    const headless = /\bNone\b/.test(text) ? 'headless' : '';
    const within = isScoped || text.includes('exportTo') ? namespace : '';
    for (const likeness of [[within, headless, ...ports].join(' '), ...(namespaces.has(namespace) ? [`in ${namespace}`] : [])])
      if (!found.has(likeness)) found.set(likeness, one);
  }
  return found.values();
}

const PORT = /\b(name|appProtocol|protocol|port)["']?:[ \t]*["']?[^\s"',}]+/g;

/** Whether a Service may stand before one of the pods. */
function leadsTo(service: string, pods: readonly string[]): boolean {
  const values = pods.length === 0 ? undefined : selectorOf(service);
  return values !== undefined && pods.some((pod) => values.every((value) => pod.includes(value)));
}

function termsOf({ host, from, gateway }: TrafficRequest): Term[] {
  const read = readHost(host, from?.namespace ?? '');
  const own = read.is === 'service' ? [{ word: read.name, namespace: read.namespace || undefined }] : [];
  const pods = gateway ? [gateway.name, `${gateway.name}-istio`].map((word) => ({ word, namespace: undefined })) : [];
  return [{ word: host.toLowerCase(), namespace: undefined }, ...own, ...pods];
}

function anyIn(terms: Iterable<Term>, part: Part): boolean {
  for (const { word, namespace } of terms) if (holds(part.text, word) && isIn(namespace, part)) return true;
  return false;
}

/** Whether an object may be of a namespace, or speak of it: one that states none may be of any. */
function isIn(namespace: string | undefined, part: Part): boolean {
  return namespace === undefined || part.namespace === undefined || holds(part.text, namespace);
}

/** A route for a wildcard, or for every name that its gateway takes. */
function isForAnyName(text: string): boolean {
  return text.includes('*') || !/host(s|names?)?["']?:/.test(text);
}

/** Whether it may be the workload that asks, or that runs the gateway. */
function isSender(part: Part, { from, gateway }: TrafficRequest): boolean {
  if (gateway && holds(part.text, gateway.name)) return true;
  return from?.app !== undefined && holds(part.text, from.app) && isIn(from.namespace, part);
}

/** What a route leads to: Services and, by `delegate`, other routes. */
function targetsOf({ kind, text, namespace }: Part): Term[] {
  const hosts = valuesOf('host', text).map((host) => {
    const read = readHost(host, '');
    return read.is === 'service'
      ? { word: read.name, namespace: read.namespace || namespace }
      : { word: host, namespace: undefined };
  });
  // Its name stands in the two lines below, or in the braces behind.
  const delegates = text.match(/\bdelegate["']?:(?:[^\n]*\n?){1,3}/g) ?? [];
  const names = kind === 'VirtualService' ? delegates.flatMap((delegate) => valuesOf('name', delegate)) : valuesOf('name', text);
  return [...hosts.filter(({ word }) => word !== '*'), ...names.map((word) => ({ word, namespace: undefined }))];
}

/** The Services that a Sidecar names: `shop/cart.shop.svc.cluster.local`. */
function hostsKnown(sidecar: Part): Term[] {
  return [...withoutApi(sidecar).matchAll(/\/([a-z0-9][\w.-]*)/g)].flatMap(([, host = '']) => {
    const read = readHost(host, '');
    return read.is === 'service' ? [{ word: read.name, namespace: undefined }] : [];
  });
}

function withoutApi({ text }: Part): string {
  return text.replace(/^["']?apiVersion["']?:.*/m, '');
}
