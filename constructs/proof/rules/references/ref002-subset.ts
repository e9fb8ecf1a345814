import { suggest } from '../../../kit/nearest.ts';
import { hostKey } from '../../model/destination-rules.ts';
import type { Rule } from '../../rule.ts';

export const subset: Rule = {
  code: 'REF002',
  title: 'a route names a subset that no DestinationRule defines',
  severity: 'error',
  run: (model) => {
    const lost = new Set(
      model.destinationRules.all
        .filter((rule) => model.services.find(rule.host, rule.object.namespace).is === 'missing')
        .flatMap((rule) => rule.subsets.map((one) => `${rule.object.namespace}/${one.name}`)),
    );
    return model.routes.flatMap((route) =>
      route.destinations.flatMap(({ host, subset: name, subsetAt }) => {
        if (name === undefined) return [];
        const { namespace } = route.object;
        const rules = model.destinationRules.of(host, namespace);
        const subsets = rules.flatMap((rule) => rule.subsets.map((one) => one.name));
        if (subsets.includes(name)) return [];
        const found = model.services.find(host, namespace);
        // Without the Service and without any rule for it, the rule may be kept elsewhere, too.
        if (found.is === 'missing' || (rules.length === 0 && found.is === 'unknown')) return [];
        // A rule for a host that does not exist is told as such; the subset it would define is a consequence.
        if (lost.has(`${namespace}/${name}`) && rules.length === 0) return [];
        const rule = rules.find((one) => one.subsets.length > 0) ?? rules[0];
        const where = rule ? `${rule.object.id} does not define it` : `there is no DestinationRule for host "${host}"`;
        return [
          {
            at: subsetAt,
            message: `subset "${name}" of host "${host}" is not defined: ${where}`,
            hint: suggest(name, subsets, 'add the subset to the DestinationRule of the host'),
            cause: `subset ${hostKey(host, namespace)}/${name}`,
          },
        ];
      }),
    );
  },
  docs: {
    cause: 'The subset of a destination is not among the subsets of the DestinationRules for that host. Requests get 503.',
    fix: 'Correct the name, or define the subset with the labels of its pods.',
    example: 'http:\n- route:\n  - destination: {host: reviews, subset: v4}   # defined are v1, v2, v3',
  },
};
