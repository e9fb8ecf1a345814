import { byCodeUnit } from '../../kit/json.ts';
import { groupBy } from '../group-by.ts';
import { sortEdges } from './draft.ts';
import { foldRows } from './fold-rows.ts';
import type { NodeKind, Picture, PictureEdge, PictureGroup, PictureNode } from './types.ts';

/** A picture with more nodes than this is collapsed. */
export const MOST_NODES = 40;
/** More namespaces of nothing but apps than this are drawn as one. */
const MOST_GROUPS = 8;
/** More apps of one namespace than this are never drawn each for itself in a collapsed picture. */
const MOST_APPS = 8;
const MOST_NAMES = 3;

/** What a namespace of nothing but apps may hold. */
const OF_APPS: ReadonlySet<NodeKind> = new Set<NodeKind>(['app', 'gateway', 'waypoint']);
/** What nodes that stand for several are called. */
const MANY: Readonly<Partial<Record<NodeKind, string>>> = {
  app: 'services',
  gateway: 'gateways',
  waypoint: 'waypoints',
  external: 'hosts outside',
  page: 'pages',
};

/**
 * Makes a picture readable that has too many nodes: versions go into their service, namespaces of nothing but apps become one, and of each
 * namespace only the apps with most arrows stay, the others become one node. What carries spans, metrics and logs stays whole.
 */
export function collapse(picture: Picture): Picture {
  if (picture.nodes.length <= MOST_NODES) return picture;
  const smaller = foldRows(mergeApps(mergeExternals(mergeGroups(picture))));
  return { ...smaller, description: `${picture.description}, drawn as ${smaller.nodes.length}` };
}

/** Namespaces of nothing but apps, alike in how they take part in the mesh, as one: each kind of node in them becomes one. */
function mergeGroups(picture: Picture): Picture {
  const inside = groupBy(picture.nodes, ({ group }) => group);
  const ofApps = picture.groups.filter(({ id }) => (inside.get(id) ?? []).every(({ kind }) => OF_APPS.has(kind)));
  if (ofApps.length <= MOST_GROUPS) return picture;
  const alike = [...groupBy(ofApps, ({ subtitle }) => subtitle).values()].filter((same) => same.length > 1);
  const target = new Map(
    alike.flatMap((same) => {
      const group = mergedGroup(same);
      return same.map(({ id }) => [id, group] as const);
    }),
  );
  const groups = [...picture.groups.filter(({ id }) => !target.has(id)), ...new Set(target.values())];
  const sorted = groups.sort((a, b) => byCodeUnit(a.id, b.id));
  return mergeNodes({ ...picture, groups: sorted }, ({ group, kind }) => {
    const to = group === undefined ? undefined : target.get(group);
    return to && { id: `${to.id}/${kind}`, group: to.id };
  });
}

function mergedGroup(same: readonly PictureGroup[]): PictureGroup {
  const [first] = same;
  return {
    id: `namespaces/${first?.id ?? ''}`,
    title: `${same.length} namespaces: ${someNames(same.map(({ title }) => title))}`,
    subtitle: first?.subtitle ?? '',
  };
}

function mergeExternals(picture: Picture): Picture {
  const externals = picture.nodes.filter(({ kind }) => kind === 'external');
  // Where spans, metrics or logs go stays.
  const carrying = new Set(picture.edges.flatMap(({ kind, to }) => (kind === 'request' ? [] : [to])));
  const others = externals.filter(({ id }) => !carrying.has(id));
  if (others.length <= MOST_APPS) return picture;
  return mergeNodes(picture, (node) => (others.includes(node) ? { id: 'external', group: undefined } : undefined));
}

/** Of each namespace the apps with most arrows stay. */
function mergeApps(picture: Picture): Picture {
  const apps = groupBy(
    picture.nodes.filter(({ kind }) => kind === 'app'),
    ({ group }) => group,
  );
  const others = picture.nodes.filter(({ kind }) => kind !== 'app').length;
  const each = Math.max(1, Math.min(MOST_APPS, Math.floor((MOST_NODES - others) / Math.max(1, apps.size))));
  const isApp = new Set([...apps.values()].flatMap((nodes) => nodes.map(({ id }) => id)));
  const arrows = new Map<string, number>();
  const count = (id: string, weight: number) => arrows.set(id, (arrows.get(id) ?? 0) + weight);
  for (const { from, to } of picture.edges) {
    count(from, 1);
    // What is asked from outside comes first.
    count(to, isApp.has(from) ? 1 : picture.edges.length);
  }
  const target = new Map(
    [...apps].flatMap(([group, nodes]) => {
      const order = [...nodes].sort((a, b) => (arrows.get(b.id) ?? 0) - (arrows.get(a.id) ?? 0) || byCodeUnit(a.id, b.id));
      const rest = order.length > each + 1 ? order.slice(each) : [];
      return rest.map(({ id }) => [id, { id: `others/${group ?? ''}`, group }] as const);
    }),
  );
  return mergeNodes(picture, ({ id }) => target.get(id));
}

type Target = Pick<PictureNode, 'id' | 'group'>;

/** Draws the nodes that have a target in common as one, with the arrows of all of them, each once. */
function mergeNodes(picture: Picture, targetOf: (node: PictureNode) => Target | undefined): Picture {
  const moved = new Map<string, string>();
  const merged = new Map<string, { readonly target: Target; readonly nodes: PictureNode[] }>();
  for (const node of picture.nodes) {
    const target = targetOf(node);
    if (!target) continue;
    moved.set(node.id, target.id);
    const known = merged.get(target.id);
    if (known) known.nodes.push(node);
    else merged.set(target.id, { target, nodes: [node] });
  }
  const nodes = [
    ...picture.nodes.filter(({ id }) => !moved.has(id)),
    ...[...merged.values()].map(({ target, nodes: all }) => many(target, all)),
  ];
  const edges = new Map<string, PictureEdge>();
  for (const { fromRow, ...edge } of picture.edges) {
    const from = moved.get(edge.from) ?? edge.from;
    const to = moved.get(edge.to) ?? edge.to;
    if (from === to) continue;
    const row = fromRow === undefined || moved.has(edge.from) ? {} : { fromRow };
    const key = [from, row.fromRow ?? '', to, edge.kind].join('\n');
    const known = edges.get(key);
    edges.set(key, { ...edge, from, ...row, to, label: known && known.label !== edge.label ? '' : edge.label });
  }
  return {
    ...picture,
    nodes: nodes.sort((a, b) => byCodeUnit(a.id, b.id)),
    edges: sortEdges([...edges.values()]),
  };
}

function many({ id, group }: Target, nodes: readonly PictureNode[]): PictureNode {
  const [first] = nodes;
  const stands = nodes.reduce((sum, node) => sum + node.stands, 0);
  const kind = first?.kind ?? 'app';
  if (nodes.length === 1 && first) return { ...first, id, group };
  const title = `${stands} ${MANY[kind] ?? 'parts'}`;
  return { id, group, kind, title, lines: [someNames(nodes.map((one) => one.title))], rows: [], stands };
}

function someNames(names: readonly string[]): string {
  const all = [...new Set(names)].sort(byCodeUnit);
  return all.length > MOST_NAMES ? `${all.slice(0, MOST_NAMES).join(', ')}, …` : all.join(', ');
}
