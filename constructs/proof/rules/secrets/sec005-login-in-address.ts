import { eachObject } from '../../each-object.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { loginIn } from './logins.ts';
import { isEncrypted } from './sec001-plain-secret.ts';
import { lineOf, suspectsIn } from './texts.ts';

export const loginInAddress: Rule = {
  code: 'SEC005',
  title: 'a login in an address',
  severity: 'error',
  run: eachObject((object) =>
    isEncrypted(object)
      ? []
      : suspectsIn(object).flatMap(({ path, value }): Fault[] => {
          const found = loginIn(value);
          if (!found) return [];
          return [
            {
              at: { ...spotOf(object, path), line: () => object.origin.line(path, lineOf(value, found.index)) },
              message:
                found.user === undefined
                  ? 'holds the address of a webhook, which is its credential'
                  : `holds an address with the password of ${found.user}`,
              hint: 'take the address, or its password, from a Secret',
              cause: `login in ${object.id} ${object.origin.file ?? ''} ${path.join('.')}`,
            },
          ];
        }),
  ),
  docs: {
    cause:
      'An address holds a user and a password (`https://user:password@host`), or is that of a Slack webhook, which needs no other credential. Addresses end up in logs as well.',
    fix: 'Take the whole address from a Secret, or the password by a variable.',
    example: 'env:\n- {name: DATABASE_URL, value: "postgres://shop:s3cret@db.shop:5432/shop"}',
  },
};
