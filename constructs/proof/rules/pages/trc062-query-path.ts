import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { pathOf, type Query, queriesOf, type Reached, reach } from './queries.ts';

export const queryPath: Rule = {
  code: 'TRC062',
  title: 'a query URL does not have the backend’s base path',
  severity: 'error',
  run: (model) => queriesOf(model).flatMap((query) => pathFault(query, reach(model, query)) ?? []),
  docs: {
    cause:
      'The URL of a Grafana data source, or of Kiali over HTTP, has another path than the backend: Jaeger with `base_path: /jaeger` (as in Istio’s addon) answers everything else with its page, and the caller complains of `invalid character "<"` (kiali#3041). Just so when the URL says /jaeger and Jaeger has no base path. The path of spans (/api/v2/spans) is no path for queries.',
    fix: 'End the URL with the base path of the backend, nothing more.',
    example:
      'datasources:\n- {name: Jaeger, type: jaeger, url: "http://tracing.istio-system"}   # base_path: /jaeger, so http://tracing.istio-system/jaeger',
  },
};

// What a data source adds by itself.
const TOO_LONG: ReadonlyMap<string, RegExp> = new Map([
  ['jaeger', /\/api\/traces$/],
  ['zipkin', /\/api\/v2\/(spans|traces)$/],
  ['tempo', /\/(api\/(traces|search)|v1\/traces)$/],
]);

function pathFault(query: Query, reached: Reached | undefined): Fault | undefined {
  const path = pathOf(query.url);
  if (query.how === 'grpc' || path === undefined) return undefined;
  const { what, at, api } = query;
  const added = TOO_LONG.get(api)?.exec(path);
  if (added) {
    const message = `${what} names ${added[0]}, which is added to the URL by itself`;
    return { at, message, hint: `write "${baseOf(query.url)}${path.slice(0, added.index)}"` };
  }
  const { program, prometheus, query: found } = reached ?? {};
  if (api === 'prometheus' && prometheus?.prefix !== undefined && prometheus.prefix !== path)
    return pathMismatch(query, path, prometheus.prefix, prometheus.object.id);
  if (!program || program.is !== api || found?.path === undefined || found.path === path) return undefined;
  // At another port it is not the path that is wrong: TRC061.
  if (found.http !== undefined && reached?.containerPort !== found.http) return undefined;
  return pathMismatch(query, path, found.path, program.object.id);
}

function pathMismatch({ what, at, url }: Query, path: string, right: string, backend: string): Fault {
  const answers = `${backend} answers ${right === '' ? 'at its root' : `under ${right}`}`;
  return {
    at,
    message: `${what} asks under ${path === '' ? 'no path' : path}, but ${answers}`,
    hint: `write "${baseOf(url)}${right}"`,
    cause: `path ${path} of ${backend}`,
  };
}

/** A URL without its path. */
function baseOf(url: string): string {
  return /^([a-z][a-z0-9+.-]*:\/\/)?[^/?#]*/i.exec(url)?.[0] ?? '';
}
