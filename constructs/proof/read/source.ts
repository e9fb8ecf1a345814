import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { UserError } from '../../kit/user-error.ts';

/** A file's text and the name it goes by in findings. */
export interface SourceFile {
  readonly name: string;
  readonly source: string;
}

// A document takes up to twenty times its size while it is read: this much fits into Node's default heap.
const MOST_BYTES = 100_000_000;

/**
 * Reads a text file.
 *
 * @throws UserError when it cannot be read, is larger than 100 MB, or is no UTF-8 text
 */
export function readSource(name: string): SourceFile {
  try {
    return sourceOf(name, readFileSync(name));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`cannot read ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * The text of some bytes.
 *
 * @throws UserError when there are more than 100 MB of them; for UTF-16, other bytes that are no UTF-8, and control characters, which
 *   YAML does not allow, with the line
 */
export function sourceOf(name: string, bytes: Buffer): SourceFile {
  if (bytes.length > MOST_BYTES) {
    const size = `${Math.ceil(bytes.length / 1e6)} MB`;
    throw new UserError(`${name} has ${size}, at most ${MOST_BYTES / 1e6} MB can be read at once: split it into several files`);
  }
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new UserError(`${name}:1: is UTF-16: save it as UTF-8`);
  if (!isUtf8(bytes)) throw new UserError(`${name}:${lineWithoutUtf8(bytes)}: is not UTF-8: save the file as UTF-8`);
  const source = bytes.toString('utf8');
  const control = CONTROL.exec(source);
  if (control) {
    const code = `U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
    const line = source.slice(0, control.index).split('\n').length;
    throw new UserError(
      `${name}:${line}: holds the control character ${code}, which YAML does not allow: remove it, or save the file as UTF-8 if it is in another encoding`,
    );
  }
  return { name, source };
}

// YAML 1.1 and 1.2, c-printable: of the control characters only tab and line breaks.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** No byte of a longer character is a line break, so lines can be judged one by one. */
function lineWithoutUtf8(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf('\n', start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
  }
  return line;
}
