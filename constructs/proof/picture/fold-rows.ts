import { sortEdges } from './draft.ts';
import type { Picture, PictureEdge, PictureNode } from './types.ts';

/** More hosts of one gateway than this are drawn as one row. */
const MOST_ROWS = 12;
const REST = '\uffff';

/** Versions as a number in their service, and of the hosts of a gateway only the first ones. */
export function foldRows(picture: Picture): Picture {
  const kept = new Map(picture.nodes.map((node) => [node.id, keptRows(node)]));
  const edges = new Map<string, PictureEdge>();
  for (const { fromRow, ...edge } of picture.edges) {
    const rows = kept.get(edge.from);
    const row = fromRow === undefined || !rows?.has(REST) || rows.has(fromRow) ? fromRow : REST;
    const whole = row !== undefined && rows?.has(row) === true ? { fromRow: row } : {};
    const key = [edge.from, whole.fromRow ?? '', edge.to, edge.kind].join('\n');
    if (!edges.has(key)) edges.set(key, { ...edge, ...whole });
  }
  return { ...picture, nodes: picture.nodes.map((node) => folded(node, kept)), edges: sortEdges([...edges.values()]) };
}

function keptRows({ kind, rows }: PictureNode): ReadonlySet<string> {
  if (kind === 'app') return new Set();
  const ids = rows.map(({ id }) => id);
  return new Set(ids.length > MOST_ROWS ? [...ids.slice(0, MOST_ROWS - 1), REST] : ids);
}

function folded(node: PictureNode, kept: ReadonlyMap<string, ReadonlySet<string>>): PictureNode {
  const { rows, lines, kind } = node;
  if (rows.length === 0) return node;
  if (kind === 'app') return { ...node, rows: [], lines: [...lines, `${rows.length} versions`] };
  const own = rows.filter(({ id }) => kept.get(node.id)?.has(id));
  const more = rows.length - own.length;
  return { ...node, rows: more > 0 ? [...own, { id: REST, text: `${more} more hosts` }] : own };
}
