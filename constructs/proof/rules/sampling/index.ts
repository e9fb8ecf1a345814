import type { Rule } from '../../rule.ts';

/** Which traces there are. */
export const samplingRules: readonly Rule[] = [];
