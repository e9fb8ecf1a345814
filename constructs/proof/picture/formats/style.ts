import type { EdgeKind, NodeKind } from '../types.ts';

/** How a kind of node looks, and what the legend calls it. Fill and text have a contrast of at least 7 to 1. */
export interface NodeStyle {
  readonly words: string;
  readonly fill: string;
  readonly line: string;
}

/** How a kind of edge looks, and what the legend calls it. */
export interface EdgeStyle {
  readonly words: string;
  readonly line: string;
  readonly dashed: boolean;
}

/** In the order of the legend. */
export const NODE_STYLES: Readonly<Record<NodeKind, NodeStyle>> = {
  client: { words: 'client', fill: '#f4f4f5', line: '#3f3f46' },
  gateway: { words: 'way in', fill: '#dbeafe', line: '#1d4ed8' },
  waypoint: { words: 'waypoint', fill: '#cffafe', line: '#0e7490' },
  app: { words: 'app', fill: '#dcfce7', line: '#15803d' },
  'control-plane': { words: 'control plane', fill: '#ede9fe', line: '#6d28d9' },
  'data-plane': { words: 'data plane', fill: '#e0e7ff', line: '#4338ca' },
  collector: { words: 'collector', fill: '#ffedd5', line: '#c2410c' },
  backend: { words: 'traces', fill: '#fef3c7', line: '#a16207' },
  metrics: { words: 'metrics', fill: '#fce7f3', line: '#be185d' },
  logs: { words: 'logs', fill: '#e2e8f0', line: '#334155' },
  page: { words: 'page', fill: '#f0f9ff', line: '#0369a1' },
  external: { words: 'outside', fill: '#ffffff', line: '#52525b' },
};

/** In the order of the legend. */
export const EDGE_STYLES: Readonly<Record<EdgeKind, EdgeStyle>> = {
  request: { words: 'request', line: '#1d4ed8', dashed: false },
  span: { words: 'spans', line: '#c2410c', dashed: false },
  log: { words: 'logs', line: '#334155', dashed: false },
  metric: { words: 'metrics', line: '#be185d', dashed: true },
  read: { words: 'reads', line: '#0369a1', dashed: true },
  config: { words: 'configures', line: '#6d28d9', dashed: true },
};

/** The colour of text, and of the paper: the same in a light and in a dark page. */
export const INK = '#18181b';
export const PALE_INK = '#3f3f46';
export const PAPER = '#ffffff';
export const FRAME = '#a1a1aa';
export const FRAME_FILL = '#fafafa';

/** Breaks a text into lines of about so many characters: at spaces, and inside long words after a sign. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const piece of text.split(/(?<= )|(?<=.{12}[-:/,.])(?=.{5})/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + piece.trimEnd().length <= width) lines[lines.length - 1] = last + piece;
    else lines.push(piece);
  }
  return lines.map((line) => line.trimEnd());
}

/** Text as XML and HTML-like labels take it: markup escaped, control characters left out. */
export function escapeXml(text: string): string {
  const plain = [...text].filter((one) => one >= ' ' && one !== '\u007f' && one !== '\ufffe' && one !== '\uffff').join('');
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
