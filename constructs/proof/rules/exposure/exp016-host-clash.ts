import { hostClashes } from '../../hosts/hosts.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { areApart } from './clash.ts';

export const hostClash: Rule = {
  code: 'EXP016',
  title: 'one host at two addresses',
  severity: 'warning',
  run: (model) =>
    hostClashes(model).flatMap(({ host, claims }): Fault[] => {
      const [first, ...others] = claims;
      if (!first || host.includes('*')) return [];
      const other = others.find(({ at }) => !areApart(model, at.object, first.at.object));
      if (!other) return [];
      return [
        {
          at: other.at,
          message: `${host} is at ${other.addresses.join(', ')}, and ${first.at.object.id} says it is at ${first.addresses.join(', ')}`,
          hint: 'a name leads to one of them: give each exposure a host of its own',
          cause: `host at two addresses ${other.at.object.id} ${first.at.object.id}`,
          // One program says both; in files of others one of the two may be for visitors from inside.
          ...(other.at.object.origin.construct === null ? {} : { severity: 'error' }),
        },
      ];
    }),
  docs: {
    cause:
      'Two ways in claim the same host, at addresses that differ: a Gateway at MetalLB’s address and an Ingress at the node’s. DNS leads visitors to one of them; the other is set up for nobody. On purpose while moving from one to the other, or where visitors from inside ask another DNS; an error where one program says both, unless it is acknowledged.',
    fix: 'Give each a host of its own, or remove one.',
    example:
      'kind: Ingress   # at 10.34.124.114\nspec: {rules: [{host: kiali.site.example}]}   # a VirtualService at the gateway, 10.34.124.115, has the host too',
  },
};
