import { items } from '../../json-path.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { canonical } from './http-match.ts';
import { virtualServices } from './virtual-services.ts';

export const emptyMatch: Rule = {
  code: 'RTE002',
  title: 'an empty match beside others',
  severity: 'warning',
  run: (model) =>
    virtualServices(model).flatMap((object) =>
      items(object.json, 'spec', 'http').flatMap((rule, i): Fault[] => {
        const matches = items(rule, 'match');
        const empty = matches.findIndex((match) => canonical(match) === '{}');
        if (empty < 0 || matches.length < 2) return [];
        return [
          {
            at: spotOf(object, ['spec', 'http', i, 'match', empty]),
            message: 'is empty and takes every request: the other matches of the rule mean nothing',
            hint: 'remove the empty entry; conditions that must hold together belong into one entry',
            cause: `wide rule ${object.id} http ${i}`,
          },
        ];
      }),
    ),
  docs: {
    cause:
      'The entries of `match` are alternatives, and one without a condition takes every request. It comes about when the condition of an entry is removed, or indented as an entry of its own.',
    fix: 'Remove the empty entry, or leave `match` out where the rule is for all requests.',
    example:
      'http:\n- match:\n  - {}   # takes all\n  - headers: {end-user: {exact: jason}}\n  route: [{destination: {host: reviews}}]',
  },
};
