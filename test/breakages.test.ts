import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../constructs/proof/index.ts';
import { rules } from '../constructs/proof/rules/index.ts';
import { breakages } from './breakages/index.ts';
import { inProduction, productionBreakages } from './breakages/production.ts';
import { jaeger, skywalking, tempo, zipkin } from './breakages/stacks.ts';
import { type Edit, StackUnderTest } from './support/breakage.ts';

const names = Object.keys(breakages);
const production: Edit = { purpose: 'production' };

// Without a stack in front a path says the same for all.
const placeOf = ({ code, path }: Finding) => [code, path?.split('/').slice(1).join('/')];
const told = (findings: readonly Finding[]) => findings.filter(({ severity }) => severity !== 'info');

describe.each(names)('the stack %s', (name) => {
  const stack = new StackUnderTest(join(import.meta.dirname, '../dist', name));
  const table = breakages[name] ?? [];

  it('has no finding as it is committed', () => {
    expect(stack.findings([])).toEqual([]);
    for (const variant of stack.variants) expect(told(stack.findings([], variant)), variant).toEqual([]);
  });

  it.each(table)('$what: $code', ({ edits, code, at, variant }) => {
    const findings = told(stack.findings(edits, variant));
    expect(findings.map((one) => one.code)).toEqual([code]);
    expect(findings[0]?.path).toMatch(new RegExp(`^${name}/${at}(/|$)`));
    expect(findings[0]?.message).not.toBe('');
  });

  it('may do as a lab what production may not', () => {
    const findings = stack.findings([production]);
    expect(told(findings).map(placeOf)).toEqual(inProduction[name]);
    expect(stack.findings([{ purpose: 'lab' }])).toEqual([]);
  });
});

describe.each([jaeger, zipkin, skywalking, tempo])('production on the stack $name', (names) => {
  const stack = new StackUnderTest(join(import.meta.dirname, '../dist', names.name));
  const usual = told(stack.findings([production])).map(placeOf);

  it.each(productionBreakages(names))('$what: $code', ({ edits, code, at }) => {
    const findings = told(stack.findings([production, ...edits]));
    const more = findings.filter((one) => !usual.some((other) => `${other}` === `${placeOf(one)}`));
    expect(more.map((one) => one.code)).toEqual([code]);
    expect(more[0]?.path).toMatch(new RegExp(`^${names.name}/${at}(/|$)`));
  });
});

describe('the tables', () => {
  it.each(names)('break %s in ways that differ', (name) => {
    const table = breakages[name] ?? [];
    expect(new Set(table.map((one) => one.what)).size).toBe(table.length);
    expect(table.length).toBeGreaterThanOrEqual(60);
  });

  it('meet every rule of the way of a trace that finds more than an info', () => {
    const met = new Set(Object.values(breakages).flatMap((table) => table.map((one) => one.code)));
    const missed = rules.filter((rule) => rule.code.startsWith('TRC') && rule.severity !== 'info' && !met.has(rule.code));
    expect(missed.map((rule) => rule.code)).toEqual([]);
  });
});
