import { isObject, type Json, type JsonObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';
import type { Stack } from './stack.ts';

/** What the tracing of one HTTP connection manager of a proxy is. */
export interface ProxyTracing {
  readonly listener: string;
  /** Envoy clusters that the spans go to; none for a tracer that the proxy's bootstrap names. Undefined: no tracing. */
  readonly clusters: readonly string[] | undefined;
  /** Envoy's extension: `envoy.tracers.zipkin`; none for a tracer that the proxy's bootstrap names. */
  readonly tracer?: string;
  /** Percent of the requests. */
  readonly sampling: number;
  /** Envoy clusters that the access log goes to. */
  readonly logs: readonly string[];
}

/** The facts of an Envoy configuration dump (the JSON of `/config_dump?include_eds`) that spans depend on. */
export interface ProxyFacts {
  readonly tracing: readonly ProxyTracing[];
  /** The addresses of each Envoy cluster; undefined for those that find them by themselves (DNS). */
  readonly clusters: ReadonlyMap<string, number | undefined>;
}

/** Reads a configuration dump. */
export function proxyFacts(dump: unknown): ProxyFacts {
  const tracing: ProxyTracing[] = [];
  const clusters = new Map<string, number | undefined>();
  for (const section of isObject(dump) ? objectsOf(dump.configs) : []) {
    for (const { activeState } of objectsOf(section.dynamicListeners)) {
      const listener = isObject(activeState) ? activeState.listener : undefined;
      if (isObject(listener)) tracing.push(...tracingOf(String(listener.name), listener));
    }
    for (const { cluster } of objectsOf(section.dynamicActiveClusters)) {
      if (isObject(cluster)) clusters.set(String(cluster.name), clusters.get(String(cluster.name)));
    }
    for (const { endpointConfig } of objectsOf(section.dynamicEndpointConfigs)) {
      if (!isObject(endpointConfig)) continue;
      const addresses = objectsOf(endpointConfig.endpoints).flatMap(({ lbEndpoints }) => objectsOf(lbEndpoints));
      clusters.set(String(endpointConfig.clusterName), addresses.length);
    }
  }
  return { tracing, clusters };
}

function tracingOf(listener: string, json: JsonObject): ProxyTracing[] {
  // The way into a waypoint's tunnel, which requests come out of at another listener.
  if (listener === 'connect_terminate') return [];
  return [...walk(json)]
    .filter((value) => 'httpFilters' in value && ('rds' in value || 'routeConfig' in value))
    .map(({ tracing, accessLog }) => {
      const logs = clustersIn(accessLog);
      if (!isObject(tracing)) return { listener, clusters: undefined, sampling: 0, logs };
      const { value } = isObject(tracing.randomSampling) ? tracing.randomSampling : {};
      const { name } = isObject(tracing.provider) ? tracing.provider : {};
      return {
        listener,
        ...(typeof name === 'string' ? { tracer: name } : {}),
        clusters: clustersIn(tracing.provider),
        sampling: typeof value === 'number' ? value : 0,
        logs,
      };
    });
}

function clustersIn(settings: Json | undefined): string[] {
  return [...walk(settings ?? null)]
    .flatMap(({ clusterName, collectorCluster, cluster }) => [clusterName, collectorCluster, cluster])
    .filter((name) => typeof name === 'string');
}

/** What the stack says that a proxy's tracing should be. */
export interface WantedTracing {
  /** Where the spans go. */
  readonly service?: { readonly host: string; readonly port: number };
  /** Envoy's extension for the provider's kind. */
  readonly tracer?: string;
  /** The legacy way instead: the zipkin address that the proxy's bootstrap must hold. */
  readonly address?: string;
  readonly sampling: number;
}

/**
 * The tracing that mesh config and Telemetry objects ask for (Istio 1.30): mesh-wide, then the namespace's, then the workload's Telemetry,
 * the later replacing field by field; undefined when no spans are wanted.
 *
 * @param root the mesh's root namespace
 * @throws UserError when the provider they name is not in the mesh config
 */
export function wantedTracing(
  mesh: JsonObject,
  stack: Pick<Stack, 'objects'>,
  root: string,
  pod: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
): WantedTracing | undefined {
  const layers = telemetriesOf(stack, root, pod);
  const telemetry: JsonObject = Object.assign({}, ...layers.map(({ tracing }) => objectsOf(tracing)[0] ?? {}));
  const { defaultProviders, defaultConfig, extensionProviders } = mesh;
  const proxy = isObject(defaultConfig) && isObject(defaultConfig.tracing) ? defaultConfig.tracing : undefined;
  const legacy = layers.length === 0 ? proxy : undefined;
  const percent = telemetry.randomSamplingPercentage ?? proxy?.sampling;
  const sampling = typeof percent === 'number' ? percent : 1;
  if (telemetry.disableSpanReporting === true) return undefined;
  const byDefault =
    isObject(defaultProviders) && Array.isArray(defaultProviders.tracing) ? defaultProviders.tracing[0] : undefined;
  const name = objectsOf(telemetry.providers)[0]?.name ?? byDefault;
  const zipkin = legacy && isObject(legacy.zipkin) ? legacy.zipkin : undefined;
  if (name === undefined) return typeof zipkin?.address === 'string' ? { address: zipkin.address, sampling } : undefined;
  const provider = objectsOf(extensionProviders).find((entry) => entry.name === name);
  const [kind, settings] = Object.entries(provider ?? {}).find(([, value]) => isObject(value)) ?? [];
  if (!isObject(settings)) throw new UserError(`the mesh config has no tracing provider '${name}'`);
  // The service may be written as NAMESPACE/HOST.
  const host = String(settings.service).split('/').at(-1) ?? '';
  return { service: { host, port: Number(settings.port) }, tracer: `envoy.tracers.${kind}`, sampling };
}

/** The specs of the Telemetry objects that concern a pod: mesh-wide first, its own last. */
export function telemetriesOf(
  stack: Pick<Stack, 'objects'>,
  root: string,
  pod: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
): JsonObject[] {
  return stack.objects
    .filter(({ kind, namespace }) => kind === 'Telemetry' && (namespace === root || namespace === pod.namespace))
    .map(({ namespace, json }) => ({ namespace, spec: isObject(json.spec) ? json.spec : {} }))
    .filter(({ spec }) => matches(spec.selector, pod.labels))
    .map(({ namespace, spec }) => ({ rank: spec.selector ? 2 : namespace === root ? 0 : 1, spec }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ spec }) => spec);
}

