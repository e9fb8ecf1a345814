import { eachObject } from '../../each-object.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { isEncrypted } from './sec001-plain-secret.ts';
import { lineOf, suspectsIn } from './texts.ts';

export const privateKey: Rule = {
  code: 'SEC004',
  title: 'a private key in plain text',
  severity: 'error',
  run: eachObject((object) =>
    isEncrypted(object)
      ? []
      : suspectsIn(object).flatMap(({ path, value }): Fault[] => {
          const found = KEY.exec(value);
          if (!found) return [];
          return [
            {
              at: { ...spotOf(object, path), line: () => object.origin.line(path, lineOf(value, found.index)) },
              message: 'holds a private key',
              hint: 'keep it in a Secret that is not in the repository, and make a new one: this one was readable',
              cause: `private key in ${object.id} ${object.origin.file ?? ''}`,
            },
          ];
        }),
  ),
  docs: {
    cause:
      'A PEM block `PRIVATE KEY` stands in an object that is no Secret: in a ConfigMap, in values of a chart, in an argument. (In a Secret it is SEC001.)',
    fix: 'Let cert-manager make the key, or keep it in a Secret outside the repository. Make a new one.',
    example:
      'kind: ConfigMap\ndata:\n  server.key: |\n    -----BEGIN PRIVATE KEY-----\n    MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7',
  },
};

// With a body: the header alone stands in documentation.
const KEY = /-----BEGIN (?:RSA |EC |DSA |OPENSSH )?PRIVATE KEY-----(?:\s|\\n)+(?:[\w-]+: .*\s+)*[A-Za-z0-9+/=]{40}/;
