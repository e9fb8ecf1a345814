import { groupBy } from '../../group-by.ts';
import { items, text } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Config } from '../../read/config.ts';
import type { ProofObject, Spot } from '../../types.ts';
import { selectionIndex } from '../selection.ts';
import type { Service } from '../services.ts';
import { templateOf, type Workload } from '../workloads.ts';
import { type Pipelines, pipelinesOf } from './components.ts';
import { type Container, containersOf, type Image } from './containers.ts';
import { type Exporter, exportersOf } from './exporters.ts';
import { collectorResource } from './operator-collectors.ts';
import { mayRunProgram, readProgram } from './program-kinds.ts';
import type { Receiver } from './receivers.ts';
import { tempoOfRelease } from './tempo-release.ts';

export type { Exporter } from './exporters.ts';
export type { Receiver } from './receivers.ts';

/** What takes spans. */
export type ProgramKind = 'collector' | 'jaeger' | 'tempo' | 'zipkin' | 'skywalking';

/** A program of the input that takes spans: a collector, a backend. */
export interface Program {
  readonly is: ProgramKind;
  readonly name: string;
  readonly namespace: string;
  /** Its workload; the custom resource or chart's release that it is made from; or the ConfigMap, when the input shows its configuration alone. */
  readonly object: ProofObject;
  /** Its pods; undefined when the input does not show them. */
  readonly workload: Workload | undefined;
  /** The labels of its pods; empty when they are not known. */
  readonly labels: ReadonlyMap<string, string>;
  /** Its container, in a workload. */
  readonly container: Container | undefined;
  /** Its image, when stated. */
  readonly image: Image | undefined;
  readonly config: Config | undefined;
  /** The configuration as components and pipelines: of collectors, and of Jaeger 2 with a configuration of its own. */
  readonly pipelines: Pipelines | undefined;
  /** Whether the input shows all that it listens on: its configuration, and no part of it filled in from elsewhere. */
  readonly whole: boolean;
  readonly receivers: readonly Receiver[];
  readonly exporters: readonly Exporter[];
  /** Where to point when nothing nearer fits: its configuration, its image. */
  readonly at: Spot;
}

/** The programs of a world, and how to find the one behind a Service's port. */
export interface Programs {
  readonly all: readonly Program[];
  /** The distinct configurations with pipelines, each once, however many programs read it. */
  readonly pipelines: readonly Pipelines[];
  /** The programs whose pods a Service selects; undefined when it selects other pods too, or none that the input shows. */
  selected(service: Service): readonly Program[] | undefined;
  /** The program whose pods a Service leads to, and the container port that a port of the Service means; undefined when the input does not show it. */
  behind(service: Service, port: number): { readonly program: Program; readonly containerPort: number } | undefined;
}

/** Finds the programs of a world: in workloads, in collector resources, in releases of Tempo's chart, and configurations in ConfigMaps that no workload of the input mounts. */
export function programsOf(
  objects: readonly ProofObject[],
  configs: readonly Config[],
  workloads: readonly Workload[],
): Programs {
  const configMaps = new Map(
    objects.flatMap((one) =>
      one.kind === 'ConfigMap' && one.group === '' ? [[`${one.namespace}/${one.name}`, one] as const] : [],
    ),
  );
  const parsed = new Map<Config, Pipelines>();
  const pipelines = (config: Config): Pipelines => {
    const found = parsed.get(config) ?? pipelinesOf(config);
    parsed.set(config, found);
    return found;
  };
  const byKey = new Map(configs.map((config) => [`${config.object.id} ${config.key ?? ''}`, config]));
  const sources = { byKey, configMaps, pipelines };
  const running = workloads
    .filter(mayRunProgram)
    .flatMap((workload) => containersOf(workload).flatMap((container) => readProgram(workload, container, sources) ?? []));
  const resources = configs.flatMap((config) => collectorResource(config, pipelines) ?? []);
  const tempos = new Map(configs.flatMap((config) => (config.kind === 'tempo' ? [[config.object, config] as const] : [])));
  const releases = chartReleases(objects).flatMap((release) => {
    const config = tempos.get(release.object);
    return config ? [tempoOfRelease(release, config)] : [];
  });
  const used = new Set([...running, ...resources].map((program) => program.config));
  const unused = configs.filter((config) => !used.has(config) && (config.kind === 'collector' || config.kind === 'jaeger'));
  const mounted = unused.length === 0 ? new Set() : mountedConfigMaps(objects);
  const alone = unused.flatMap((config) =>
    mounted.has(`${config.object.namespace}/${config.object.name}`) ? [] : (configAlone(config, pipelines) ?? []),
  );
  const all = [...running, ...resources, ...releases, ...alone];
  return { all, pipelines: [...new Set(all.flatMap((one) => one.pipelines ?? []))], ...lookups(all, workloads) };
}

