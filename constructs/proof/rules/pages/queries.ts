import { readHost } from '../../model/hosts.ts';
import type { Model } from '../../model/model.ts';
import { addressOf } from '../../model/pages/backends.ts';
import type { GrafanaSource } from '../../model/pages/grafana.ts';
import type { Prometheus } from '../../model/pages/prometheus.ts';
import { type QueryApi, queryApi } from '../../model/pages/query-api.ts';
import type { Service } from '../../model/services.ts';
import type { Program } from '../../model/spans/programs.ts';
import type { ProofObject, Spot } from '../../types.ts';
import { liveApart } from '../apart.ts';

/** An API that a page asks. */
export type Api = 'jaeger' | 'tempo' | 'zipkin' | 'prometheus' | 'loki';

const APIS: ReadonlySet<string> = new Set<Api>(['jaeger', 'tempo', 'zipkin', 'prometheus', 'loki']);

/** A page's question to a backend. */
export interface Query {
  /** Who asks: `data source "Jaeger"`, `Kiali`. */
  readonly what: string;
  readonly by: 'grafana' | 'kiali';
  readonly api: Api;
  readonly how: 'http' | 'grpc';
  readonly url: string;
  readonly at: Spot;
  readonly namespace: string;
}

/** What a query reaches. */
export interface Reached {
  readonly port: number;
  readonly service: Service | undefined;
  readonly program: Program | undefined;
  readonly prometheus: Prometheus | undefined;
  /** The port of the container; the URL's own where nothing is known of the Service. */
  readonly containerPort: number;
  readonly query: QueryApi | undefined;
}

/** All queries whose API is known: of Grafana's data sources and of Kiali. */
export function queriesOf(model: Model): Query[] {
  const grafana = model.grafana.sources.flatMap(({ name, type, url, namespace, spot }): Query[] => {
    if (url === undefined || !isApi(type)) return [];
    return [{ what: `data source "${name}"`, by: 'grafana', api: type, how: 'http', url, at: spot(['url']), namespace }];
  });
  const kiali = model.kialis.flatMap(({ namespace, tracing, config }): Query[] => {
    const { enabled, provider, url, urlAt, useGrpc } = tracing;
    if (config.partial || enabled !== true || url === undefined || (provider !== 'jaeger' && provider !== 'tempo')) return [];
    const how = useGrpc && provider === 'jaeger' ? 'grpc' : 'http';
    return [{ what: "Kiali's tracing", by: 'kiali', api: provider, how, url, at: urlAt, namespace }];
  });
  const metrics = model.kialiBackends.flatMap(({ what, url, at, namespace }): Query[] =>
    what === "Kiali's prometheus" ? [{ what, by: 'kiali', api: 'prometheus', how: 'http', url, at, namespace }] : [],
  );
  return [...grafana, ...kiali, ...metrics];
}

/** Follows a URL to the program behind it; undefined when it cannot be read or leads to no port. */
export function reach(model: Model, { url, namespace }: Pick<Query, 'url' | 'namespace'>): Reached | undefined {
  const address = addressOf(url);
  if (!address) return undefined;
  const { host, port } = address;
  const found = model.services.find(host, namespace);
  if (found.is === 'missing' || found.is === 'entry') return undefined;
  if (found.is === 'unknown') {
    const read = readHost(host, namespace);
    const prometheus = read.is === 'service' ? model.prometheuses.named(read.name, read.namespace) : undefined;
    return { port, service: undefined, program: undefined, prometheus, containerPort: port, query: undefined };
  }
  const { service } = found;
  if (statedTwice(model).has(service.id)) return undefined;
  const behind = model.programs.behind(service, port);
  const stated = service.ports === 'unknown' ? undefined : service.ports.find((one) => one.number === port);
  if (!stated && service.ports !== 'unknown') return undefined;
  return {
    port,
    service,
    program: behind?.program,
    prometheus: behind ? undefined : model.prometheuses.behind(service),
    containerPort: behind?.containerPort ?? (typeof stated?.target === 'number' ? stated.target : port),
    query: behind && queryApi(behind.program),
  };
}

const twice = new WeakMap<Model, ReadonlySet<string>>();

/** Services that several folders state, each for an environment of its own: nobody knows which one is meant. */
function statedTwice(model: Model): ReadonlySet<string> {
  const known = twice.get(model);
  if (known) return known;
  const first = new Map<string, ProofObject>();
  const found = new Set<string>();
  for (const object of model.kind('Service')) {
    const other = first.get(object.id);
    if (!other) first.set(object.id, object);
    else if (liveApart(object, other)) found.add(object.id);
  }
  twice.set(model, found);
  return found;
}

/** The type that a data source should have, by what its URL leads to; undefined when that is not known. */
export function typeBehind(model: Model, { url, namespace }: Pick<GrafanaSource, 'url' | 'namespace'>): Api | undefined {
  const reached = url === undefined ? undefined : reach(model, { url, namespace });
  if (reached?.prometheus) return 'prometheus';
  return reached?.program && isApi(reached.program.is) ? reached.program.is : undefined;
}

/** The path of a URL, without a slash at its end; undefined when it holds variables. */
export function pathOf(url: string): string | undefined {
  const path = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? '';
  return path.includes('$') ? undefined : path.replace(/\/+$/, '');
}

/** The port of a Service that leads to a container port of a program, in words: `port 80 of Service/shop/tracing`. */
export function portTo(model: Model, program: Program, containerPort: number | undefined): string | undefined {
  if (containerPort === undefined) return undefined;
  for (const service of model.services.inNamespace(program.namespace)) {
    if (service.ports === 'unknown') continue;
    for (const { number } of service.ports) {
      const found = model.programs.behind(service, number);
      if (found?.program === program && found.containerPort === containerPort) return `port ${number} of ${service.id}`;
    }
  }
  return undefined;
}

function isApi(type: string): type is Api {
  return APIS.has(type);
}
