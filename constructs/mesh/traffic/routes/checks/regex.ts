import { createRequire } from 'node:module';
import { UserError } from '../../../../kit/user-error.ts';

const require = createRequire(import.meta.url);

/**
 * Checks an expression as istiod does (Istio 1.30, validateStringMatchRegexp): RE2, 1024 characters at most.
 *
 * RE2 is loaded when the first expression is met: it is large, and few programs have one.
 *
 * @throws UserError when RE2 cannot read it
 */
export function checkRegex(regex: string, what: string): void {
  if (regex === '' || regex.length > 1024)
    throw new UserError(`${what} is a regex of ${regex.length} characters: allowed are 1 to 1024`);
  const { RE2JS, RE2JSException }: typeof import('re2js') = require('re2js');
  try {
    RE2JS.compile(regex);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new UserError(
      `${what} is ${JSON.stringify(regex)}, which RE2 cannot read (${error.message}): ` +
        `it has no look-around and no back references, and '.*' stands for any text`,
    );
  }
}

/** A text as an expression that matches just it (RE2's QuoteMeta). */
export function quoted(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
