import { readHost } from '../model/hosts.ts';
import type { SourceFile } from '../read/source.ts';
import { countLines, partsOf } from '../read/yaml.ts';
import type { TrafficRequest } from './types.ts';

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
    'HelmChart',
    'Istio',
    'OpenTelemetryCollector',
    'Kiali',
    'Application',
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
  return { text, kind: /^kind:[ \t]*["']?(\w+)/m.exec(text)?.[1] ?? '' };
}

function chosen(parts: readonly Part[], request: TrafficRequest): ReadonlySet<Part> {
  const kept = new Set<Part>(parts.filter(isAlwaysKept));
  const terms = new Map<string, Term>();
  const selectors: { readonly values: readonly string[]; readonly namespace: string | undefined }[] = [];
  const namespaces = new Set(rootNamespaces(kept));
  const look = (term: Term) => {
    terms.set(`${term.namespace}/${term.word}`, term);
    if (term.namespace !== undefined) namespaces.add(term.namespace);
  };
  termsOf(request).forEach(look);
  for (const { namespace } of [request.from, request.gateway].flatMap((one) => one ?? [])) namespaces.add(namespace);
  const matters = ({ kind, text }: Part): boolean => {
    if (kind === 'Namespace') return valuesOf('name', text).some((name) => namespaces.has(name));
    if (policies.has(kind)) return namespaces.has(namespaceIn(text) ?? '') || namespaceIn(text) === undefined;
    if (!workloads.has(kind)) return anyIn(terms.values(), text) || (routes.has(kind) && isForAnyName(text));
    const isBehind = selectors.some((one) => one.values.every((value) => text.includes(value)) && isIn(one.namespace, text));
    return isBehind || isSender(text, request);
  };
  const byName = new Set([...policies, ...routes, ...workloads, 'Namespace', 'Service', 'DestinationRule']);
  let open = parts.filter(({ kind }) => byName.has(kind));
  // What the routes lead to may be routed itself.
  for (let found = open.filter(matters); found.length > 0; found = open.filter(matters)) {
    for (const one of found) {
      kept.add(one);
      if (routes.has(one.kind)) targetsOf(one).forEach(look);
      const namespace = namespaceIn(one.text);
      if (namespace !== undefined && !policies.has(one.kind)) namespaces.add(namespace);
      const values = one.kind === 'Service' ? selectorOf(one.text) : undefined;
      if (values) selectors.push({ values, namespace });
    }
    open = open.filter((one) => !kept.has(one));
  }
  for (const one of samples(parts, namespaces)) kept.add(one);
  return kept;
}

function rootNamespaces(parts: Iterable<Part>): string[] {
  return [
    'istio-system',
    ...[...parts].flatMap(({ text }) => [...valuesOf('rootNamespace', text), ...valuesOf('istioNamespace', text)]),
  ];
}

function isAlwaysKept({ kind, text }: Part): boolean {
  // The mesh config and its like, whatever the ConfigMap is called.
  return kind === '' || always.has(kind) || (kind === 'ConfigMap' && /^\s+["']?mesh/m.test(text));
}

/**
 * What listens at a port decides what becomes of requests for names that nobody knows: one Service stands for all with the same ports.
 * And what a namespace holds tells what is missing in it: one Service of each that matters.
 */
function samples(parts: readonly Part[], namespaces: ReadonlySet<string>): Iterable<Part> {
  const found = new Map<string, Part>();
  for (const one of parts) {
    if (one.kind !== 'Service') continue;
    const ports = one.text.match(/(appProtocol|protocol|port):[ \t]*\S+|-[ \t]+name:[ \t]*\S+/g) ?? [];
    const namespace = namespaceIn(one.text) ?? '';
    for (const likeness of [ports.join(' '), ...(namespaces.has(namespace) ? [`in ${namespace}`] : [])])
      if (!found.has(likeness)) found.set(likeness, one);
  }
  return found.values();
}

function termsOf({ host, from }: TrafficRequest): Term[] {
  const read = readHost(host, from?.namespace ?? '');
  const own = read.is === 'service' ? [{ word: read.name, namespace: read.namespace || undefined }] : [];
  return [{ word: host.toLowerCase(), namespace: undefined }, ...own];
}

function anyIn(terms: Iterable<Term>, text: string): boolean {
  for (const { word, namespace } of terms) if (holds(text, word) && isIn(namespace, text)) return true;
  return false;
}

/** Whether an object may be of a namespace, or speak of it: one that states none may be of any. */
function isIn(namespace: string | undefined, text: string): boolean {
  return namespace === undefined || namespaceIn(text) === undefined || holds(text, namespace);
}

function namespaceIn(text: string): string | undefined {
  return /\bnamespace["']?:[ \t]*["']?([^\s"',}]+)/.exec(text)?.[1];
}

/** Whether a text holds a word that stands for itself. */
function holds(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!/[\w-]/.test(text[at - 1] ?? ' ') && !/[\w-]/.test(text[at + word.length] ?? ' ')) return true;
  }
  return false;
}

/** A route for a wildcard, or for every name that its gateway takes. */
function isForAnyName(text: string): boolean {
  return text.includes('*') || !/host(s|names?)?["']?:/.test(text);
}

function isSender(text: string, { from }: TrafficRequest): boolean {
  return from?.app !== undefined && holds(text, from.app) && isIn(from.namespace, text);
}

/** What a route leads to: Services and, by `delegate`, other routes. */
function targetsOf({ kind, text }: Part): Term[] {
  const hosts = valuesOf('host', text).map((host) => {
    const read = readHost(host, '');
    return read.is === 'service'
      ? { word: read.name, namespace: read.namespace || namespaceIn(text) }
      : { word: host, namespace: undefined };
  });
  // Its name stands in the two lines below, or in the braces behind.
  const delegates = text.match(/\bdelegate["']?:(?:[^\n]*\n?){1,3}/g) ?? [];
  const names = kind === 'VirtualService' ? delegates.flatMap((delegate) => valuesOf('name', delegate)) : valuesOf('name', text);
  return [...hosts.filter(({ word }) => word !== '*'), ...names.map((word) => ({ word, namespace: undefined }))];
}

function valuesOf(key: string, text: string): string[] {
  const found = text.matchAll(new RegExp(`\\b${key}["']?:[ \\t]*["']?([^\\s"',}]+)`, 'g'));
  return [...found].flatMap(([, value]) => value ?? []);
}

/** The values of a Service's selector: a workload's text that lacks one of them is none of its. None at all where they cannot be told. */
function selectorOf(text: string): readonly string[] | undefined {
  const [, inLines, inBraces] = /^ +selector:(?:[ \t]*\n((?: {3,}.*\n?)+)|[ \t]*\{([^}]*)\})/m.exec(text) ?? [];
  if (inLines === undefined && inBraces === undefined) return text.includes('selector') ? [] : undefined;
  return [...(inLines ?? inBraces ?? '').matchAll(/:[ \t]*["']?([^\s"',]+)/g)].flatMap(([, value]) => value ?? []);
}
