export { type Output, outputOf } from './outdir.ts';
export { type PublishReport, publish } from './publish.ts';
export type { Edge, RenderedFile, RenderedLayer, RenderedObject, RenderedStack } from './rendered.ts';
export { clusterObjectsOnly, renderTree } from './tree.ts';
