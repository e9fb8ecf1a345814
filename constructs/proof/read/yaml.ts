import {
  Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type SchemaOptions,
  visit,
} from 'yaml';
import type { Json } from '../../kit/json.ts';
import type { Path } from '../types.ts';

/** One document of a YAML text, as plain data. */
export interface YamlDocument {
  readonly value: Json;
  /** Line of a node (of its key, in a map), counted from 1; the nearest node above it where the path ends early. With `inner`, of that line of the node's text. */
  line(path: Path, inner?: number): number | undefined;
}

/** A text that is not readable as YAML. */
export interface YamlFault {
  readonly line: number;
  readonly message: string;
  /** The text holds actions of a template outside quotes: it is no YAML at all. */
  readonly template: boolean;
}

// kubectl reads YAML 1.1 (`yes` and 0644 mean what they meant there) but knows no timestamps, sexagesimal numbers or binaries.
const LEFT_OUT = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set'].map((tag) => `tag:yaml.org,2002:${tag}`));
type Tags = Exclude<SchemaOptions['customTags'], readonly unknown[] | null | undefined>;
const customTags: Tags = (tags) =>
  tags.filter((tag) => typeof tag === 'string' || (!LEFT_OUT.has(tag.tag) && !('format' in tag && tag.format === 'TIME')));
// Made once: a schema for each document costs as much as reading it.
const { schema } = new Document(null, { version: '1.1', customTags });

// As Helm writes them. Quoted ones are texts of alert rules and dashboards, in YAML like any other.
const TEMPLATE_ACTION = /^[^"'\n]*\{\{-?\s*(\$?\.|\/\*|(if|else|end|range|with|include|template|define|tpl|toYaml)\b)/m;

/** Reads all documents of a text; empty ones are left out. */
export function parseYaml(source: string): readonly YamlDocument[] | YamlFault {
  const lines = new LineCounter();
  const documents = parseDocuments(source, lines);
  const template = source.includes('{{') && TEMPLATE_ACTION.test(source);
  for (const document of documents) {
    const fault = document.errors[0];
    if (fault) return { line: fault.linePos?.[0].line ?? 1, message: plainMessage(fault.message), template };
    // `name: {{ .Values.name }}` is readable: a map whose key is a map.
    if (template && hasMapAsKey(document)) return { line: 1, message: 'a key that is itself a map', template };
  }
  // The syntax trees are dropped here and made again when a line is asked for: they weigh ten times the data.
  let again: readonly Document.Parsed[] | undefined;
  const found: YamlDocument[] = [];
  for (const [index, document] of documents.entries()) {
    if (document.contents === null) continue;
    let value: Json;
    try {
      value = document.toJS();
    } catch (error) {
      return {
        line: lines.linePos(document.range[0]).line,
        message: String(error instanceof Error ? error.message : error),
        template: false,
      };
    }
    const line = (path: Path, inner?: number) => {
      again ??= parseDocuments(source, new LineCounter());
      return lineOf(again[index], path, lines, inner);
    };
    found.push({ value, line });
  }
  return found;
}

/** Whether a result of parseYaml is a fault. */
export function isFault(result: readonly YamlDocument[] | YamlFault): result is YamlFault {
  return !Array.isArray(result);
}

function parseDocuments(source: string, lineCounter: LineCounter): Document.Parsed[] {
  const documents = parseAllDocuments(source, { version: '1.1', schema, logLevel: 'error', lineCounter });
  return Array.isArray(documents) ? documents : [];
}

function hasMapAsKey(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Pair(_, pair) {
      if (!isCollection(pair.key)) return;
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

function lineOf(document: Document.Parsed | undefined, path: Path, lines: LineCounter, inner?: number): number | undefined {
  if (!document) return undefined;
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0];
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
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
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

function asNode(value: unknown): Node | undefined {
  return isScalar(value) || isCollection(value) || isAlias(value) ? value : undefined;
}

function plainMessage(message: string): string {
  const [first = message] = message.split('\n');
  return first.replace(/ at line \d+, column \d+:?$/, '').toLowerCase();
}
