import { createRequire } from 'node:module';
import { rememberText } from '../../../kit/remember.ts';
import { type RangeFault, rangeFaults } from './ranges.ts';
import { syntaxOf } from './syntax.ts';
import { type Call, type LabelUse, type Selector, usesIn } from './uses.ts';
import { withoutVariables } from './variables.ts';

/** What a query in PromQL says. */
export interface Parsed {
  /** The query with something in the place of each variable; offsets count in it. */
  readonly text: string;
  /** Where the parser gave up; undefined for a query that can be read. */
  readonly fault: number | undefined;
  /** A variable stands where the syntax depends on its value. */
  readonly open: boolean;
  readonly selectors: readonly Selector[];
  readonly labels: readonly LabelUse[];
  readonly calls: readonly Call[];
  readonly ranges: readonly RangeFault[];
}

/** Reads a query (Prometheus 3); variables of Grafana may stand in it. */
export const parseQuery: (query: string) => Parsed = rememberText((query): Parsed => {
  const { text, open } = withoutVariables(query);
  const syntax = text.trim() === '' ? 0 : syntaxOf(parserOf().parse(text));
  if (typeof syntax !== 'object') return { text, open, fault: syntax, selectors: [], labels: [], calls: [], ranges: [] };
  return { text, open, fault: undefined, ...usesIn(syntax, text), ranges: rangeFaults(syntax, text) };
});

const require = createRequire(import.meta.url);
let parser: import('@lezer/lr').LRParser | undefined;

/** Loaded with the first query: most inputs have none. */
function parserOf(): import('@lezer/lr').LRParser {
  if (!parser) {
    const module: typeof import('@prometheus-io/lezer-promql') = require('@prometheus-io/lezer-promql');
    parser = module.parser;
  }
  return parser;
}
