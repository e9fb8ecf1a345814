import { groupBy } from '../../group-by.ts';
import type { NodeKind, Picture, PictureEdge, PictureGroup, PictureNode } from '../types.ts';
import { EDGE_STYLES, escapeXml, FRAME, FRAME_FILL, INK, NODE_STYLES, PALE_INK, wrap } from './style.ts';

const LINE_WIDTH = 28;
/** Isolated nodes of a group stand in columns of so many, instead of one tall one. */
const COLUMN = 3;
/** Boxes are laid out for letters this much wider than Helvetica's: a machine without it shows a wider font. */
export const ROOM = 1.14;
const [BIG, SMALL, BOLD] = [12, 11, 12.85].map((size) => (size * ROOM).toFixed(2));

/** A picture in the language of Graphviz, from left to right: each group a cluster, each row a port of its node. */
export function toDot({ title, groups, nodes, edges }: Picture): string {
  const inside = groupBy(nodes, ({ group }) => group);
  const rows = new Map(nodes.map(({ id, rows: own }) => [id, new Map(own.map((row, i) => [row.id, `r${i}`]))]));
  const kinds = new Map(nodes.map(({ id, kind }) => [id, kind]));
  const lines = [
    `digraph ${quoted(title)} {`,
    '  graph [rankdir=LR, newrank=true, bgcolor=transparent, fontname=Helvetica, nodesep=0.2, ranksep=0.5, pad=0.1];',
    `  node [shape=plain, fontname=Helvetica, fontsize=${BIG}, fontcolor=${quoted(INK)}];`,
    `  edge [fontname=Helvetica, fontsize=${SMALL}, arrowsize=0.7, penwidth=1.4];`,
    ...(inside.get(undefined) ?? []).map((node) => `  ${nodeLine(node)}`),
    ...groups.flatMap((group, i) => cluster(group, i, inside.get(group.id) ?? [])),
    ...edges.map((edge) => `  ${edgeLine(edge, rows, isBeside(edge, kinds))}`),
    ...columns(nodes, edges),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function cluster({ title, subtitle }: PictureGroup, index: number, nodes: readonly PictureNode[]): string[] {
  const [first, second] = [escapeXml(title), escapeXml(subtitle)];
  const more = second === '' ? '' : `<font color="${PALE_INK}" point-size="${SMALL}">${second}</font><br align="left"/>`;
  const label = `<font point-size="${BOLD}"><b>${first}</b></font><br align="left"/>${more}`;
  return [
    `  subgraph cluster_${index} {`,
    `    graph [label=<${label}>, labeljust=l, fontsize=${BIG}, fontcolor=${quoted(INK)}, style="rounded,filled", color=${quoted(FRAME)}, fillcolor=${quoted(FRAME_FILL)}, margin=12];`,
    ...nodes.map((node) => `    ${nodeLine(node)}`),
    '  }',
  ];
}

function nodeLine(node: PictureNode): string {
  return `${quoted(node.id)} [label=<${table(node)}>];`;
}

function table({ kind, title, lines, rows, stands }: PictureNode): string {
  const { fill, line } = NODE_STYLES[kind];
  const cell = (text: string, attributes = '') => `<tr><td align="left"${attributes}>${text}</td></tr>`;
  const small = (text: string) => `<font point-size="${SMALL}" color="${PALE_INK}">${escapeXml(text)}</font>`;
  const dashed = kind === 'external' ? ' style="rounded,dashed"' : ' style="rounded"';
  const [ports, ...rest] = lines.filter((one) => one.startsWith(':'));
  const others = [...lines.filter((one) => !one.startsWith(':')), ...rest];
  const headings = wrap(title, LINE_WIDTH).map((part) => `<font point-size="${BOLD}"><b>${escapeXml(part)}</b></font>`);
  const body = [
    ...headings.map((part, i) => cell(ports !== undefined && i === headings.length - 1 ? `${part} ${small(ports)}` : part)),
    ...others.flatMap((text) => wrap(text, LINE_WIDTH).map((part) => cell(small(part)))),
    ...rows.map((row, i) =>
      cell(`<font point-size="${SMALL}">${escapeXml(row.text)}</font>`, ` port="r${i}" border="1" sides="T"`),
    ),
  ];
  const border = stands > 1 ? 3 : 1;
  return `<table border="${border}"${dashed} color="${line}" bgcolor="${fill}" cellborder="0" cellspacing="0" cellpadding="2">${body.join('')}</table>`;
}

/** Invisible edges that put the isolated nodes of each group into columns, behind the first way in. */
function columns(nodes: readonly PictureNode[], edges: readonly PictureEdge[]): string[] {
  const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const isolated = groupBy(
    nodes.filter(({ id, group }) => group !== undefined && !linked.has(id)),
    ({ group }) => group,
  );
  const door = nodes.find(({ kind }) => kind === 'gateway');
  return [...isolated.values()].flatMap((alone) =>
    alone.flatMap(({ id, group }, i) => {
      const before = alone[i - COLUMN] ?? (door && door.group !== group ? door : undefined);
      return before ? [`  ${quoted(before.id)} -> ${quoted(id)} [style=invis];`] : [];
    }),
  );
}

/** Arrows that do not say what stands left of what: metrics, a page that reads another. */
function isBeside({ from, to, kind }: PictureEdge, kinds: ReadonlyMap<string, NodeKind>): boolean {
  return kind === 'metric' || (kinds.get(from) === 'page' && kinds.get(to) === 'page');
}

/**
 * Metrics flow to who scrapes: such an arrow is laid out the way of the data, and points the way of the question. A label that is a port alone
 * is left to the node, which shows its ports.
 */
function edgeLine(edge: PictureEdge, rows: ReadonlyMap<string, ReadonlyMap<string, string>>, beside: boolean): string {
  const { kind, label } = edge;
  const { line, dashed } = EDGE_STYLES[kind];
  const port = edge.fromRow === undefined ? undefined : rows.get(edge.from)?.get(edge.fromRow);
  const from = port === undefined ? quoted(edge.from) : `${quoted(edge.from)}:${port}:e`;
  const asked = kind === 'metric' && label === 'scrapes';
  const ends = asked ? `${quoted(edge.to)} -> ${from}` : `${from} -> ${quoted(edge.to)}`;
  const attributes = [
    ...(asked || label === '' || /^:\d+$/.test(label)
      ? []
      : [`label=${quoted(label).replaceAll(' · ', '\\n')}`, `fontcolor=${quoted(line)}`]),
    `color=${quoted(line)}`,
    ...(dashed ? ['style=dashed'] : []),
    ...(asked ? ['dir=back'] : []),
    ...(dashed ? ['penwidth=1'] : []),
    ...(beside ? ['constraint=false'] : []),
    ...(kind === 'span' ? ['penwidth=2.2', 'weight=3'] : []),
  ];
  return `${ends} [${attributes.join(', ')}];`;
}

function quoted(text: string): string {
  const plain = [...text].filter((one) => one >= ' ').join('');
  return `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
