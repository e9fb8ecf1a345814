import { byCodeUnit } from '../../kit/json.ts';
import { groupBy } from '../group-by.ts';
import type { Model } from '../model/model.ts';
import { chartReleases } from '../read/charts.ts';
import { collapse } from './collapse.ts';
import { addDataPlane, groupOf } from './data-plane.ts';
import { Draft } from './draft.ts';
import { placesOf } from './places.ts';
import { addSpans } from './spans.ts';
import { addTraffic } from './traffic.ts';
import type { Picture } from './types.ts';
import { addWatchers } from './watchers.ts';

/**
 * A stack as one picture: the way of a request from a client to the versions of services and between them, the control plane and how each
 * namespace takes part in the mesh, the way of spans from the proxies to a backend and its readers, metrics and logs.
 *
 * Calls between apps are drawn as far as the input tells ({@link callsOf}). A picture of more than {@link MOST_NODES} nodes is collapsed.
 *
 * @param title what it is a picture of: a stack's name
 */
export function pictureOf(model: Model, title: string): Picture {
  return collapse(wholePicture(model, title));
}

/** As {@link pictureOf}, with every node. */
export function wholePicture(model: Model, title: string): Picture {
  const places = placesOf(model);
  const draft = new Draft();
  addDataPlane(model, places, draft);
  addTraffic(model, places, draft);
  addSpans(model, places, draft);
  addWatchers(model, places, draft);
  addCharts(model, draft);
  const edges = draft.edges();
  const into = groupBy(edges, ({ to }) => to);
  const nodes = draft.nodes().map((node) => ({ ...node, lines: [...portLine(into.get(node.id) ?? []), ...node.lines] }));
  const groups = [...new Set(nodes.flatMap(({ group }) => group ?? []))].sort(byCodeUnit);
  return {
    title,
    description: `Mesh, traffic and trace path of ${title}: ${nodes.length} parts in ${groups.length} namespaces`,
    groups: groups.map((id) => groupOf(model, id, id.slice(id.indexOf('/') + 1))),
    nodes,
    edges,
  };
}

/** The ports at which a node is asked, which need not stand at every arrow then. */
function portLine(edges: Picture['edges']): string[] {
  const ports = edges.flatMap(({ label }) => (/^:\d+$/.test(label) ? [Number(label.slice(1))] : []));
  return ports.length === 0
    ? []
    : [
        [...new Set(ports)]
          .sort((a, b) => a - b)
          .map((one) => `:${one}`)
          .join(' '),
      ];
}

/** What Flux installs from charts. */
function addCharts(model: Model, draft: Draft): void {
  const lines = chartReleases(model.objects).map(({ chart, version, object }) =>
    `${chart ?? object.name} ${version ?? ''}`.trim(),
  );
  if (lines.length === 0) return;
  draft.node({
    id: 'charts',
    kind: 'control-plane',
    title: 'Charts, installed by Flux',
    lines: [...new Set(lines)].sort(byCodeUnit),
  });
}
