import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ruleTestFiles } from '../../rules/index.ts';
import { linesOf, onPath, run } from '../run.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';

/** Promtool's judgement of the alert rules, and its run of their unit tests. */
export async function ruleTests(): Promise<Outcome[]> {
  const what = 'rule unit tests';
  if (!onPath('promtool')) return [skipped(what, 'promtool is not on PATH')];
  const folder = mkdtempSync(join(tmpdir(), 'conformance-rules-'));
  try {
    const files = ruleTestFiles();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const outcomes: Outcome[] = [];
    for (const name of Object.keys(files)) {
      const action = name.endsWith('.test.yml') ? 'test' : 'check';
      const { code, stdout, stderr } = await run('promtool', [action, 'rules', name], { cwd: folder });
      outcomes.push(verdict(`${name}: promtool ${action} rules`, code === 0 ? [] : linesOf(stderr + stdout).slice(0, 12)));
    }
    return outcomes.length > 0 ? outcomes : [verdict(what, ['there are none'])];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
