import { UserError } from '../../constructs/kit/user-error.ts';

const posixClasses: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/**
 * A pattern of a CRD, which is RE2 (Go), as a JavaScript pattern for the flag `u`.
 * Translated: a leading or inner `(?i)`, `(?P<name>`, `\A`, `\z`, `\Q..\E`, POSIX classes, `\pL`, escapes that JavaScript does not know.
 *
 * @param where names the schema in the error.
 * @throws UserError when the result is no JavaScript pattern.
 */
export function fromRe2(pattern: string, where: string): string {
  const translated = translate(pattern);
  try {
    new RegExp(translated, 'u');
  } catch {
    throw new UserError(
      `${where}: pattern ${JSON.stringify(pattern)} has no JavaScript spelling: teach it to tools/import/re2.ts`,
    );
  }
  return translated;
}

const token =
  /\\Q(?<quoted>[\s\S]*?)(?:\\E|$)|\\p(?<property>[A-Z])|\\x\{(?<hex>[0-9A-Fa-f]+)\}|\\(?<escaped>[\s\S])|\(\?i\)|\(\?P<|\[:(?<posix>\w+):\]|(?<letter>[A-Za-z])|[\s\S]/gu;

function translate(pattern: string): string {
  let ignoreCase = false;
  let inClass = false;
  return pattern.replace(token, (match: string, ...rest: unknown[]) => {
    const { quoted, property, hex, escaped, posix, letter } = groupsOf(rest);
    if (quoted !== undefined) return quoted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    if (property !== undefined) return `\\p{${property}}`;
    if (hex !== undefined) return `\\u{${hex}}`;
    if (escaped !== undefined) return escapeOf(escaped, inClass);
    if (match === '(?i)') {
      ignoreCase = true;
      return '';
    }
    if (match === '(?P<') return '(?<';
    if (posix !== undefined && inClass) return posixClasses[posix] ?? match;
    if (letter !== undefined && ignoreCase) {
      const both = `${letter.toLowerCase()}${letter.toUpperCase()}`;
      return inClass ? both : `[${both}]`;
    }
    if (match === '[' && !inClass) inClass = true;
    else if (match === ']') inClass = false;
    return match;
  });
}

function groupsOf(rest: readonly unknown[]): Readonly<Record<string, string | undefined>> {
  const groups = rest.at(-1);
  return typeof groups === 'object' && groups !== null ? { ...groups } : {};
}

function escapeOf(char: string, inClass: boolean): string {
  if (char === 'A' && !inClass) return '^';
  if (char === 'z' && !inClass) return '$';
  const known = inClass ? /[\w\\^$.*+?()[\]{}|/-]/ : /[\w\\^$.*+?()[\]{}|/]/;
  return known.test(char) ? `\\${char}` : char;
}
