import { byCodeUnit } from '../../kit/json.ts';
import { remember } from '../../kit/remember.ts';
import { groupBy } from '../group-by.ts';
import type { Model } from '../model/model.ts';
import { selectionIndex } from '../model/selection.ts';
import type { Service } from '../model/services.ts';
import { containersOf } from '../model/spans/containers.ts';
import type { Program } from '../model/spans/programs.ts';
import type { Workload } from '../model/workloads.ts';
import type { NodeWish } from './draft.ts';
import type { NodeKind } from './types.ts';

/** One thing of the cluster that is one node: a service with the pods behind it, or pods that no service selects. */
export interface Place extends NodeWish {
  readonly group: string;
  readonly namespace: string;
  /** The Service that names it; undefined for pods without one. */
  readonly service: Service | undefined;
  /** The pods behind it: its versions; none where the input does not show them. */
  readonly workloads: readonly Workload[];
  readonly program: Program | undefined;
}

/** The places of a model: every Service and every workload belongs to one. */
export interface Places {
  readonly all: readonly Place[];
  ofService(service: Service): Place;
  ofWorkload(workload: Workload): Place;
  ofProgram(program: Program): Place | undefined;
  /** Names of the other Services that lead to the same pods. */
  aliases(place: Place): readonly string[];
}

/** The group that a namespace is. */
export function namespaceGroup(namespace: string): string {
  return `namespace/${namespace}`;
}

/** Finds the places of a model, each once. */
export const placesOf: (model: Model) => Places = remember((model) => {
  const select = selectionIndex(model.workloads);
  const selected = new Map(
    model.services.all.map((one) => [one, one.selector.size === 0 ? [] : select(one.namespace, one.selector)] as const),
  );
  const naming = namingServices(model, selected);
  const behind = groupBy(naming, ([, service]) => service);
  const programs = new Map(model.programs.all.map((one) => [one.object, one]));
  const ofProgram = new Map<Program, Place>();
  const made = remember((service: Service): Place => {
    const workloads = (behind.get(service) ?? []).map(([workload]) => workload);
    const program = programOf(model, programs, service, workloads);
    const known = program && ofProgram.get(program);
    if (known) return known;
    const place = placeOf(service, workloads, program);
    if (program) ofProgram.set(program, place);
    return place;
  });
  const alone = remember((workload: Workload): Place => {
    const program = programs.get(workload.object);
    const place = lonelyPlace(workload, program);
    if (program && !ofProgram.has(program)) ofProgram.set(program, place);
    return place;
  });
  const ofWorkload = (workload: Workload): Place => {
    const service = naming.get(workload);
    return service ? made(service) : alone(workload);
  };
  const ofService = (service: Service): Place => {
    const [first] = selected.get(service) ?? [];
    return first && !behind.has(service) ? ofWorkload(first) : made(service);
  };
  const led = groupBy(
    model.services.all.filter(({ created }) => !created),
    ofService,
  );
  const all = new Set([...model.services.all.map(ofService), ...model.workloads.map(ofWorkload)]);
  const byId = new Map([...all].map((one) => [one.id, one]));
  return {
    all: [...byId.values()].sort((a, b) => byCodeUnit(a.id, b.id)),
    ofService,
    ofWorkload,
    ofProgram: (program) => ofProgram.get(program),
    aliases: (place) => (led.get(place) ?? []).flatMap((one) => (one === place.service ? [] : [one.name])).sort(byCodeUnit),
  };
});

/** The one Service that a workload is drawn as: that of its app's name, else the one that selects least besides, first by name. */
function namingServices(model: Model, selected: ReadonlyMap<Service, readonly Workload[]>): ReadonlyMap<Workload, Service> {
  const pairs = [...selected].flatMap(([service, workloads]) => workloads.map((workload) => ({ service, workload })));
  const found = groupBy(pairs, ({ workload }) => workload);
  return new Map(
    model.workloads.flatMap((workload): [Workload, Service][] => {
      const services = (found.get(workload) ?? []).map(({ service }) => service);
      const app = workload.labels.get('app') ?? workload.labels.get('app.kubernetes.io/name') ?? workload.name;
      const size = (one: Service) => selected.get(one)?.length ?? 0;
      const [least] = [...services].sort((a, b) => size(a) - size(b) || byCodeUnit(a.name, b.name));
      const service = services.find(({ name }) => name === app) ?? least;
      return service ? [[workload, service]] : [];
    }),
  );
}

