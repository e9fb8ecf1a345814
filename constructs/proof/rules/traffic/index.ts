import type { Rule } from '../../rule.ts';

/** Routes and what holds for the traffic they send: codes RTE. */
export const trafficRules: readonly Rule[] = [];
