import { items, strings, text } from '../../json-path.ts';
import type { ProofObject } from '../../types.ts';
import { templateOf, type Workload } from '../workloads.ts';

const INJECT = 'instrumentation.opentelemetry.io/inject-';
// What the annotation calls a language, and the Instrumentation otherwise.
const CALLED: ReadonlyMap<string, string> = new Map([['apache-httpd', 'apacheHttpd']]);

/** Pods that the operator puts an agent into. */
export interface Injected {
  /** The Instrumentation that they ask for. */
  readonly by: ProofObject;
  readonly namespace: string;
  /** As the Instrumentation calls it: `java`, `apacheHttpd`; `sdk` for variables alone. */
  readonly language: string;
}

/**
 * The pods of the input that ask for an Instrumentation, by their own annotation or that of their namespace (operator 0.158). Those that
 * state where to send by themselves are left out.
 */
export function injectedPods(
  objects: readonly ProofObject[],
  workloads: readonly Workload[],
  instrumentations: readonly ProofObject[],
): Injected[] {
  const namespaces = new Map(objects.flatMap((one) => (one.kind === 'Namespace' ? [[one.name, one] as const] : [])));
  return workloads.flatMap(({ object, namespace, podSpec }): Injected[] => {
    const template = templateOf(object);
    if (!podSpec || !template || statesEndpoint(object, podSpec)) return [];
    const asked = new Map([
      ...strings(namespaces.get(namespace)?.json, 'metadata', 'annotations'),
      ...strings(object.json, ...template, 'metadata', 'annotations'),
    ]);
    return [...asked].flatMap(([key, value]) => {
      const by = key.startsWith(INJECT) ? meant(value, namespace, instrumentations) : undefined;
      const language = key.slice(INJECT.length);
      return by ? [{ by, namespace, language: CALLED.get(language) ?? language }] : [];
    });
  });
}

/** `true` is the only one of the namespace; otherwise a name, or `NAMESPACE/NAME`. */
function meant(value: string, namespace: string, all: readonly ProofObject[]): ProofObject | undefined {
  if (value.toLowerCase() === 'false') return undefined;
  if (value.toLowerCase() === 'true') {
    const [only, another] = all.filter((one) => one.namespace === namespace);
    return another ? undefined : only;
  }
  const [first = '', second] = value.split('/');
  return all.find((one) => one.namespace === (second === undefined ? namespace : first) && one.name === (second ?? first));
}

function statesEndpoint(object: ProofObject, podSpec: readonly (string | number)[]): boolean {
  return items(object.json, ...podSpec, 'containers').some(
    (container) =>
      items(container, 'envFrom').length > 0 ||
      items(container, 'env').some((one) => text(one, 'name')?.startsWith('OTEL_EXPORTER_OTLP_')),
  );
}
