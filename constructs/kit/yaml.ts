import { Document, Scalar, type ScalarTag, Schema } from 'yaml';
import { type StringifyContext, stringTag } from 'yaml/util';
import type { Json } from './json.ts';

/**
 * Plain data as one YAML document: block style, two spaces, long lines never folded, no anchors or aliases.
 *
 * Every string comes back unchanged through a YAML 1.1 reader (PyYAML, the go-yaml inside kubectl and Flux) and a YAML 1.2 reader.
 * Text of several lines is a literal block (`|`) where it survives one, otherwise a double-quoted scalar on one line.
 * The text ends with one newline (more only where a literal block ends with empty lines) and has no leading `---`.
 */
export function toYaml(value: Json | object): string {
  // Without `directives` the library would visit every node once more, for tags that plain data has not.
  return new Document(value, null, { schema, aliasDuplicateObjects: false }).toString({ lineWidth: 0, directives: false });
}

// Starts like a word, a path, a `$(VAR)` or a `--flag` (not with `_`: go-yaml takes `-_1` for a number); no `: `, no ` #`, no blank at
// the end. Of such texts, readers take only `reserved` for something else.
const word = /^(?:--?)?[A-Za-z/$](?:[!-9;-~]|:(?=[!-~])| (?=[!-"$-~]))*$/;
// Some take `e5` for a float without digits before its exponent.
const reserved = /^(?:y|n|yes|no|on|off|true|false|null|-?e[-+]?[0-9]+)$/i;
// Quantities such as 100m, 15s and 128Mi: the letter keeps them from being a number in any base, a date or a float.
const quantity = /^[0-9][0-9.]*(?:m|s|[KMGTPE]i)$/;
// What some reader refuses, or takes for a line break or a byte order mark (YAML 1.1 counts NEL, LS and PS as breaks).
const unprintable = /[^\t\n -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;
const escapedByUs = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
// go-yaml refuses a literal block that starts with a tab; blanks at either end are easily lost by editors.
const literalEnds = /^\n*[^ \t\n](?:.*[^ \t\n])?\n*$/s;
// Beyond this a plain scalar is no easier to read, and readers limit keys to 1024 characters.
const longestPlain = 1000;

function plain(text: string): boolean {
  return text.length <= longestPlain && ((word.test(text) && !reserved.test(text)) || quantity.test(text));
}

function quoted(text: string): string {
  if (text.includes('"') && !text.includes("'") && !text.includes('\n') && !unprintable.test(text)) return `'${text}'`;
  // JSON's escapes are all YAML escapes too; it leaves some characters bare that a YAML reader would not.
  return JSON.stringify(text).replace(escapedByUs, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function stringifyText(item: Scalar, ctx: StringifyContext, onComment?: () => void, onChompKeep?: () => void): string {
  const text = String(item.value);
  if (plain(text)) return text;
  if (!text.includes('\n') || ctx.implicitKey || !literalEnds.test(text) || unprintable.test(text)) return quoted(text);
  const block = new Scalar(text);
  block.type = Scalar.BLOCK_LITERAL;
  return stringTag.stringify?.(block, ctx, onComment, onChompKeep) ?? quoted(text);
}

/** `1e+21` is a string to a YAML 1.1 reader that wants a dot in every float: write `1.0e+21`. */
function stringifyNumber(item: Scalar): string {
  return JSON.stringify(item.value).replace(/^(-?\d+)e/, '$1.0e');
}

const text: ScalarTag = { ...stringTag, stringify: stringifyText };
const number: ScalarTag = {
  identify: (value) => typeof value === 'number',
  default: true,
  tag: 'tag:yaml.org,2002:float',
  resolve: (source) => Number(source),
  stringify: stringifyNumber,
};

// One schema for all documents: building it each time costs more than writing a small object.
const schema = new Schema({ schema: 'core', customTags: () => ['map', 'seq', text, 'null', 'bool', number] });
