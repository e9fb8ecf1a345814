import { certificatesBySecret } from '../../model/exposure/certificates.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { clash } from './clash.ts';

export const secretTwins: Rule = {
  code: 'EXP020',
  title: 'two Certificates write one Secret',
  severity: 'error',
  run: (model) =>
    [...certificatesBySecret(model).values()].flatMap((same): Fault[] => {
      const [first] = same;
      const second = same.find(({ object }) => object.id !== first?.object.id);
      if (!first || !second) return [];
      const fault: Fault = {
        at: second.secretAt,
        message: `${first.object.id} writes Secret ${second.secret} as well`,
        hint: 'give each a Secret of its own, or put all names into one Certificate',
        cause: `secret of ${first.object.id} ${second.object.id}`,
      };
      return [clash(model, first.object, second.object, fault)];
    }),
  docs: {
    cause:
      'Two Certificates of one namespace have the same `secretName`. cert-manager writes one, finds that it is not the other’s, and issues again, for ever; a public CA soon refuses more (cert-manager, duplicate secretName).',
    fix: 'Give each a Secret of its own.',
    example: 'kind: Certificate   # a second one in the namespace\nmetadata: {name: www}\nspec: {secretName: site-tls}',
  },
};