function lookups(all: readonly Program[], workloads: readonly Workload[]): Pick<Programs, 'selected' | 'behind'> {
  const byObject = groupBy(all, (program) => program.object);
  const made = all.filter((program) => program.workload === undefined && program.labels.size > 0);
  const select = selectionIndex<Workload | Program>([...workloads, ...made]);
  const selected = (service: Service): readonly Program[] | undefined => {
    if (service.created) return byObject.get(service.object);
    if (service.selector.size === 0) return undefined;
    const found = select(service.namespace, service.selector).map((one) => byObject.get(one.object) ?? []);
    return found.length === 0 || found.some((programs) => programs.length === 0) ? undefined : [...new Set(found.flat())];
  };
  return {
    selected,
    behind: (service, port) => {
      const programs = selected(service) ?? [];
      const target = service.created ? port : targetOf(service, port);
      const ports = programs.map((program) => ({ program, containerPort: containerPort(program, target) }));
      const known = ports.flatMap(({ program, containerPort: number }) =>
        number === undefined ? [] : [{ program, containerPort: number }],
      );
      return (
        known.find((one) => one.program.receivers.some((receiver) => receiver.port === one.containerPort)) ??
        known.find((one) => !hasNeighbours(one.program) || one.program.container?.ports.includes(one.containerPort))
      );
    },
  };
}

function targetOf(service: Service, port: number): number | string | undefined {
  if (service.ports === 'unknown') return undefined;
  return service.ports.find((one) => one.number === port)?.target;
}

/** The container port that a number or name means in a program's pods. */
export function containerPort({ workload, receivers }: Program, target: number | string | undefined): number | undefined {
  if (typeof target !== 'string') return target;
  // The operator names container ports after receiver and protocol.
  if (!workload) return receivers.find((one) => one.protocol === target)?.port;
  return workload.ports.find((one) => one.name === target)?.number;
}

/** Whether other containers of the pod may listen too. */
function hasNeighbours({ workload }: Program): boolean {
  return workload !== undefined && containersOf(workload).length > 1;
}

function configAlone(config: Config, pipelines: (config: Config) => Pipelines): Program | undefined {
  const { kind, object, value } = config;
  if (object.kind !== 'ConfigMap' || (kind !== 'collector' && kind !== 'jaeger')) return undefined;
  // With less than this it is one of several files that are merged.
  if (['receivers', 'exporters', 'service'].some((key) => value[key] === undefined)) return undefined;
  const read = pipelines(config);
  return {
    ...{ is: kind, name: object.name, namespace: object.namespace, object, config, pipelines: read, whole: false },
    ...{ workload: undefined, container: undefined, image: undefined, labels: new Map(), receivers: [] },
    exporters: exportersOf(read, () => undefined),
    at: config.spot([]),
  };
}

function mountedConfigMaps(objects: readonly ProofObject[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const object of objects) {
    const template = templateOf(object);
    if (!template) continue;
    const add = (name: string | undefined) => name !== undefined && found.add(`${object.namespace}/${name}`);
    for (const volume of items(object.json, ...template, 'spec', 'volumes')) {
      add(text(volume, 'configMap', 'name'));
      for (const source of items(volume, 'projected', 'sources')) add(text(source, 'configMap', 'name'));
    }
    for (const container of items(object.json, ...template, 'spec', 'containers'))
      for (const variable of items(container, 'env')) add(text(variable, 'valueFrom', 'configMapKeyRef', 'name'));
  }
  return found;
}
