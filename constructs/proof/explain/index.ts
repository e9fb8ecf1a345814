export { explain } from './explain.ts';
export type { ExplainedDestination, Explanation, Outcome, TrafficRequest } from './types.ts';
