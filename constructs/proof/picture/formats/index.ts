export { toDot } from './dot.ts';
export { toMermaid } from './mermaid.ts';
export { toSvg } from './svg.ts';
