import type { Rule } from '../../rule.ts';

/** What may stand between two hops. */
export const reachRules: readonly Rule[] = [];