/** What differs between what a proxy is told and what the stack wants; none when all is well. */
export function tracingProblems({ tracing, clusters: known }: ProxyFacts, wanted: WantedTracing | undefined): string[] {
  if (tracing.length === 0) return ['it has no HTTP listener'];
  const listeners = new Map<string, string[]>();
  for (const one of tracing)
    for (const problem of problemsOf(one, known, wanted))
      listeners.set(problem, [...(listeners.get(problem) ?? []), one.listener]);
  return [...listeners].map(
    ([problem, [first, ...more]]) => `${problem} (listener ${first}${more.length > 0 ? ` and ${more.length} more` : ''})`,
  );
}

function problemsOf(
  { clusters, sampling, tracer }: ProxyTracing,
  known: ProxyFacts['clusters'],
  wanted: WantedTracing | undefined,
): string[] {
  if (!wanted) return clusters ? [`spans go to ${clusters.join(', ')}, none were asked for`] : [];
  if (!clusters) return ['no tracing: the provider does not resolve'];
  const problems: string[] = [];
  const expected = wanted.service && `outbound|${wanted.service.port}||${wanted.service.host}`;
  if (expected && !clusters.some((cluster) => cluster === expected || cluster.startsWith(`${expected}.`)))
    problems.push(`spans go to ${clusters.join(', ')}, expected ${expected}`);
  if (wanted.tracer !== undefined && tracer !== wanted.tracer)
    problems.push(`the tracer is ${tracer}, expected ${wanted.tracer}`);
  if (Math.abs(sampling - wanted.sampling) > 0.005) problems.push(`sampling is ${sampling} %, expected ${wanted.sampling} %`);
  for (const cluster of clusters) {
    if (!known.has(cluster)) problems.push(`${cluster} does not exist: no such Service or port, or hidden from the proxy`);
    else if (known.get(cluster) === 0) problems.push(`${cluster} has no endpoints`);
  }
  return problems;
}

function matches(selector: Json | undefined, labels: Readonly<Record<string, string>>): boolean {
  const wanted = isObject(selector) && isObject(selector.matchLabels) ? selector.matchLabels : {};
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function* walk(value: Json): Generator<JsonObject> {
  if (isObject(value)) yield value;
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) yield* walk(inner);
}

/** The objects of a list. */
export function objectsOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
