import { LOKI_GRPC, LOKI_HTTP, type LokiAddress, lokiAt } from '../../model/logs/loki.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { pathOf, type Query, queriesOf } from '../pages/queries.ts';

export const lokiQueries: Rule = {
  code: 'OBS043',
  title: 'a Loki data source asks where Loki answers no queries',
  severity: 'error',
  run: (model) => queriesOf(model).flatMap((query) => (query.api === 'loki' ? (queryFault(model, query) ?? []) : [])),
  docs: {
    cause:
      'Grafana appends /loki/api/v1/... to the URL of a Loki data source by itself. A URL that has this path already, or that of the OTLP intake, and one with /loki for a Loki that serves at its root, is answered with 404; port 9095 speaks gRPC.',
    fix: 'Write the address of Loki, or of the gateway before it, with port and without the path of its API: `http://loki.observability:3100`.',
    example:
      'datasources:\n- {name: Loki, type: loki, uid: loki, url: "http://loki.observability:3100/loki"}   # leave out /loki',
  },
};

// What Grafana, a log agent or an exporter adds to the address.
const API = /(\/loki)?\/api\/(v1|prom)(\/.*)?$|\/otlp(\/v1\/logs)?$/;

function queryFault(model: Model, { what, url, at, namespace }: Query): Fault | undefined {
  const path = pathOf(url);
  if (path === undefined) return undefined;
  const base = url.replace(/[?#].*$/, '').replace(/\/+$/, '');
  const without = (part: string) => `write "${base.slice(0, base.length - part.length)}"`;
  const [api] = API.exec(path) ?? [];
  if (api !== undefined) {
    const intake = api.startsWith('/otlp');
    const message = `${what} names ${api}, ${intake ? 'where Loki takes logs and answers no queries' : 'which is added to the URL by itself'}`;
    return { at, message, hint: without(api) };
  }
  const loki = lokiAt(model, url, namespace);
  if (!loki) return undefined;
  const severity = loki.workload ? {} : { severity: 'warning' as const };
  if (loki.containerPort === LOKI_GRPC)
    return {
      at,
      ...severity,
      message: `${what} asks at port ${loki.port} of ${loki.host}, where Loki speaks gRPC`,
      hint: `use port ${LOKI_HTTP}`,
    };
  if (path !== '/loki' || mayHavePrefix(model, loki)) return undefined;
  return { at, ...severity, message: `${what} asks under /loki, but ${loki.host} answers at its root`, hint: without(path) };
}

/** Whether something of the input tells Loki to serve below a path (`server.http_path_prefix`). */
function mayHavePrefix(model: Model, { workload }: LokiAddress): boolean {
  if (!workload) return false;
  const configs = [...model.kind('ConfigMap'), ...model.kind('Secret')].filter((one) => one.namespace === workload.namespace);
  return [workload.object, ...configs].some(({ json }) => /http_path_prefix|server\.path-prefix/.test(JSON.stringify(json)));
}
