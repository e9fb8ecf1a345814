import { Composer, type CST, Document, Lexer, type LineCounter, Parser, type SchemaOptions, YAMLParseError } from 'yaml';
import { MOST_LEVELS, TOO_DEEP } from './yaml-nodes.ts';

/** A document as the library reads it. */
export type Syntax = Document.Parsed;

// kubectl reads YAML 1.1 (`yes` and 0644 mean what they meant there) but knows no timestamps, sexagesimal numbers or binaries.
const LEFT_OUT = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set'].map((tag) => `tag:yaml.org,2002:${tag}`));
type Tags = Exclude<SchemaOptions['customTags'], readonly unknown[] | null | undefined>;
const customTags: Tags = (tags) =>
  tags.filter((tag) => typeof tag === 'string' || (!LEFT_OUT.has(tag.tag) && !('format' in tag && tag.format === 'TIME')));
// Made once: a schema for each document costs as much as reading it.
const { schema } = new Document(null, { version: '1.1', customTags });
// Keys stated twice are found by `inspect`: the library compares each with each.
const OPTIONS = { version: '1.1', schema, logLevel: 'error', uniqueKeys: false, prettyErrors: false } as const;

/** Words, signs and blanks of one document: about 40 MB of usual YAML, whose syntax tree weighs two gigabytes. */
const MOST_LEXEMES = 8_000_000;
const MOST_DOCUMENTS = 100_000;

/**
 * Reads the documents of a text as `parseAllDocuments` does, but stops at the first error (in a megabyte of brackets each is one, and
 * weighs a kilobyte) and at what would not fit into memory.
 *
 * @param lines is told where lines begin
 * @returns the documents, or the first error
 */
export function syntaxOf(source: string, lines: LineCounter): readonly Syntax[] | YAMLParseError {
  const composer = new Composer(OPTIONS);
  let first: YAMLParseError | undefined;
  // Of the library's own; without it errors would be collected.
  Object.assign(composer, {
    onError: (at: ErrorPlace, code: YAMLParseError['code'], message: string, warning?: boolean) => {
      if (warning) return;
      first ??= new YAMLParseError([offsetOf(at), offsetOf(at)], code, message);
      throw first;
    },
  });
  const documents: Syntax[] = [];
  try {
    for (const document of composer.compose(tokensOf(source, lines))) {
      const [error] = document.errors;
      if (error) return error;
      documents.push(document);
      if (documents.length > MOST_DOCUMENTS) return tooMuch(document.range[0], `more than ${MOST_DOCUMENTS} documents`);
    }
  } catch (error) {
    if (error instanceof YAMLParseError) return error;
    throw error;
  }
  return documents;
}

type ErrorPlace = number | readonly [number, number] | { readonly offset: number };

function offsetOf(at: ErrorPlace): number {
  if (typeof at === 'number') return at;
  return 'offset' in at ? at.offset : at[0];
}

function* tokensOf(source: string, lines: LineCounter): Generator<CST.Token, void> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let [lexemes, open] = [0, 0];
  for (const lexeme of new Lexer().lex(source)) {
    lexemes++;
    if (lexemes > MOST_LEXEMES) throw tooMuch(0, `more than ${MOST_LEXEMES} words and signs in one document`);
    if (lexeme === '[' || lexeme === '{') open++;
    else if (lexeme === ']' || lexeme === '}') open--;
    if (open > MOST_LEVELS) throw new YAMLParseError([parser.offset, parser.offset], 'RESOURCE_EXHAUSTION', TOO_DEEP.message);
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}

/** The code that the library has for what is too much for it. */
function tooMuch(offset: number, message: string): YAMLParseError {
  return new YAMLParseError([offset, offset], 'IMPOSSIBLE', message);
}
