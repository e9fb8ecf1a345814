import { UserError } from '../../../kit/user-error.ts';
import type { Picture } from '../types.ts';
import { ROOM, toDot } from './dot.ts';
import { EDGE_STYLES, escapeXml, FRAME, INK, NODE_STYLES, PALE_INK, PAPER } from './style.ts';

const FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif";
const PAD = 20;
const HEADER = 52;
const LEGEND_LINE = 24;

/**
 * A picture as SVG: laid out by Graphviz, under a title and above a legend, on paper of its own, so that it reads the same on a light and on
 * a dark page. No scripts, no fonts from elsewhere, the same bytes everywhere.
 *
 * @throws UserError when Graphviz cannot lay it out
 */
export async function toSvg(picture: Picture): Promise<string> {
  // Only here: it is a megabyte of WebAssembly, which nothing else needs.
  const { instance } = await import('@viz-js/viz');
  const result = (await instance()).render(toDot(picture), { format: 'svg' });
  if (result.status !== 'success')
    throw new UserError(`${picture.title} cannot be drawn: ${result.errors.map(({ message }) => message).join(' ')}`);
  return page(picture, result.output);
}

/** Puts what Graphviz drew between title and legend. */
function page(picture: Picture, drawn: string): string {
  const [, wide = '0', high = '0'] = /viewBox="0(?:\.0+)? 0(?:\.0+)? ([\d.]+) ([\d.]+)"/.exec(drawn) ?? [];
  const inner = drawn
    .slice(drawn.indexOf('>', drawn.indexOf('<svg')) + 1, drawn.lastIndexOf('</svg>'))
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replaceAll('font-family="Helvetica,sans-Serif"', '')
    .replace(/ font-size="([\d.]+)"/g, (_, size: string) => ` font-size="${Math.floor(Number(size) / ROOM + 0.1)}"`)
    .replace(/ +(\/?>)/g, '$1')
    .replaceAll('&#45;', '-')
    .trim();
  const [graphWidth, graphHeight] = [Math.ceil(Number(wide)), Math.ceil(Number(high))];
  const width = Math.max(graphWidth, MIN_WIDTH) + 2 * PAD;
  const legend = legendOf(picture, width - 2 * PAD);
  const height = HEADER + graphHeight + PAD + legend.height + PAD;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description" font-family="${FONT}">`,
    `<title id="title">${escapeXml(picture.title)}</title>`,
    `<desc id="description">${escapeXml(picture.description)}</desc>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${PAPER}" stroke="${FRAME}"/>`,
    `<text x="${PAD}" y="30" font-size="18" font-weight="bold" fill="${INK}">${escapeXml(picture.title)}</text>`,
    `<text x="${PAD}" y="47" font-size="12" fill="${PALE_INK}">${escapeXml(picture.description)}</text>`,
    `<g transform="translate(${Math.floor((width - graphWidth) / 2)} ${HEADER + 6})">`,
    inner,
    '</g>',
    `<g transform="translate(${PAD} ${HEADER + graphHeight + PAD})" font-size="12" fill="${INK}">`,
    ...legend.parts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const MIN_WIDTH = 700;

/** What the colours mean: of the kinds that occur. */
function legendOf({ nodes, edges }: Picture, width: number): { readonly parts: readonly string[]; readonly height: number } {
  const parts: string[] = [];
  let x = 0;
  let y = 0;
  const add = (words: string, sign: string) => {
    const needed = 36 + words.length * 7;
    if (x + needed > width) {
      x = 0;
      y += LEGEND_LINE;
    }
    parts.push(`<g transform="translate(${x} ${y})">${sign}<text x="28" y="14">${escapeXml(words)}</text></g>`);
    x += needed;
  };
  for (const [kind, { words, fill, line }] of Object.entries(NODE_STYLES))
    if (nodes.some((one) => one.kind === kind))
      add(words, `<rect x="1" y="3" width="20" height="14" rx="4" fill="${fill}" stroke="${line}"/>`);
  x = 0;
  y += LEGEND_LINE;
  for (const [kind, { words, line, dashed }] of Object.entries(EDGE_STYLES))
    if (edges.some((one) => one.kind === kind))
      add(
        words,
        `<path d="M1 10H16" stroke="${line}" stroke-width="2"${dashed ? ' stroke-dasharray="4 3"' : ''}/><path d="M15 6l7 4l-7 4z" fill="${line}"/>`,
      );
  return { parts, height: y + LEGEND_LINE };
}
