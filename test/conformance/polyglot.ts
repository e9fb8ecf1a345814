import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from './flow/processes.ts';
import { checks, forwardable, joinProblems, type Program, programs } from './polyglot-checks.ts';
import { linesOf, onPath, run } from './run.ts';
import { type Outcome, skipped, verdict } from './tally.ts';

/** The demo's program for Node, as the process that this one is. */
export const node = program('Node\\d+\\.\\d+\\.\\d+', process.execPath, join(programs, 'service.mjs'));

/**
 * Runs the polyglot demo's programs in Python and Go as processes on loopback: whether each forwards, answers and ends as it must, and
 * whether they join their answers with Node's. The unit tests ask the same of Node, which is all that they need.
 */
export async function polyglot(): Promise<Outcome[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-polyglot-'));
  try {
    const python = findPython();
    const go = await buildGo(join(scratch, 'service'));
    const outcomes = [...(await ofProgram('service.py', python)), ...(await ofProgram('service.go', go))];
    const what = 'polyglot: web, python, lua (played), node and go join their answers';
    if ('name' in python && 'name' in go) outcomes.push(verdict(what, await joinProblems({ python, node, go })));
    else outcomes.push(skipped(what, 'not all of its programs can run'));
    return outcomes;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Why a program cannot run: what it needs is not here, or it is at fault itself. */
type Cannot = { readonly missing: string } | { readonly faults: readonly string[] };

async function ofProgram(file: string, found: Program | Cannot): Promise<Outcome[]> {
  if ('missing' in found) return [skipped(`polyglot: ${file}`, found.missing)];
  if ('faults' in found) return [verdict(`polyglot: ${file}`, found.faults)];
  const outcomes: Outcome[] = [];
  for (const [what, problems] of Object.entries(checks))
    outcomes.push(verdict(`polyglot: ${file} ${what}`, await problems(found)));
  return outcomes;
}

function findPython(): Program | Cannot {
  if (!onPath('python3')) return { missing: 'python3 is not on PATH' };
  return program('Python3\\.\\d+\\.\\d+', 'python3', join(programs, 'service.py'));
}

/** As the pod's own command does, with this machine's cache. A cold one takes a quarter of a minute. */
async function buildGo(target: string): Promise<Program | Cannot> {
  if (!onPath('go')) return { missing: 'go is not on PATH' };
  const build = ['CGO_ENABLED=0', 'go', 'build', '-o', target, join(programs, 'service.go')];
  const { code, stdout, stderr } = await run('env', build, { seconds: 300 });
  if (code !== 0) return { faults: [`go build ended with ${code}`, ...linesOf(stdout + stderr)] };
  return program('Go1\\.\\d+\\S*', target);
}

function program(name: string, command: string, ...args: readonly string[]): Program {
  const { PATH = '', HOME = '' } = process.env;
  return {
    name,
    start: (env = {}) => startService(command, args, { env: { PATH, HOME, FORWARD_HEADERS: forwardable.join(','), ...env } }),
  };
}