function programOf(
  model: Model,
  programs: ReadonlyMap<Service['object'], Program>,
  service: Service,
  workloads: readonly Workload[],
): Program | undefined {
  const [own] = workloads.flatMap(({ object }) => programs.get(object) ?? []);
  return own ?? (service.created ? programs.get(service.object) : model.programs.selected(service)?.[0]);
}

function placeOf(service: Service, workloads: readonly Workload[], program: Program | undefined): Place {
  const { namespace, name } = service;
  return {
    ...{ id: `service/${namespace}/${name}`, namespace, group: namespaceGroup(namespace), service, workloads, program },
    kind: kindOf(name, workloads, program, service.created),
    title: program?.is === 'collector' || program === undefined ? name : program.name,
    lines: [...imageLines(workloads, program), ...makerLines(service)],
  };
}

/** Who makes it, where the input does not state it. */
function makerLines({ created, object }: Service): string[] {
  if (!created) return [];
  return [object.kind === 'HelmRelease' ? `by chart ${object.name}` : `by ${object.kind} ${object.name}`];
}

function lonelyPlace(workload: Workload, program: Program | undefined): Place {
  const { namespace, name } = workload;
  return {
    ...{ id: `workload/${namespace}/${name}`, namespace, group: namespaceGroup(namespace), service: undefined, program },
    ...{ workloads: [workload], kind: kindOf(name, [workload], program, workload.created), title: name },
    lines: imageLines([workload], program),
  };
}

// By image, for stated pods; by the name of the Service, where a chart or an operator makes them.
const KNOWN: readonly (readonly [NodeKind, RegExp])[] = [
  ['metrics', /^(prometheus|mimir|thanos|victoria-metrics)$/],
  ['logs', /^(loki|elasticsearch|opensearch)$/],
  ['page', /^(grafana|grafana-oss|grafana-enterprise|kiali|skywalking-ui)$/],
];
const MADE: readonly (readonly [NodeKind, RegExp])[] = [
  ['metrics', /(^|-)prometheus(-operated)?$|alertmanager/],
  ['logs', /(^|-)loki(-|$)/],
  ['page', /(^|-)(grafana|kiali)$/],
  ['control-plane', /^(istiod|istio-cni|ztunnel)|operator|webhook|^cert-manager/],
];

function kindOf(name: string, workloads: readonly Workload[], program: Program | undefined, created: boolean): NodeKind {
  if (program) return program.is === 'collector' ? 'collector' : 'backend';
  const images = workloads.flatMap((one) => containersOf(one).flatMap(({ image }) => image?.repository.split('/').at(-1) ?? []));
  const byImage = KNOWN.find(([, names]) => images.some((image) => names.test(image)));
  if (byImage) return byImage[0];
  const byName = created ? MADE.find(([, names]) => names.test(name)) : undefined;
  return byName?.[0] ?? 'app';
}

function imageLines(workloads: readonly Workload[], program: Program | undefined): string[] {
  const [only, ...others] = workloads;
  if (others.length > 0) return [];
  const image = (only && imageText(only)) ?? (program?.image && shortImage(program.image));
  return image === undefined ? [] : [image];
}

/** `NAME:TAG` of the first image of a workload's pods. */
export function imageText(workload: Workload): string | undefined {
  const image = containersOf(workload).find((one) => one.image !== undefined)?.image;
  return image && shortImage(image);
}

function shortImage({ repository, tag }: { readonly repository: string; readonly tag: string }): string {
  const name = repository.split('/').at(-1) ?? repository;
  return tag === '' ? name : `${name}:${tag}`;
}
