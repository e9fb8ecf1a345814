import type { Rule } from '../../rule.ts';

/** The way of a span through collectors and backends. */
export const pipelinesRules: readonly Rule[] = [];
