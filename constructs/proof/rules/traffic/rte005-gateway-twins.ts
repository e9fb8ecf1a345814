import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { at, items } from '../../json-path.ts';
import type { Route } from '../../model/routes.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { APART, apartCause, liveApart } from '../apart.ts';
import { canonical, takesAll } from './http-match.ts';
import { hostsOf } from './virtual-services.ts';

export const gatewayTwins: Rule = {
  code: 'RTE005',
  title: 'two VirtualServices take the same requests of a host at one Gateway',
  severity: 'error',
  run: (model) => {
    const stated = model.routes.filter(({ api }) => api === 'istio').flatMap(statedBy);
    const told = new Set<string>();
    return [...groupBy(stated, ({ key }) => key).values()].flatMap((same): Fault[] => {
      const [first] = same;
      const second = same.find(({ object }) => object.id !== first?.object.id);
      if (!first || !second || told.has(`${first.object.id} ${second.object.id}`)) return [];
      told.add(`${first.object.id} ${second.object.id}`);
      const what = second.wanted === '{}' ? 'every request' : 'the same requests';
      const message = `takes ${what} of host "${second.host}" at Gateway ${second.gateway}, and so does ${first.object.id}: only the older of the two is ever asked`;
      const place = spotOf(second.object, ['spec', 'http', second.i]);
      if (liveApart(first.object, second.object)) {
        return [{ at: place, message, hint: APART, severity: 'warning', cause: apartCause([first.object, second.object]) }];
      }
      const certain = second.object.origin.construct !== null || first.object.origin.file === second.object.origin.file;
      return [
        {
          at: place,
          message,
          ...(certain ? {} : { severity: 'warning' }),
          hint: 'give each a host or a match of its own',
          cause: `routes ${first.object.id} ${second.object.id}`,
        },
      ];
    });
  },
  docs: {
    cause:
      'A gateway puts the rules of all VirtualServices for one host behind each other, those of the oldest object first and rules without a match last (Istio 1.30, pilot/pkg/networking/core). Of two rules with the same match the second is never reached, and which one that is depends on the age of the objects. In plain files of different files it is a warning: only one of them may be applied.',
    fix: 'Give each its own host or match, or put both rules into one object.',
    example:
      'kind: VirtualService   # a second one without a match for the host\nspec:\n  hosts: [shop.mesh.test]\n  gateways: [front]\n  http: [{route: [{destination: {host: ratings}}]}]',
  },
};

/** One match of a rule of a VirtualService, for a host at a Gateway. */
interface Stated {
  readonly object: ProofObject;
  readonly gateway: string;
  readonly host: string;
  /** Place of the rule. */
  readonly i: number;
  readonly wanted: string;
  readonly key: string;
}

/** A stack and its variants share most of their routes. */
const statedBy = remember(({ object, gateways }: Route): readonly Stated[] => {
  const bound = new Set(items(object.json, 'spec', 'gateways'));
  const named = new Set(gateways.flatMap(({ namespace, name }) => (bound.size > 0 ? [`${namespace}/${name}`] : [])));
  if (named.size === 0) return [];
  const matches = items(object.json, 'spec', 'http').flatMap((rule, i) =>
    at(rule, 'delegate') !== undefined
      ? []
      : entries(items(rule, 'match'))
          // One for some of the gateways only would have to be told apart.
          .filter((match) => items(match, 'gateways').length === 0)
          .map((match) => ({ wanted: takesAll(match) ? '{}' : canonical(match), i })),
  );
  return [...named].flatMap((gateway) =>
    hostsOf(object).flatMap((host) =>
      matches.map(({ wanted, i }) => ({ object, gateway, host, i, wanted, key: `${gateway} ${host} ${wanted}` })),
    ),
  );
});

function entries<T>(matches: readonly T[]): readonly (T | Record<string, never>)[] {
  return matches.length > 0 ? matches : [{}];
}
