import type { Rule } from '../../rule.ts';

/** What people look at. */
export const pagesRules: readonly Rule[] = [];
