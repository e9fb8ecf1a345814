import { type ErrorCode, isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, type Node, type YAMLMap } from 'yaml';
import type { Json } from '../../kit/json.ts';
import { remember, rememberText } from '../../kit/remember.ts';
import type { Path } from '../types.ts';
import { inspect, TOO_DEEP } from './yaml-nodes.ts';
import { type Syntax, syntaxOf } from './yaml-syntax.ts';

/** One document of a YAML text, as plain data. */
export interface YamlDocument {
  readonly value: Json;
  /** Line of a node (of its key, in a map), counted from 1; the nearest node above it where the path ends early. With `inner`, of that line of the node's text. */
  line(path: Path, inner?: number): number;
}

/** A text that is not readable as YAML. */
export interface YamlFault {
  readonly line: number;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  /** The text holds actions of a template outside quotes: it is no YAML at all. */
  readonly template: boolean;
}

// As Helm writes them. Quoted ones are texts of alert rules and dashboards, in YAML like any other.
const TEMPLATE_ACTION = /^[^"'\n]*\{\{-?\s*(\$?\.|\/\*|(if|else|end|range|with|include|template|define|tpl|toYaml)\b)/m;

/** Of the smallest, this many take half a minute. */
const MOST_DOCUMENTS = 1_000_000;

/** Reads all documents of a text; empty ones are left out. */
export function parseYaml(source: string): readonly YamlDocument[] | YamlFault {
  const template = source.includes('{{') && TEMPLATE_ACTION.test(source);
  const found: YamlDocument[] = [];
  let linesAbove = 0;
  const parts = partsOf(source);
  if (parts.length > MOST_DOCUMENTS)
    return { line: 1, message: `more than ${MOST_DOCUMENTS} documents`, hint: 'split it into several files', template };
  for (const part of parts) {
    const read = /^(---)?\s*$/.test(part) ? [] : parsePart(part, linesAbove, template);
    if (isFault(read)) return read;
    for (const document of read) found.push(document);
    linesAbove += countLines(part);
  }
  return found;
}

/** parseYaml, remembered: for texts inside of objects, which stacks and rules ask for again and again. What it gives is shared. */
export const readYaml = rememberText(parseYaml);

/** Whether a result of parseYaml is a fault. */
export function isFault(result: readonly YamlDocument[] | YamlFault): result is YamlFault {
  return !Array.isArray(result);
}

/**
 * Cuts a text in front of each line that begins a document: syntax trees weigh twenty times the text, so there is only ever that of one
 * document. Such a line ends whatever stands before it, even a text in quotes. A text with directives stays whole, for they belong to
 * what follows.
 */
export function partsOf(source: string): readonly string[] {
  if (/^%/m.test(source)) return [source];
  const parts: string[] = [];
  let start = 0;
  for (let at = source.indexOf('\n---'); at >= 0; at = source.indexOf('\n---', at + 1)) {
    if (!' \t\r\n'.includes(source[at + 4] ?? '\n')) continue;
    parts.push(source.slice(start, at + 1));
    start = at + 1;
  }
  return [...parts, source.slice(start)];
}

export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function parsePart(source: string, linesAbove: number, template: boolean): readonly YamlDocument[] | YamlFault {
  const lines = new LineCounter();
  const lineAt = (offset: number) => linesAbove + lines.linePos(offset).line;
  const found: YamlDocument[] = [];
  // The syntax trees are dropped here and made again when a line is asked for.
  let again: ReturnType<typeof syntaxOf> | undefined;
  const documents = syntaxOf(source, lines);
  if (documents instanceof Error)
    return { line: lineAt(documents.pos[0]), ...inWords(documents.code, documents.message), template };
  for (const [index, document] of documents.entries()) {
    const { fault, mapAsKey } = inspect(document.contents);
    if (fault) return { line: lineAt(fault.offset), message: fault.message, hint: fault.hint, template };
    // `name: {{ .Values.name }}` is readable: a map whose key is a map.
    if (template && mapAsKey) return { line: linesAbove + 1, message: 'a key that is itself a map', hint: CORRECT, template };
    if (document.contents === null) continue;
    let value: Json;
    try {
      value = document.toJS({ maxAliasCount: -1 });
    } catch (error) {
      const message = error instanceof Error ? error.message.toLowerCase() : String(error);
      return { line: lineAt(document.range[0]), message, hint: CORRECT, template: false };
    }
    const line = (path: Path, inner?: number) => {
      again ??= syntaxOf(source, new LineCounter());
      return linesAbove + lineOf(again instanceof Error ? undefined : again[index], path, lines, inner);
    };
    found.push({ value, line });
  }
  return found;
}

function lineOf(document: Syntax | undefined, path: Path, lines: LineCounter, inner?: number): number {
  let node: Node | null | undefined = document?.contents;
  let offset = node?.range?.[0];
  for (const step of path) {
    if (document && isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = pairsOf(node).get(String(step));
      if (!pair) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = asNode(pair.value);
    } else if (isSeq(node) && typeof step === 'number') {
      node = asNode(node.items[step]);
      offset = node?.range?.[0] ?? offset;
    } else break;
  }
  if (inner !== undefined && isScalar(node) && node.range) {
    // A block scalar's text begins under its mark (`|`), any other where it stands.
    const above = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED' ? 0 : 1;
    return lines.linePos(node.range[0]).line + inner - above;
  }
  return lines.linePos(offset ?? 0).line;
}

const pairsOf = remember(
  (map: YAMLMap) => new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : []))),
);

function asNode(value: unknown): Node | undefined {
  return isScalar(value) || isCollection(value) || isAlias(value) ? value : undefined;
}

const CORRECT = 'correct the text there';
const WHAT_TO_DO: ReadonlyMap<ErrorCode, string> = new Map([
  ['TAB_AS_INDENT', 'indent with spaces'],
  ['BAD_INDENT', 'correct the indentation'],
  ['MULTILINE_IMPLICIT_KEY', 'correct the indentation, or put the text in quotes'],
  ['MISSING_CHAR', 'add what is missing'],
  ['BAD_SCALAR_START', 'put the text in quotes'],
  ['IMPOSSIBLE', 'split it into several documents and files'],
]);

function inWords(code: ErrorCode, message: string): { message: string; hint: string } {
  // The library's own stack, used up.
  if (code === 'RESOURCE_EXHAUSTION') return TOO_DEEP;
  const [first = message] = message.split('\n');
  return { message: first.toLowerCase(), hint: WHAT_TO_DO.get(code) ?? CORRECT };
}
