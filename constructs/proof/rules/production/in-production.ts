import type { Rule } from '../../rule.ts';

/** A rule that holds only where the purpose is said to be production. */
export function inProduction(rule: Rule): Rule {
  return { ...rule, run: (model) => (model.world.purpose === 'production' ? rule.run(model) : []) };
}
