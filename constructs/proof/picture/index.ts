export * from './formats/index.ts';
export { pictureOf } from './picture.ts';
export { traceSequence } from './sequence.ts';
export type * from './types.ts';
