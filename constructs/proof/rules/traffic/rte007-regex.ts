import { createRequire } from 'node:module';
import type { Json } from '../../../kit/json.ts';
import { at, fields, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';
import { virtualServices } from './virtual-services.ts';

export const regex: Rule = {
  code: 'RTE007',
  title: 'a regular expression that RE2 does not know',
  severity: 'error',
  run: (model) => {
    const known = new Map<string, string | undefined>();
    return regexesOf(model).flatMap(({ object, path, value }): Fault[] => {
      if (!known.has(value)) known.set(value, complaint(value));
      const why = known.get(value);
      if (why === undefined) return [];
      return [{ at: spotOf(object, path), message: `"${value}" is no regular expression of RE2: ${why}`, hint: hintOf(value) }];
    });
  },
  docs: {
    cause:
      'Envoy matches with RE2, which has no lookahead, no lookbehind and no backreferences. Istio refuses the object, or for an HTTPRoute drops the rule. It also refuses more than 1024 letters. The expression must fit the whole text.',
    fix: 'Write it without those; `(?!x)` mostly becomes `withoutHeaders`, or a rule before this one.',
    example: 'http:\n- match: [{uri: {regex: "/api/(?!v1).*"}}]   # RE2 has no lookahead',
  },
};

interface Regex {
  readonly object: ProofObject;
  readonly path: Path;
  readonly value: string;
}

function regexesOf(model: Model): Regex[] {
  return [
    ...virtualServices(model).flatMap(ofVirtualService),
    ...['HTTPRoute', 'GRPCRoute'].flatMap((kind) => model.kind(kind)).flatMap(ofGatewayRoute),
  ];
}

function ofVirtualService(object: ProofObject): Regex[] {
  return items(object.json, 'spec', 'http').flatMap((rule, i) => {
    const base: Path = ['spec', 'http', i];
    const matches = items(rule, 'match').flatMap((match, j) => {
      const place: Path = [...base, 'match', j];
      return [
        ...['uri', 'scheme', 'method', 'authority'].flatMap((key) => one(object, at(match, key), [...place, key, 'regex'])),
        ...['headers', 'queryParams', 'withoutHeaders'].flatMap((key) =>
          Object.entries(fields(match, key)).flatMap(([name, value]) =>
            // Istio reads `*` as "is there".
            key === 'withoutHeaders' && text(value, 'regex') === '*' ? [] : one(object, value, [...place, key, name, 'regex']),
          ),
        ),
      ];
    });
    const origins = items(rule, 'corsPolicy', 'allowOrigins').flatMap((value, j) =>
      one(object, value, [...base, 'corsPolicy', 'allowOrigins', j, 'regex']),
    );
    const rewrite = one(object, at(rule, 'rewrite', 'uriRegexRewrite'), [...base, 'rewrite', 'uriRegexRewrite', 'match']);
    return [...matches, ...origins, ...rewrite];
  });
}

function ofGatewayRoute(object: ProofObject): Regex[] {
  return items(object.json, 'spec', 'rules').flatMap((rule, i) =>
    items(rule, 'matches').flatMap((match, j) => {
      const place: Path = ['spec', 'rules', i, 'matches', j];
      const typed = (json: Json | undefined, path: Path, keys: readonly string[]) =>
        text(json, 'type') === 'RegularExpression' ? keys.flatMap((key) => one(object, json, [...path, key])) : [];
      return [
        ...typed(at(match, 'path'), [...place, 'path'], ['value']),
        ...typed(at(match, 'method'), [...place, 'method'], ['service', 'method']),
        ...['headers', 'queryParams'].flatMap((list) =>
          items(match, list).flatMap((value, k) => typed(value, [...place, list, k], ['value'])),
        ),
      ];
    }),
  );
}

/** The expression at the last key of a path, if there is one. */
function one(object: ProofObject, holder: Json | undefined, path: Path): Regex[] {
  const value = text(holder, String(path.at(-1)));
  return value === undefined ? [] : [{ object, path, value }];
}

const require = createRequire(import.meta.url);
const MOST_LETTERS = 1024;

/** Why RE2 refuses an expression; undefined when it takes it. The engine is loaded when the first expression comes. */
function complaint(value: string): string | undefined {
  if (Buffer.byteLength(value) > MOST_LETTERS) return `it is longer than ${MOST_LETTERS} letters`;
  const { RE2JS }: typeof import('re2js') = require('re2js');
  try {
    RE2JS.compile(value);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
  }
}

function hintOf(value: string): string {
  if (value.startsWith('*')) return `did you mean ".${value}"?`;
  if (/\(\?<?[=!]/.test(value)) return 'RE2 has no lookahead and no lookbehind: use a rule before this one, or withoutHeaders';
  if (/\\[1-9]/.test(value)) return 'RE2 has no backreferences: write the alternatives out';
  return 'correct it; the syntax is that of RE2 (Go’s regexp)';
}
