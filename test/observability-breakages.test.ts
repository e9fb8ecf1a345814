import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plainObservability } from './breakages/observability.ts';
import type { ObservabilityBreakage } from './breakages/observability-edits.ts';
import { logBreakages } from './breakages/observability-logs.ts';
import { platformObservability } from './breakages/observability-platform.ts';
import { StackUnderTest } from './support/breakage.ts';

const tables: readonly { readonly name: string; readonly table: readonly ObservabilityBreakage[] }[] = [
  { name: 'jaeger', table: plainObservability('istio-system', 'jaeger') },
  { name: 'zipkin', table: plainObservability('istio-system', 'zipkin') },
  { name: 'tempo', table: [...plainObservability('observability', 'tempo'), ...logBreakages()] },
  { name: 'platform', table: platformObservability() },
];

describe.each(tables)('what is looked at in the stack $name', ({ name, table }) => {
  const stack = new StackUnderTest(join(import.meta.dirname, '../dist', name));

  it('is broken in ways that differ', () => {
    expect(new Set(table.map(({ what }) => what)).size).toBe(table.length);
  });

  it.each(table)('$what: $code', ({ edits, code, object, hint }) => {
    const findings = stack.findings(edits).filter(({ severity }) => severity !== 'info');
    expect(findings.map((one) => one.code)).toEqual([code]);
    const [found] = findings;
    expect(
      found?.object
        .split('/')
        .toSpliced(1, found.object.split('/').length - 2)
        .join(' '),
    ).toBe(object);
    expect(found?.line).toBeGreaterThan(1);
    expect(found?.hint.slice(0, hint.length)).toBe(hint);
    expect(`${found?.message}${found?.hint}`).toMatch(/["a-z]/);
  });
});
