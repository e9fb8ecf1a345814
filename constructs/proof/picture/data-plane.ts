import { byCodeUnit } from '../../kit/json.ts';
import { groupBy } from '../group-by.ts';
import { text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import { type Reach, reachOf } from '../model/reach/reach.ts';
import { chartReleases } from '../read/charts.ts';
import type { ProofObject } from '../types.ts';
import type { Draft } from './draft.ts';
import type { Places } from './places.ts';
import { isWaypoint, waypointNode } from './traffic.ts';
import type { PictureGroup } from './types.ts';

/** All proxies: one node, however many there are. */
export const DATA_PLANE = { id: 'data-plane', kind: 'data-plane', title: 'Envoy proxies' } as const;

const MOST_NAMES = 4;

/** Adds istiod and the proxies that it configures, waypoints among them. */
export function addDataPlane(model: Model, places: Places, draft: Draft): void {
  const reach = reachOf(model);
  const lines = ['data plane', ...proxyLines(reach)];
  if (model.meshConfigs.length === 0 && lines.length === 1) return;
  const proxies = draft.node({ ...DATA_PLANE, lines });
  for (const gateway of model.gateways.all)
    if (gateway.api === 'gateway-api' && isWaypoint(gateway.object)) draft.node(waypointNode(model, places, gateway));
  const label = lines.some((line) => line.startsWith('sidecars')) ? 'injects sidecars · configures (xDS)' : 'configures (xDS)';
  const istiods = model.workloads.filter(({ labels }) => labels.get('app') === 'istiod');
  for (const workload of istiods) {
    const place = places.ofWorkload(workload);
    const id = draft.node({
      ...place,
      kind: 'control-plane',
      title: place.title,
      lines: ['control plane', installedBy(model, workload.object)],
    });
    draft.edge({ from: id, to: proxies, kind: 'config', label });
  }
  if (istiods.length > 0) return;
  const elsewhere = draft.node({
    id: 'istiod',
    kind: 'control-plane',
    title: 'istiod',
    lines: ['control plane', 'not in this input'],
  });
  draft.edge({ from: elsewhere, to: proxies, kind: 'config', label });
}

/** The sidecars, gateways and waypoints that there are, and ztunnel. */
function proxyLines({ pods }: Reach): string[] {
  const sidecars = groupBy(
    pods.filter(({ plane, gateway }) => plane === 'sidecar' && !gateway),
    ({ namespace }) => namespace,
  );
  const ambient = new Set(pods.filter(({ plane }) => plane === 'ambient').map(({ namespace }) => namespace));
  const gateways = pods.filter(({ gateway }) => gateway);
  const waypoints = gateways.filter(({ object }) => isWaypoint(object));
  const line = (what: string, names: Iterable<string>) => {
    const all = [...new Set(names)].sort(byCodeUnit);
    const more = all.length - MOST_NAMES;
    const shown = more > 0 ? [...all.slice(0, MOST_NAMES), `${more} more`] : all;
    return all.length === 0 ? [] : [`${what}: ${shown.join(', ')}`];
  };
  return [
    ...line('sidecars in', sidecars.keys()),
    ...line(
      'gateways',
      gateways.filter((one) => !waypoints.includes(one)).map(({ name }) => name),
    ),
    ...line(
      'waypoints',
      waypoints.map(({ name }) => name),
    ),
    ...(ambient.size > 0 ? [...line('ztunnel for', ambient), 'ztunnel encrypts, and makes no spans'] : []),
  ];
}

function installedBy(model: Model, object: ProofObject): string {
  const { kind, json } = object;
  if (kind === 'IstioOperator') return `istioctl, profile ${text(json, 'spec', 'profile') ?? 'default'}`;
  if (kind === 'Istio') return `Sail operator, ${text(json, 'spec', 'version') ?? 'default version'}`;
  const release = chartReleases(model.objects).find((one) => one.object === object);
  return release ? `chart ${release.chart} ${release.version ?? ''}`.trim() : `${kind} ${object.name}`;
}

/** How a namespace takes part in the mesh, for its frame. */
export function groupOf(model: Model, id: string, namespace: string): PictureGroup {
  const reach = reachOf(model);
  const own = reach.pods.filter((one) => one.namespace === namespace && !one.gateway);
  const labels = reach.namespaces.labels(namespace).values;
  const words: string[] = [];
  if (own.some(({ plane }) => plane === 'sidecar') || labels.get('istio-injection') === 'enabled' || labels.has('istio.io/rev'))
    words.push('sidecars');
  if (own.some(({ plane }) => plane === 'ambient') || labels.get('istio.io/dataplane-mode') === 'ambient') words.push('ambient');
  const waypoint = labels.get('istio.io/use-waypoint');
  if (words.includes('ambient') && waypoint !== undefined && waypoint !== 'none') words.push('waypoint');
  const [pods] = own.filter(({ plane }) => plane === 'sidecar' || plane === 'ambient');
  if (pods) {
    const { mode } = reach.mtls(pods, 0);
    if (mode !== 'unknown') words.push(`mTLS ${mode.toLowerCase()}`);
  }
  if (words.length === 0 && reach.pods.some((one) => one.namespace === namespace && one.gateway)) words.push('gateways');
  // Of a namespace that the input only refers to nobody knows.
  const apart = reach.namespaces.object(namespace) ? 'not in the mesh' : '';
  return { id, title: namespace, subtitle: words.length > 0 ? words.join(', ') : apart };
}
