import { at, items, number, strings, text } from '../json-path.ts';
import { fullHost } from '../model/hosts.ts';
import type { Telemetry } from '../model/mesh/telemetry.ts';
import type { Model } from '../model/model.ts';
import type { Service } from '../model/services.ts';
import type { Hop, TracePath } from '../model/spans/hops.ts';
import type { Program } from '../model/spans/programs.ts';
import { selects, type Workload } from '../model/workloads.ts';
import type { ProofObject } from '../types.ts';
import { type Entrance, entrancesOf, originOf } from './entrances.ts';

/** A service of the mesh that people call from outside: what the commands of a runbook try. */
export interface EntryApp {
  readonly service: Service;
  readonly workload: Workload;
  readonly entrance: Entrance;
  readonly dataplane: Dataplane;
  /** The waypoint that its namespace uses; undefined for sidecars, and where there is none. */
  readonly waypoint: { readonly namespace: string; readonly name: string } | undefined;
  /** What the first proxy that makes spans for it is called in them: `APP.NAMESPACE` (Istio 1.30, tracing service name). */
  readonly spanName: string;
}

/** How a namespace takes part in the mesh. */
export type Dataplane = 'sidecar' | 'ambient';

/** A proxy that commands are sent to. */
export interface AskedProxy {
  readonly namespace: string;
  /** As kubectl and istioctl name it: `deploy/productpage-v1`. */
  readonly target: string;
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
  /** The proxies that may make a span for the app, the nearest first: its sidecar; or its waypoint and the gateway in front. */
  readonly proxies: readonly AskedProxy[];
  /** Namespaces in ambient mode. */
  readonly ambient: readonly string[];
  /** Every way in. */
  readonly entrances: readonly Entrance[];
  /** The URL that a Service's page is published at; undefined when nothing publishes it. */
  published(service: Service): string | undefined;
}

/** Reads what a runbook names. */
export function factsOf(model: Model, stack: string): RunbookFacts {
  const [mesh] = model.meshConfigs;
  // A Telemetry's own provider wins over the mesh's default.
  const name =
    meshTelemetry(model)?.entries[0]?.providers[0]?.name ?? mesh?.defaults.find(({ signal }) => signal === 'tracing')?.name;
  const isFirst = ({ from }: Hop) =>
    name === undefined ? from.is === 'tracer' : from.is === 'provider' && from.provider.name === name;
  const paths = model.hops.paths().filter(({ hops: [hop] }) => hop !== undefined && isFirst(hop));
  const programs = [...new Set(paths.flatMap(({ hops }) => hops.flatMap(({ program }) => program ?? [])))];
  const app = entryApp(model);
  const entrances = entrancesOf(model);
  return {
    ...{ model, stack, paths, app, entrances, first: paths[0]?.hops[0] },
    rootNamespace: mesh?.rootNamespace ?? 'istio-system',
    backends: programs.filter(({ is }) => is !== 'collector'),
    collectors: programs.filter(({ is }) => is === 'collector'),
    sampling: samplingOf(model),
    proxies: app ? proxiesOf(app) : [{ namespace: 'NAMESPACE', target: 'deploy/APP' }],
    ambient: [...enrolled(model)].flatMap(([namespace, { dataplane }]) => (dataplane === 'ambient' ? [namespace] : [])),
    published: (service) => {
      const found = entrances.find((one) => one.service === service);
      return found && originOf(found);
    },
  };
}

/** The Telemetry that says how the whole mesh is traced. */
export function meshTelemetry(model: Model): Telemetry | undefined {
  const [mesh] = model.meshConfigs;
  return model.telemetries.find(({ object, wide, tracing }) => wide && tracing && object.namespace === mesh?.rootNamespace);
}

