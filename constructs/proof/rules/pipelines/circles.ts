/** In a net of pipelines everything closes a circle; nobody reads more than this. */
const MOST_CIRCLES = 100;

/** An edge that leads back to where it came from. */
export interface Circle<N, E> {
  /** The nodes of the round, the first one again at the end. */
  readonly round: readonly N[];
  /** The edge that closes it. */
  readonly edge: E;
}

/**
 * The circles of a graph, at most 100, each at the edge that closes it. Every edge is looked at once, and nothing calls itself: a chain may be as
 * long as somebody cares to write.
 */
export function circles<N, E extends { readonly to: N }>(starts: Iterable<N>, edges: (node: N) => readonly E[]): Circle<N, E>[] {
  const found: Circle<N, E>[] = [];
  const done = new Set<N>();
  for (const start of starts) {
    const way: { readonly node: N; readonly edges: readonly E[]; next: number }[] = [];
    const open = new Map<N, number>();
    const enter = (node: N) => {
      open.set(node, way.length);
      way.push({ node, edges: edges(node), next: 0 });
    };
    if (!done.has(start)) enter(start);
    for (let top = way.at(-1); top && found.length < MOST_CIRCLES; top = way.at(-1)) {
      const edge = top.edges[top.next];
      top.next += 1;
      if (!edge) {
        done.add(top.node);
        open.delete(top.node);
        way.pop();
        continue;
      }
      const begun = open.get(edge.to);
      if (begun !== undefined) found.push({ round: [...way.slice(begun).map((one) => one.node), edge.to], edge });
      else if (!done.has(edge.to)) enter(edge.to);
    }
  }
  return found;
}
