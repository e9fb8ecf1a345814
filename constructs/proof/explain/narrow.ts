import { readHost } from '../model/hosts.ts';
import type { SourceFile } from '../read/source.ts';
import { partsOf } from '../read/yaml.ts';
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
    source: parts.map((part) => (kept.has(part) ? part.text : part.text.replace(/[^\n]+/g, ''))).join(''),
  }));
}

/** One document, as far as it can be told without reading it. */
interface Part {
  readonly text: string;
  /** Empty where it does not begin a line: in JSON, in a comment at the end, in text that is no YAML at all. */
  readonly kind: string;
}

/** Those that decide also by what they do not name: a policy of a namespace, a gateway's servers, the mesh config. */
const always = new Set([
  ...['Gateway', 'GatewayClass', 'ListenerSet', 'IngressClass', 'Sidecar', 'Namespace', 'ReferenceGrant', 'ServiceEntry'],
  ...['WorkloadEntry', 'WorkloadGroup', 'PeerAuthentication', 'AuthorizationPolicy', 'RequestAuthentication'],
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

function partOf(text: string): Part {
  return { text, kind: /^kind:[ \t]*["']?(\w+)/m.exec(text)?.[1] ?? '' };
}

function chosen(parts: readonly Part[], request: TrafficRequest): ReadonlySet<Part> {
  const words = new Set(wordsOf(request));
  const selectors: (readonly string[])[] = [];
  const kept = new Set<Part>(parts.filter(isAlwaysKept));
  for (const one of samples(parts)) kept.add(one);
  let open = parts.filter(
    ({ kind }) => routes.has(kind) || workloads.has(kind) || kind === 'Service' || kind === 'DestinationRule',
  );
  // What the routes lead to may be routed itself.
  for (;;) {
    const isNamed = anyOf(words);
    const found = new Set(
      open.filter(({ kind, text }) => {
        if (workloads.has(kind))
          return isSender(text, request) || selectors.some((values) => values.every((value) => text.includes(value)));
        return isNamed(text) || (routes.has(kind) && isForAnyName(text));
      }),
    );
    if (found.size === 0) return kept;
    for (const one of found) {
      kept.add(one);
      if (routes.has(one.kind)) for (const word of targetsOf(one)) words.add(word);
      const selector = one.kind === 'Service' ? selectorOf(one.text) : undefined;
      if (selector) selectors.push(selector);
    }
    open = open.filter((one) => !found.has(one));
  }
}

function isAlwaysKept({ kind, text }: Part): boolean {
  // The mesh config and its like, whatever the ConfigMap is called.
  return kind === '' || always.has(kind) || (kind === 'ConfigMap' && /^\s+["']?mesh/m.test(text));
}

/**
 * What listens at a port decides what becomes of requests for names that nobody knows, and what a namespace holds tells what is missing
 * in it: one Service stands for all of a namespace with the same ports.
 */
function samples(parts: readonly Part[]): Iterable<Part> {
  const alike = new Map<string, Part>();
  for (const one of parts) {
    if (one.kind !== 'Service') continue;
    const ports = one.text.match(/(appProtocol|protocol|name|port):[ \t]*\S+/g)?.filter((line) => !line.startsWith('name')) ?? [];
    const likeness = [
      /^\s+namespace:[ \t]*(\S+)/m.exec(one.text)?.[1],
      ...ports,
      /-\s+name:[ \t]*(\S+)/.exec(one.text)?.[1],
    ].join(' ');
    if (!alike.has(likeness)) alike.set(likeness, one);
  }
  return alike.values();
}

function wordsOf({ host }: TrafficRequest): string[] {
  const read = readHost(host, '');
  return [host, ...(read.is === 'service' ? [read.name] : [])];
}

function anyOf(words: ReadonlySet<string>): (text: string) => boolean {
  const pattern = new RegExp(
    `(?<![\\w-])(?:${[...words].map((word) => word.replace(/[^\w-]/g, '\\$&')).join('|')})(?![\\w-])`,
    'i',
  );
  return (text) => pattern.test(text);
}

/** A route for a wildcard, or for every name that its gateway takes. */
function isForAnyName(text: string): boolean {
  return text.includes('*') || !/host(s|names?)?["']?:/.test(text);
}

function isSender(text: string, { from }: TrafficRequest): boolean {
  return from?.app !== undefined && text.includes(from.app);
}

/** The names of what a route leads to: Services and, by `delegate`, other routes. */
function targetsOf({ kind, text }: Part): string[] {
  const hosts = valuesOf('host', text).map((host) => host.split('.')[0] ?? host);
  const delegates = text.match(/\bdelegate["']?:[^:]*:[^:]*:[^\n]*/g) ?? [];
  const names = kind === 'VirtualService' ? delegates.flatMap((delegate) => valuesOf('name', delegate)) : valuesOf('name', text);
  return [...hosts, ...names].filter((word) => word !== '*');
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
