import { isDeepStrictEqual } from 'node:util';
import { groupBy } from '../../group-by.ts';
import { at, items, text } from '../../json-path.ts';
import { hostKey } from '../../model/destination-rules.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { APART, apartCause, liveApart } from '../apart.ts';
import { words } from './virtual-services.ts';

export const ruleTwins: Rule = {
  code: 'RTE022',
  title: 'two DestinationRules of one namespace say different things of a host',
  severity: 'warning',
  run: (model) => {
    const rules = model.destinationRules.all.filter(({ object }) => at(object.json, 'spec', 'workloadSelector') === undefined);
    const key = ({ object, host }: (typeof rules)[number]) =>
      [object.namespace, hostKey(host, object.namespace), ...words(object, 'spec', 'exportTo').sort()].join(' ');
    return [...groupBy(rules, key).values()].flatMap((same) =>
      same.flatMap(({ object }, i): Fault[] => {
        const first = same.slice(0, i).find((one) => one.object.id !== object.id && lost(one.object, object));
        const path = first && lost(first.object, object);
        if (!first || !path) return [];
        const place = {
          at: spotOf(object, path),
          message: `${first.object.id} says another thing of the same host: only the older one counts`,
        };
        return liveApart(first.object, object)
          ? [{ ...place, hint: APART, cause: apartCause([first.object, object]) }]
          : [{ ...place, hint: 'put both into one object', cause: `rules ${first.object.id} ${object.id}` }];
      }),
    );
  },
  docs: {
    cause:
      'Istio makes one rule of all DestinationRules that a namespace has for a host: it adds the subsets up, but of two subsets of one name, and of two `trafficPolicy` of the host, it keeps that of the older object and drops the other without a word (Istio 1.30, destination_rule.go).',
    fix: 'Put both into one DestinationRule. One with subsets alone beside one with a trafficPolicy alone is fine.',
    example:
      'kind: DestinationRule   # another one has host: reviews and a trafficPolicy as well\nspec:\n  host: reviews\n  trafficPolicy: {loadBalancer: {simple: RANDOM}}',
  },
};

/** What of the second rule does not count beside the first. */
function lost({ json: first }: ProofObject, { json: second }: ProofObject): readonly (string | number)[] | undefined {
  const policies = [first, second].map((json) => at(json, 'spec', 'trafficPolicy'));
  if (policies.every((one) => one !== undefined && one !== null) && !isDeepStrictEqual(policies[0], policies[1]))
    return ['spec', 'trafficPolicy'];
  const subsets = items(first, 'spec', 'subsets');
  const i = items(second, 'spec', 'subsets').findIndex((subset) =>
    subsets.some((one) => text(one, 'name') === text(subset, 'name') && !isDeepStrictEqual(one, subset)),
  );
  return i < 0 ? undefined : ['spec', 'subsets', i];
}