/** Mesh-wide Telemetry, else the bootstrap's setting, else Istio's 1 %. */
function samplingOf(model: Model): number {
  const [mesh] = model.meshConfigs;
  const [entry] = items(meshTelemetry(model)?.object.json, 'spec', 'tracing');
  return number(entry, 'randomSamplingPercentage') ?? number(mesh?.value, 'defaultConfig', 'tracing', 'sampling') ?? 1;
}

function entryApp(model: Model): EntryApp | undefined {
  const namespaces = enrolled(model);
  for (const entrance of entrancesOf(model)) {
    const { service } = entrance;
    const member = namespaces.get(service.namespace);
    const workload = model.workloadsIn(service.namespace).find(({ labels }) => selects(service.selector, labels));
    if (!member || !workload || service.selector.size === 0) continue;
    const own = spanNameOf(workload);
    const { dataplane, waypoint } = member;
    // An ambient pod makes no span: its waypoint does, and the gateway before that.
    const outer = entrance.door.proxy?.spanName ?? (waypoint ? `${waypoint.name}.${waypoint.namespace}` : own);
    return { service, workload, entrance, dataplane, waypoint, spanName: dataplane === 'ambient' ? outer : own };
  }
  return undefined;
}

/** What the spans of a workload's sidecar are listed under (Istio 1.30, tracing service name). */
export function spanNameOf({ labels, name, namespace }: Workload): string {
  return `${labels.get('app') ?? labels.get('app.kubernetes.io/name') ?? name}.${namespace}`;
}

/** The namespaces that take part in the mesh, by their labels. */
function enrolled(model: Model): ReadonlyMap<string, Pick<EntryApp, 'dataplane' | 'waypoint'>> {
  return new Map(
    model.kind('Namespace').flatMap(({ name, json }): [string, Pick<EntryApp, 'dataplane' | 'waypoint'>][] => {
      const labels = strings(json, 'metadata', 'labels');
      const used = labels.get('istio.io/use-waypoint');
      const namespace = labels.get('istio.io/use-waypoint-namespace') ?? name;
      if (labels.get('istio.io/dataplane-mode') === 'ambient')
        return [
          [
            name,
            { dataplane: 'ambient', waypoint: used === undefined || used === 'none' ? undefined : { namespace, name: used } },
          ],
        ];
      return labels.get('istio-injection') === 'enabled' || labels.has('istio.io/rev')
        ? [[name, { dataplane: 'sidecar', waypoint: undefined }]]
        : [];
    }),
  );
}

function proxiesOf({ dataplane, workload, waypoint, entrance }: EntryApp): RunbookFacts['proxies'] {
  if (dataplane === 'sidecar') return [{ namespace: workload.namespace, target: kubectlName(workload.object, workload.name) }];
  const own = waypoint ? [{ namespace: waypoint.namespace, target: `deploy/${waypoint.name}` }] : [];
  const { proxy } = entrance.door;
  return [...own, ...(proxy ? [{ namespace: proxy.namespace, target: `deploy/${proxy.deployment}` }] : [])];
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

const RUNS: ReadonlyMap<string, string> = new Map([
  ['StatefulSet', 'statefulset'],
  ['DaemonSet', 'daemonset'],
  ['Pod', 'pod'],
  ['Job', 'job'],
  ['ReplicaSet', 'replicaset'],
]);

/** The kubectl name of what a program runs in: `deploy/collector`. */
export function deployName({ object, name, is }: Program): string {
  if (object.kind === 'OpenTelemetryCollector') {
    const mode = text(object.json, 'spec', 'mode');
    return `${mode === 'daemonset' || mode === 'statefulset' ? mode : 'deploy'}/${name}-collector`;
  }
  // The chart of Tempo in one process makes a StatefulSet (chart tempo 1 and 2).
  if (object.kind === 'HelmRelease') return `${is === 'tempo' ? 'statefulset' : 'deploy'}/${name}`;
  return kubectlName(object, object.name);
}

function kubectlName({ kind }: ProofObject, name: string): string {
  return `${RUNS.get(kind) ?? 'deploy'}/${name}`;
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
