export { explain } from './explain.ts';
export { narrow } from './narrow/narrow.ts';
export type { ExplainedDestination, Explanation, Outcome, TrafficRequest } from './types.ts';
