import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UserError } from '../constructs/kit/user-error.ts';
import { applyAcknowledgements, type Finding, findingsPage, readAcknowledgements } from '../constructs/proof/index.ts';
import { rules } from '../constructs/proof/rules/index.ts';

const finding = (code: string, object: string, path: string | null = null): Finding => ({
  ...{ code, object, path },
  ...{ severity: 'error', file: null, message: 'wrong', hint: 'right it' },
});

describe('acknowledging', () => {
  const findings = [
    finding('REF001', 'VirtualService/a/x', 's/a/x'),
    finding('REF001', 'VirtualService/a/y', 's/ab'),
    finding('REF002', 'VirtualService/a/x', 's/a/x'),
  ];
  const left = (ack: { object?: string; path?: string }) =>
    applyAcknowledgements(findings, [{ code: 'REF001', reason: 'known', ...ack }]).map((one) => `${one.code} ${one.object}`);

  it('takes away the findings of a code, of an object, or below a construct', () => {
    expect(left({})).toEqual(['REF002 VirtualService/a/x']);
    expect(left({ object: 'VirtualService/a/x' })).toEqual(['REF002 VirtualService/a/x', 'REF001 VirtualService/a/y']);
    expect(left({ path: 's/a' })).toEqual(['REF002 VirtualService/a/x', 'REF001 VirtualService/a/y']);
    expect(left({ path: 's' })).toEqual(['REF002 VirtualService/a/x']);
  });

  it('reports one that matches nothing', () => {
    const result = applyAcknowledgements([], [{ code: 'REF001', reason: 'known', path: 's' }]);
    expect(result).toMatchObject([
      { code: 'ACK001', severity: 'info', path: 's', message: 'the acknowledgement of REF001 (known) matches no finding' },
    ]);
  });

  it('is read from YAML', () => {
    expect(readAcknowledgements('- {code: REF001, reason: known, object: VirtualService/a/x}\n', 'acks.yaml')).toEqual([
      { code: 'REF001', reason: 'known', object: 'VirtualService/a/x' },
    ]);
    expect(readAcknowledgements('', 'acks.yaml')).toEqual([]);
  });

  it.each([
    ['no reason', '- code: REF001\n', 'acks.yaml:1: REF001 needs a reason'],
    ['an empty reason', '- {code: REF001, reason: " "}\n', 'acks.yaml:1: REF001 needs a reason'],
    ['no code', '- {code: A, reason: b}\n- {reason: b}\n', 'acks.yaml:2: code is missing'],
    ['an unknown key', '- {code: A, reason: b, objekt: c}\n', 'unknown key "objekt"'],
    ['no list', 'code: A\n', 'acks.yaml: expected a list'],
    ['no YAML', 'a: [\n', 'not readable as YAML'],
  ])('refuses %s', (_, text, message) => {
    expect(() => readAcknowledgements(text, 'acks.yaml')).toThrow(UserError);
    expect(() => readAcknowledgements(text, 'acks.yaml')).toThrow(message);
  });
});

describe('docs/findings.md', () => {
  it('is what the rules say (npx tsx tools/findings.ts)', () => {
    expect(readFileSync(new URL('../docs/findings.md', import.meta.url), 'utf8')).toBe(findingsPage());
  });

  it('has each code once', () => {
    const codes = rules.map((rule) => rule.code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code).toMatch(/^(OBJ|REF|RTE|TRC|FLX|HLM|EXP|SEC|OBS|PRD)\d{3}$/);
  });
});
