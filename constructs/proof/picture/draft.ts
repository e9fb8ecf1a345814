import { byCodeUnit } from '../../kit/json.ts';
import type { Picture, PictureEdge, PictureNode, PictureRow } from './types.ts';

/** What a part of the picture may say of a node; what others have said stays. */
export type NodeWish = Pick<PictureNode, 'id' | 'kind' | 'title'> & Partial<Pick<PictureNode, 'lines' | 'group'>>;

interface DraftNode extends Pick<PictureNode, 'id' | 'kind' | 'title' | 'group'> {
  readonly lines: string[];
  readonly rows: Map<string, PictureRow>;
}

/** A picture in the making: each part adds its nodes and edges, in any order, as often as it likes. */
export class Draft {
  readonly #nodes = new Map<string, DraftNode>();
  readonly #edges = new Map<string, PictureEdge>();

  /** Adds a node, or lines to one that is there; answers its id. */
  node({ id, kind, title, group, lines = [] }: NodeWish): string {
    const known: DraftNode = this.#nodes.get(id) ?? { id, kind, title, group, lines: [], rows: new Map() };
    // What looked like an app turns out to be more.
    this.#nodes.set(id, known.kind === 'app' && kind !== 'app' ? { ...known, kind } : known);
    for (const line of lines) if (!known.lines.includes(line)) known.lines.push(line);
    return id;
  }

  has(id: string): boolean {
    return this.#nodes.has(id);
  }

  row(node: string, row: PictureRow): void {
    this.#nodes.get(node)?.rows.set(row.id, row);
  }

  /** Adds an edge once; from a node to itself none. */
  edge(edge: PictureEdge): void {
    if (edge.from !== edge.to) this.#edges.set([edge.kind, edge.from, edge.fromRow ?? '', edge.to, edge.label].join('\n'), edge);
  }

  nodes(): PictureNode[] {
    return [...this.#nodes.values()]
      .map(({ rows, group, ...rest }) => ({
        ...{ ...rest, group, stands: 1 },
        rows: [...rows.values()].sort((a, b) => byCodeUnit(a.id, b.id)),
      }))
      .sort((a, b) => byCodeUnit(a.id, b.id));
  }

  edges(): PictureEdge[] {
    return sortEdges([...this.#edges.values()]);
  }
}

/** In the order of every picture. */
export function sortEdges(edges: readonly PictureEdge[]): Picture['edges'] & PictureEdge[] {
  const key = ({ from, fromRow, to, kind, label }: PictureEdge) => [from, fromRow ?? '', to, kind, label].join('\n');
  return [...edges].sort((a, b) => byCodeUnit(key(a), key(b)));
}
