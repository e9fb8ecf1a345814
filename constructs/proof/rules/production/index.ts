import type { Rule } from '../../rule.ts';

/** What a lab may do and production may not. */
export const productionRules: readonly Rule[] = [];
