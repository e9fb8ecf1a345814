import { eachObject } from '../../each-object.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { isLiteral } from './literals.ts';
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
          const found = [...value.matchAll(LOGIN)].find(([, user = '', word = '']) => isLogin(user, word)) ?? HOOK.exec(value);
          if (!found) return [];
          return [
            {
              at: { ...spotOf(object, path), line: () => object.origin.line(path, lineOf(value, found.index ?? 0)) },
              message:
                found[2] === undefined
                  ? 'holds the address of a webhook, which is its credential'
                  : `holds an address with the password of ${found[1]}`,
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

const LOGIN = /[a-z][a-z0-9+.-]*:\/\/([^\s/:@'"<>{}$()\\?#]+):([^\s/@'"<>()\\]+)@[\w.[-]/gi;
const HOOK = /hooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/\w{16,}/;

/** Words of documentation, variables and templates are no login. */
function isLogin(user: string, word: string): boolean {
  return (
    isLiteral(word) &&
    !/[${}%]/.test(word) &&
    !/^(user(name)?|login)$/i.test(user) &&
    !/^(pass(word|wd)?|pwd|secret|token)$/i.test(word)
  );
}
