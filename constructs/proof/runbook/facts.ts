import { at, items, number, strings, text } from '../json-path.ts';
import { fullHost } from '../model/hosts.ts';
import type { Model } from '../model/model.ts';
import type { Route } from '../model/routes.ts';
import type { Service } from '../model/services.ts';
import type { Hop, TracePath } from '../model/spans/hops.ts';
import type { Program } from '../model/spans/programs.ts';
import { selects, type Workload } from '../model/workloads.ts';

/** A service of the mesh that people call through a gateway: what the commands of a runbook try. */
export interface EntryApp {
  readonly service: Service;
  readonly workload: Workload;
  /** What Envoy calls it in spans: `APP.NAMESPACE` (Istio 1.30, tracing service name). */
  readonly spanName: string;
  readonly url: string;
}

/** What a runbook names, all of it read from the stack. */
export interface RunbookFacts {
  readonly model: Model;
  readonly stack: string;
  readonly rootNamespace: string;
  /** The provider that proxies use by default, or the legacy address; undefined when nothing is traced. */
  readonly first: Hop | undefined;
  /** The ways of a span from there. */
  readonly paths: readonly TracePath[];
  /** The programs on these ways that keep spans. */
  readonly backends: readonly Program[];
  readonly collectors: readonly Program[];
  /** Percent of requests, mesh-wide. */
  readonly sampling: number;
  readonly app: EntryApp | undefined;
  /** The URL that a Service's page is published at; undefined when no gateway publishes it. */
  published(service: Service): string | undefined;
}

/** Reads what a runbook names. */
export function factsOf(model: Model, stack: string): RunbookFacts {
  const [mesh] = model.meshConfigs;
  const name = mesh?.defaults.find(({ signal }) => signal === 'tracing')?.name;
  const isFirst = ({ from }: Hop) =>
    name === undefined ? from.is === 'tracer' : from.is === 'provider' && from.provider.name === name;
  const paths = model.hops.paths().filter(({ hops: [hop] }) => hop !== undefined && isFirst(hop));
  const programs = [...new Set(paths.flatMap(({ hops }) => hops.flatMap(({ program }) => program ?? [])))];
  return {
    model,
    stack,
    rootNamespace: mesh?.rootNamespace ?? 'istio-system',
    first: paths[0]?.hops[0],
    paths,
    backends: programs.filter(({ is }) => is !== 'collector'),
    collectors: programs.filter(({ is }) => is === 'collector'),
    sampling: samplingOf(model),
    app: entryApp(model),
    published: (service) => publishedAt(model, service),
  };
}

/** Mesh-wide Telemetry, else the bootstrap's setting, else Istio's 1 %. */
function samplingOf(model: Model): number {
  const [mesh] = model.meshConfigs;
  const root = model.telemetries.find(({ object, wide, tracing }) => wide && tracing && object.namespace === mesh?.rootNamespace);
  const [entry] = items(root?.object.json, 'spec', 'tracing');
  return number(entry, 'randomSamplingPercentage') ?? number(mesh?.value, 'defaultConfig', 'tracing', 'sampling') ?? 1;
}

function entryApp(model: Model): EntryApp | undefined {
  const injected = new Set(
    model.kind('Namespace').flatMap(({ name, json }) => {
      const labels = strings(json, 'metadata', 'labels');
      return labels.get('istio-injection') === 'enabled' || labels.has('istio.io/rev') || labels.has('istio.io/dataplane-mode')
        ? [name]
        : [];
    }),
  );
  for (const route of model.routes) {
    if (route.gateways.length === 0) continue;
    for (const { host } of route.destinations) {
      const found = model.services.find(host, route.object.namespace);
      if (found.is !== 'service' || !injected.has(found.service.namespace)) continue;
      const { service } = found;
      const workload = model.workloadsIn(service.namespace).find(({ labels }) => selects(service.selector, labels));
      if (!workload) continue;
      const app = workload.labels.get('app') ?? workload.name;
      return { service, workload, spanName: `${app}.${service.namespace}`, url: `${originOf(route)}${firstPath(route)}` };
    }
  }
  return undefined;
}

function publishedAt(model: Model, service: Service): string | undefined {
  const route = model.routes.find(
    ({ object, gateways, destinations }) =>
      gateways.length > 0 &&
      destinations.some(({ host }) => {
        const found = model.services.find(host, object.namespace);
        return found.is === 'service' && found.service === service;
      }),
  );
  return route && originOf(route);
}

/** `http://HOST`; any host is the gateway's own address. */
function originOf({ object }: Route): string {
  const [host] = items(object.json, 'spec', 'hosts').filter((one) => typeof one === 'string');
  return `http://${host === undefined || host === '*' ? '$GATEWAY' : host}`;
}

function firstPath({ object }: Route): string {
  for (const rule of items(object.json, 'spec', 'http')) {
    for (const match of items(rule, 'match')) {
      const path = text(match, 'uri', 'exact') ?? text(match, 'uri', 'prefix');
      if (path !== undefined) return path;
    }
  }
  return '/';
}

/** Where a program's query API or page is asked: the Service and port that lead to one of its container ports. */
export function serviceFor(
  model: Model,
  program: Program,
  containerPort: number,
): { service: Service; port: number } | undefined {
  for (const service of model.services.inNamespace(program.namespace)) {
    if (service.ports === 'unknown') continue;
    for (const { number: port } of service.ports) {
      const behind = model.programs.behind(service, port);
      if (behind?.program === program && behind.containerPort === containerPort) return { service, port };
    }
  }
  return undefined;
}

/** The kubectl name of what a program runs in: `deploy/collector`. */
export function deployName({ object, name }: Program): string {
  if (object.kind === 'OpenTelemetryCollector') return `deploy/${name}-collector`;
  return `${object.kind === 'StatefulSet' ? 'statefulset' : object.kind === 'DaemonSet' ? 'daemonset' : 'deploy'}/${object.name}`;
}

/** `NAME.NAMESPACE.svc.cluster.local:PORT` */
export function authority(hop: Hop): string {
  return `${hop.service ? fullHost(hop.service) : hop.host}:${hop.port}`;
}

/** The base path of a Jaeger's page: '' or '/jaeger'. */
export function basePath({ config }: Program): string {
  const path = at(config?.value, 'extensions', 'jaeger_query', 'base_path');
  return typeof path === 'string' && path !== '/' ? path : '';
}
