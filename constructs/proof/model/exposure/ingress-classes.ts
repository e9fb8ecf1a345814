import { remember } from '../../../kit/remember.ts';
import { at, fields, strings, text } from '../../json-path.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import { type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';
import { containersOf, optionValues } from '../spans/containers.ts';
import type { Workload } from '../workloads.ts';

/** What an ingress controller is: of those that this proof knows the ways of. */
export type Controller = 'ingress-nginx' | 'traefik' | 'istio' | 'other';

/** A class that an IngressClass, a chart or a running controller of the input makes. */
export interface IngressClass {
  readonly name: string;
  readonly controller: Controller;
  /** It takes Ingresses that name no class. */
  readonly isDefault: boolean;
  readonly object: ProofObject;
  readonly at: Spot;
  /** The pods, where the input states them. */
  readonly workload: Workload | undefined;
  /** The release that makes the pods. */
  readonly release: ChartRelease | undefined;
}

/** The classes of a world. */
export interface IngressClasses {
  readonly all: readonly IngressClass[];
  /** Controllers that the input only hints at may make others. */
  readonly open: boolean;
}

/** Reads the classes of a world. */
export const ingressClassesOf: (model: Model) => IngressClasses = remember((model) => {
  const releases = chartReleases(model.objects);
  const known = releases.flatMap(ofRelease);
  const made = new Set(known.map(({ object }) => object));
  return {
    all: [...known, ...model.workloads.flatMap(ofWorkload), ...model.kind('IngressClass').map(ofClass)],
    open:
      releases.some(({ chart, object, partial }) => (made.has(object) ? partial : chart === undefined || OTHERS.test(chart))) ||
      model.objects.some(({ group, kind }) => group === 'helm.cattle.io' || (group === 'argoproj.io' && kind === 'Application')),
  };
});

// Charts that make classes under names that are not known here.
const OTHERS =
  /ingress|traefik|kong|contour|haproxy|emissary|ambassador|apisix|higress|cilium|tailscale|cloudflare|load-balancer-controller/;
const DEFAULT = 'ingressclass.kubernetes.io/is-default-class';

/** The class of an Ingress: by its field, or the old annotation. */
export function classOf({ json }: ProofObject): Spotted | undefined {
  const field = text(json, 'spec', 'ingressClassName');
  if (field !== undefined) return { name: field, path: ['spec', 'ingressClassName'] };
  const old = strings(json, 'metadata', 'annotations').get(OLD);
  return old === undefined ? undefined : { name: old, path: ['metadata', 'annotations', OLD] };
}

/** A name and where it stands. */
export interface Spotted {
  readonly name: string;
  readonly path: readonly string[];
}

const OLD = 'kubernetes.io/ingress.class';

/** The Ingresses of a world. */
export function ingressesOf(model: Model): readonly ProofObject[] {
  return model.kind('Ingress').filter(({ group }) => group === 'networking.k8s.io' || group === 'extensions');
}

/** The classes that may serve an Ingress; none where the input does not show any. */
export function servedBy(model: Model, object: ProofObject): readonly IngressClass[] {
  const name = classOf(object)?.name;
  return ingressClassesOf(model).all.filter((one) => (name === undefined ? one.isDefault : one.name === name));
}

function ofRelease(release: ChartRelease): IngressClass[] {
  const { chart, object } = release;
  const values = fields(object.json, 'spec', 'values');
  const about = { object, at: spotOf(object, ['spec']), workload: undefined, release };
  if (chart === 'ingress-nginx' || chart === 'rke2-ingress-nginx') {
    const resource = fields(values, 'controller', 'ingressClassResource');
    const name = text(resource, 'name') ?? text(values, 'controller', 'ingressClass') ?? 'nginx';
    const isDefault = at(resource, 'default') === true || at(values, 'controller', 'watchIngressWithoutClass') === true;
    return [{ ...about, name, controller: 'ingress-nginx', isDefault }];
  }
  if (chart !== 'traefik') return [];
  if (at(values, 'ingressClass', 'enabled') === false) return [];
  const isDefault = at(values, 'ingressClass', 'isDefaultClass') !== false;
  const stated = text(values, 'ingressClass', 'name');
  // Without a name the class has the release's.
  const names = stated === undefined ? new Set([release.release, 'traefik']) : [stated];
  return [...names].map((name) => ({ ...about, name, controller: 'traefik', isDefault }));
}

function ofWorkload(workload: Workload): IngressClass[] {
  const { object } = workload;
  return containersOf(workload).flatMap(({ image, args }): IngressClass[] => {
    const name = image?.repository ?? '';
    const about = { object, at: image?.at ?? spotOf(object, []), workload, release: undefined };
    if (/ingress-nginx\/controller|nginx-ingress-controller$/.test(name)) {
      const isDefault = optionValues(args, 'watch-ingress-without-class').includes('true');
      return [{ ...about, name: optionValues(args, 'ingress-class')[0] ?? 'nginx', controller: 'ingress-nginx', isDefault }];
    }
    return /(^|\/)traefik$/.test(name) ? [{ ...about, name: 'traefik', controller: 'traefik', isDefault: false }] : [];
  });
}

function ofClass(object: ProofObject): IngressClass {
  const stated = text(object.json, 'spec', 'controller') ?? '';
  const controller: Controller =
    stated === 'k8s.io/ingress-nginx'
      ? 'ingress-nginx'
      : stated.startsWith('traefik.io/')
        ? 'traefik'
        : stated.startsWith('istio.io/')
          ? 'istio'
          : 'other';
  const isDefault = strings(object.json, 'metadata', 'annotations').get(DEFAULT) === 'true';
  const about = { object, at: spotOf(object, ['spec', 'controller']), workload: undefined, release: undefined };
  return { ...about, name: object.name, controller, isDefault };
}
