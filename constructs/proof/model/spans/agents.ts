import { at, text } from '../../json-path.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import { addressOf } from '../pages/backends.ts';
import type { Workload } from '../workloads.ts';
import { type Container, envOf } from './containers.ts';
import { injectedPods } from './injected.ts';

/** The agents that the operator puts into pods, as one Instrumentation tells them where to send (operator 0.158). */
export interface Agents {
  readonly object: ProofObject;
  /** For people: `Instrumentation "agents"`, with the language where that is told something else. */
  readonly what: string;
  /** Undefined where each language takes its own default. */
  readonly protocol: 'otlp-grpc' | 'otlp-http' | undefined;
  readonly host: string;
  readonly port: number;
  /** The agents add the path of traces to it. */
  readonly isBase: boolean;
  /** The path of its URL, where one is stated. */
  readonly path: string | undefined;
  readonly tls: 'plain' | 'tls' | 'unknown';
  /** The namespaces of the pods that the input shows to be told so. */
  readonly namespaces: readonly string[];
  readonly at: Spot;
}

const LANGUAGES = ['java', 'nodejs', 'python', 'dotnet', 'go', 'apacheHttpd', 'nginx'];
// The modules of web servers do not read the variable.
const SPEAK_THEIR_OWN = new Set(['apacheHttpd', 'nginx']);
const PROTOCOLS: ReadonlyMap<string, Agents['protocol']> = new Map([
  ['grpc', 'otlp-grpc'],
  ['http/protobuf', 'otlp-http'],
  ['http/json', 'otlp-http'],
]);

/** Where the agents of every Instrumentation send: what all languages are told, and what one is told otherwise. */
export function agentsOf(objects: readonly ProofObject[], workloads: readonly Workload[]): Agents[] {
  const all = objects.filter(({ group, kind }) => group === 'opentelemetry.io' && kind === 'Instrumentation');
  if (all.length === 0) return [];
  const pods = injectedPods(objects, workloads, all);
  return all.flatMap((object) => {
    const common = variables(object, []);
    const shared = told(object, common, undefined);
    const apart = LANGUAGES.flatMap((language) => {
      const own = variables(object, [language]);
      const to = own.size === 0 ? shared : told(object, new Map([...common, ...own]), language);
      return to === shared || (to && shared && !differs(to, shared)) ? [] : [{ language, to }];
    });
    const namespacesOf = (isTold: (language: string) => boolean) => [
      ...new Set(pods.flatMap(({ by, language, namespace }) => (by === object && isTold(language) ? [namespace] : []))),
    ];
    const others = namespacesOf((language) => !apart.some((one) => one.language === language));
    return [
      ...(shared ? [{ ...shared, namespaces: others }] : []),
      ...apart.flatMap(({ language, to }) => (to ? [{ ...to, namespaces: namespacesOf((one) => one === language) }] : [])),
    ];
  });
}

type Told = Omit<Agents, 'namespaces'>;
type Variables = Container['env'];

function variables(object: ProofObject, path: Path): Variables {
  return envOf(object, ['spec', ...path], at(object.json, 'spec', ...path));
}

function differs(one: Told, all: Told): boolean {
  return one.host !== all.host || one.port !== all.port || one.protocol !== all.protocol || one.path !== all.path;
}

/** Undefined where they send no spans by OTLP, or nobody can say where to. */
function told(object: ProofObject, env: Variables, language: string | undefined): Told | undefined {
  const exporters = env.get('OTEL_TRACES_EXPORTER');
  if (exporters && !exporters.value?.split(',').includes('otlp')) return undefined;
  const own = env.get('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const stated = own ?? env.get('OTEL_EXPORTER_OTLP_ENDPOINT');
  const path = ['spec', 'exporter', 'endpoint'];
  const url = stated ? stated.value : text(object.json, ...path);
  const address = url === undefined ? undefined : addressOf(url);
  if (url === undefined || address === undefined) return undefined;
  const named = env.get('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? env.get('OTEL_EXPORTER_OTLP_PROTOCOL');
  return {
    object,
    what: `Instrumentation "${object.name}"${language === undefined ? '' : ` (${language})`}`,
    protocol: SPEAK_THEIR_OWN.has(language ?? '') ? undefined : PROTOCOLS.get(named?.value ?? ''),
    ...address,
    isBase: own === undefined,
    path: /^[a-z]+:\/\/[^/]*(\/[^?#]*)/i.exec(url)?.[1],
    tls: /^https:/i.test(url) ? 'tls' : /^http:/i.test(url) ? 'plain' : 'unknown',
    at: stated?.at ?? spotOf(object, path),
  };
}
