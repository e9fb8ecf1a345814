import type { Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { items, text } from '../../json-path.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { earlierMatches } from './earlier-matches.ts';
import { canonical } from './http-match.ts';
import { virtualServices } from './virtual-services.ts';

export const unreachableRule: Rule = {
  code: 'RTE001',
  title: 'a rule of a VirtualService that no request reaches',
  severity: 'warning',
  run: (model) => virtualServices(model).flatMap(faultsOf),
  docs: {
    cause:
      'The first rule that matches wins. Every match of this one is taken by a rule before it: one without a match, with a prefix of the path (`/` takes all), or with fewer conditions. Two rules without a match are the plainest case. Of two regular expressions it is told only when they are the same (`istioctl analyze`: IST0130).',
    fix: 'Move the rule up, before the wider one, or remove it.',
    example:
      'http:\n- match: [{uri: {prefix: /api}}]\n  route: [{destination: {host: reviews}}]\n- match: [{uri: {exact: /api/v2}}]   # never reached\n  route: [{destination: {host: ratings}}]',
  },
};

const faultsOf = remember((object: ProofObject): readonly Fault[] => [
  ...httpFaults(object),
  ...['tls', 'tcp'].flatMap((kind) => faults(object, kind)),
]);

function httpFaults(object: ProofObject): Fault[] {
  const gateways = items(object.json, 'spec', 'gateways').filter((one) => typeof one === 'string');
  const earlier = earlierMatches(gateways.length > 0 ? gateways : ['mesh']);
  const rules = items(object.json, 'spec', 'http');
  return rules.flatMap((rule, i): Fault[] => {
    const matches = entriesOf(rule);
    const taken = matches.map((match) => earlier.coverOf(match));
    // What a delegate takes is written elsewhere.
    if (text(rule, 'delegate', 'name') === undefined) for (const match of matches) earlier.add(match, i);
    const by = taken.findIndex((one) => one !== undefined);
    const first = taken[by];
    if (first === undefined) return [];
    if (taken.every((one) => one !== undefined)) return [unreached(object, 'http', i, first, rules)];
    return [
      {
        at: spotOf(object, ['spec', 'http', i, 'match', by]),
        severity: 'info',
        message: `no request gets here: ${nameOf(rules[first], 'http', first)} before it takes them all; the other matches of the rule work`,
        hint: 'remove it, or move the rule up',
      },
    ];
  });
}

/** Rules of connections: told when one takes all, or wants the very same. */
function faults(object: ProofObject, kind: string): Fault[] {
  const seen = new Map<string, number>();
  const rules = items(object.json, 'spec', kind);
  return rules.flatMap((rule, i): Fault[] => {
    const keys = entriesOf(rule).map(canonical);
    const taken = keys.map((key) => seen.get(key) ?? seen.get('{}'));
    for (const key of keys) if (!seen.has(key)) seen.set(key, i);
    const [first] = taken;
    return first !== undefined && taken.every((one) => one !== undefined) ? [unreached(object, kind, i, first, rules)] : [];
  });
}

/** A rule without a match takes everything, as an empty entry does. */
function entriesOf(rule: Json): readonly Json[] {
  const matches = items(rule, 'match');
  return matches.length > 0 ? matches : [{}];
}

function unreached(object: ProofObject, kind: string, i: number, first: number, rules: readonly Json[]): Fault {
  const wide = nameOf(rules[first], kind, first);
  const both = [rules[first], rules[i]].every((rule) => items(rule, 'match').length === 0);
  return {
    at: spotOf(object, ['spec', kind, i]),
    message: both
      ? `is a second rule without a match: ${wide} takes every request`
      : `no request reaches this rule: ${wide} takes all that it matches`,
    hint: both ? 'keep one of them, or give the first a match' : `move it before ${wide}, or remove it`,
    cause: `wide rule ${object.id} ${kind} ${first}`,
  };
}

function nameOf(rule: Json | undefined, kind: string, i: number): string {
  const name = text(rule, 'name');
  return name === undefined ? `${kind}[${i}]` : `rule "${name}"`;
}
