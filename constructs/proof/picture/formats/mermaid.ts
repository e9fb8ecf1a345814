import { groupBy } from '../../group-by.ts';
import type { EdgeKind, Picture, PictureEdge, PictureNode } from '../types.ts';
import { mermaidText, oneLine } from './mermaid-text.ts';
import { EDGE_STYLES, INK, NODE_STYLES } from './style.ts';

/** Mermaid draws 500 edges and 50,000 characters by default (maxEdges and maxTextSize of its configuration). */
const MOST_EDGES = 400;

/**
 * A picture as a Mermaid flowchart, which GitHub and others draw inside Markdown. Of a picture with more edges than Mermaid draws, those that
 * carry telemetry come first.
 */
export function toMermaid({ title, description, groups, nodes, edges }: Picture): string {
  const names = new Map(nodes.map(({ id }, i) => [id, `n${i}`]));
  const texts = new Map(nodes.map(({ id, rows }) => [id, new Map(rows.map((row) => [row.id, row.text]))]));
  const inside = groupBy(nodes, ({ group }) => group);
  const box = (node: PictureNode) => `${names.get(node.id)}["${boxText(node, edges)}"]:::${className(node.kind)}`;
  const drawn = [...edges].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)).slice(0, MOST_EDGES);
  const kinds = [...new Set(nodes.map(({ kind }) => kind))].sort();
  return [
    'flowchart LR',
    `  accTitle: ${oneLine(title)}`,
    `  accDescr: ${oneLine(description)}`,
    ...(inside.get(undefined) ?? []).map((node) => `  ${box(node)}`),
    ...groups.flatMap((group, i) => [
      `  subgraph g${i}["${mermaidText(group.title)}<br/>${mermaidText(group.subtitle)}"]`,
      ...(inside.get(group.id) ?? []).map((node) => `    ${box(node)}`),
      '  end',
    ]),
    ...drawn.map((edge) => `  ${names.get(edge.from)} ${arrow(edge, texts)} ${names.get(edge.to)}`),
    ...kinds.map(
      (kind) => `  classDef ${className(kind)} fill:${NODE_STYLES[kind].fill},stroke:${NODE_STYLES[kind].line},color:${INK}`,
    ),
    ...[...groupBy(drawn.keys(), (i) => drawn[i]?.kind)].map(
      ([kind, places]) => `  linkStyle ${places.join(',')} stroke:${kind ? EDGE_STYLES[kind].line : INK}`,
    ),
    '',
  ].join('\n');
}

const ORDER: readonly EdgeKind[] = ['span', 'log', 'metric', 'read', 'config', 'request'];

/** Rows are told in the box, unless every one stands at an arrow: some of a service's versions would look like all of them. */
function boxText({ id, title, lines, rows }: PictureNode, edges: Picture['edges']): string {
  const told = new Set(edges.flatMap(({ from, fromRow }) => (from === id && fromRow !== undefined ? [fromRow] : [])));
  const own = rows.every((row) => told.has(row.id)) ? [] : rows.map(({ text }) => text);
  return [`<b>${mermaidText(title)}</b>`, ...[...lines, ...own].map(mermaidText)].join('<br/>');
}

function arrow({ from, fromRow, kind, label }: PictureEdge, texts: ReadonlyMap<string, ReadonlyMap<string, string>>): string {
  const row = fromRow === undefined ? undefined : texts.get(from)?.get(fromRow);
  const words = [row, label].filter((one) => one !== undefined && one !== '').join(' ') || EDGE_STYLES[kind].words;
  const line = EDGE_STYLES[kind].dashed ? '-.->' : kind === 'span' ? '==>' : '-->';
  return `${line}|"${mermaidText(words)}"|`;
}

/** Words such as `default` and `end` mean something to Mermaid; none of these names is one. */
function className(kind: PictureNode['kind']): string {
  return `kind-${kind}`;
}
