import type { Json } from '../../kit/json.ts';
import { remember } from '../../kit/remember.ts';
import { groupBy } from '../group-by.ts';
import { items, number, text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import type { Route } from '../model/routes.ts';
import { selects, type Workload } from '../model/workloads.ts';
import { imageText, type Place, type Places, placesOf } from './places.ts';
import type { PictureRow } from './types.ts';

/** The versions of a service as rows, with the share of requests that routes give each; none for a service of one version. */
export function versionRows(model: Model, places: Places, place: Place): PictureRow[] {
  if (place.workloads.length < 2) return [];
  const shares = sharesOf(model, places, place);
  return place.workloads.map((workload) => {
    const share = shares?.get(workload);
    const version = workload.labels.get('version') ?? workload.name;
    const image = imageText(workload)?.split(':').at(-1);
    const weight = shares === undefined ? undefined : `${share ?? 0} %`;
    return { id: workload.name, text: [version, weight, image].filter((one) => one !== undefined).join(' · ') };
  });
}

interface Leg {
  readonly workloads: readonly Workload[];
  readonly weight: number;
}

/** The routes that name a place, each once, found once for all places. */
const routesTo = remember((model: Model): ReadonlyMap<Place, readonly Route[]> => {
  const places = placesOf(model);
  const pairs = model.routes.flatMap((route) => {
    const services = route.destinations.flatMap(({ host }) => {
      const found = model.services.find(host, route.object.namespace);
      return found.is === 'service' ? [found.service] : [];
    });
    return [...new Set(services.map(places.ofService))].map((place) => ({ place, route }));
  });
  return new Map([...groupBy(pairs, ({ place }) => place)].map(([place, found]) => [place, found.map(({ route }) => route)]));
});

/** Percent for each version; undefined where no route prefers one. */
function sharesOf(model: Model, places: Places, place: Place): ReadonlyMap<Workload, number> | undefined {
  for (const route of routesTo(model).get(place) ?? []) {
    const legs = legsOf(model, places, place, route);
    const total = legs.reduce((sum, { weight }) => sum + weight, 0);
    const even = legs.every(({ workloads }) => workloads.length === place.workloads.length);
    if (total === 0 || even) continue;
    const shares = new Map<Workload, number>();
    for (const { workloads, weight } of legs)
      for (const one of workloads) shares.set(one, (shares.get(one) ?? 0) + Math.round((100 * weight) / total));
    return shares;
  }
  return undefined;
}

/** Where the last rule of a route, the one for whatever no other takes, sends requests for a place. */
function legsOf(model: Model, places: Places, place: Place, { api, object }: Route): Leg[] {
  if (api === 'ingress') return [];
  const rules = items(object.json, 'spec', api === 'istio' ? 'http' : 'rules');
  const targets = items(rules.at(-1), api === 'istio' ? 'route' : 'backendRefs');
  const found = targets.map((target) => (api === 'istio' ? istioLeg(target) : serviceLeg(target)));
  return found.every((leg) => leg !== undefined) ? found : [];

  function workloadsAt(host: string): readonly Workload[] | undefined {
    const lookup = model.services.find(host, object.namespace);
    if (lookup.is !== 'service' || places.ofService(lookup.service) !== place) return undefined;
    return place.workloads.filter(({ labels }) => selects(lookup.service.selector, labels));
  }

  function istioLeg(target: Json): Leg | undefined {
    const host = text(target, 'destination', 'host');
    const all = host === undefined ? undefined : workloadsAt(host);
    if (host === undefined || !all) return undefined;
    const subset = text(target, 'destination', 'subset');
    const rules = model.destinationRules.of(host, object.namespace).flatMap(({ subsets }) => subsets);
    const labels = rules.find(({ name }) => name === subset)?.labels;
    const weight = number(target, 'weight') ?? (targets.length === 1 ? 100 : 0);
    if (subset === undefined) return { workloads: all, weight };
    return labels && { workloads: all.filter((one) => selects(labels, one.labels)), weight };
  }

  function serviceLeg(target: Json): Leg | undefined {
    const name = text(target, 'name');
    const workloads = name === undefined ? undefined : workloadsAt(`${name}.${text(target, 'namespace') ?? object.namespace}`);
    return workloads && { workloads, weight: number(target, 'weight') ?? 1 };
  }
}
