import { isObject, type JsonObject } from '../../constructs/kit/json.ts';
import type { Stack } from './stack.ts';
import { objectsOf, type ProxyFacts, telemetriesOf } from './tracing.ts';

/** A Service that proxies send their access log to by OTLP. */
export interface LogService {
  readonly host: string;
  readonly port: number;
}

/**
 * Where a pod's access log goes by OTLP, as mesh config and Telemetry objects ask for it (Istio 1.30): the nearest Telemetry that speaks of
 * access logs, else the default providers. Providers of other kinds, such as Envoy's file, are left out.
 *
 * @param root the mesh's root namespace
 */
export function wantedLogs(
  mesh: JsonObject,
  stack: Pick<Stack, 'objects'>,
  root: string,
  pod: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
): LogService[] {
  const nearest = telemetriesOf(stack, root, pod)
    .map(({ accessLogging }) => objectsOf(accessLogging))
    .findLast((entries) => entries.length > 0);
  if (nearest?.some(({ disabled }) => disabled === true)) return [];
  const stated = nearest?.flatMap(({ providers }) => objectsOf(providers).map(({ name }) => name)) ?? [];
  const { defaultProviders, extensionProviders } = mesh;
  const defaults =
    isObject(defaultProviders) && Array.isArray(defaultProviders.accessLogging) ? defaultProviders.accessLogging : [];
  const names = stated.length > 0 ? stated : defaults;
  return objectsOf(extensionProviders).flatMap(({ name, envoyOtelAls }) =>
    names.includes(name ?? '') && isObject(envoyOtelAls)
      ? [{ host: String(envoyOtelAls.service).split('/').at(-1) ?? '', port: Number(envoyOtelAls.port) }]
      : [],
  );
}

/** What differs between where a proxy sends its access log and where it should; none when all is well. */
export function logProblems({ tracing, clusters }: ProxyFacts, wanted: readonly LogService[]): string[] {
  const expected = wanted.map(({ host, port }) => `outbound|${port}||${host}`);
  const found = new Set<string>();
  for (const { listener, logs } of tracing) {
    for (const one of expected)
      if (!logs.some((cluster) => cluster === one || cluster.startsWith(`${one}.`)))
        found.add(`the access log of listener ${listener} goes to ${logs.join(', ') || 'no service'}, expected ${one}`);
    for (const cluster of logs) {
      if (expected.length === 0) found.add(`an access log goes to ${cluster}, none was asked for`);
      else if (!clusters.has(cluster))
        found.add(`${cluster} of the access log does not exist: no such Service or port, or hidden`);
      else if (clusters.get(cluster) === 0) found.add(`${cluster} of the access log has no endpoints`);
    }
  }
  return [...found].slice(0, 4);
}
