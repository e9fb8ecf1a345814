import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { appOfAllStacks } from './all-stacks.ts';
import { type Candidate, compare, inScratch, median, table, time } from './measure.ts';

/** What the proof adds to the synth of all stacks: the same with it and without, in turn. */
export function proofShare(runs: number): string {
  return inScratch((folder) => {
    const program = bundle();
    // The first run of each is not counted: its files are not in memory yet.
    const rounds = Array.from({ length: runs + 1 }, (_, i) => ({
      command: npmSynth(join(folder, `npm-${i}`)),
      proven: runProgram(program, join(folder, `proven-${i}`), 'stop'),
      plain: runProgram(program, join(folder, `plain-${i}`), 'skip'),
    })).slice(1);
    const command = median(rounds.map((one) => one.command));
    const added = median(rounds.map(({ proven, plain }) => proven.whole - plain.whole));
    const ofRounds = (name: string, what: 'whole' | 'synth') =>
      row(
        name,
        median(rounds.map(({ proven }) => proven[what])),
        median(rounds.map(({ plain }) => plain[what])),
        median(rounds.map(({ proven, plain }) => plain[what] / proven[what])),
      );
    compare(runs, longLived('skip', folder), longLived('stop', folder));
    const { a: plain, b: proven, ratio } = compare(runs * 2, longLived('skip', folder), longLived('stop', folder));
    const figures = table(
      ['all stacks', 'with the proof', 'without', 'share of the proof'],
      [
        row('`npm run synth`', command, command - added, (command - added) / command),
        ofRounds('its program alone, as a process', 'whole'),
        row('`MeshApp.synth()`, in a long process', proven, plain, ratio),
        ofRounds('`MeshApp.synth()`, the first of a process', 'synth'),
      ],
    );
    return `${figures}\n\n${WHY_THE_FIRST}`;
  });
}

const WHY_THE_FIRST =
  'The first proof of a process also loads the schemas of every kind it meets, and runs code that nobody has compiled yet.';

function row(name: string, proven: number, plain: number, ratio: number): string[] {
  return [name, time(proven), time(plain), `${((1 - ratio) * 100).toFixed(0)} %`];
}

function longLived(proof: 'stop' | 'skip', folder: string): Candidate<ReturnType<typeof appOfAllStacks>> {
  return { prepare: (round) => appOfAllStacks(join(folder, `${proof}-${round}`), proof), call: (app) => app.synth() };
}

/** Where CDK8S_OUTDIR says it publishes there alone: dist/ stays as it is. */
function npmSynth(outdir: string): number {
  const start = performance.now();
  execFileSync('npm', ['run', '--silent', 'synth'], { env: { ...env, CDK8S_OUTDIR: outdir }, stdio: 'ignore' });
  return performance.now() - start;
}

/** The program as `npm run synth` makes it: one file, so that a loader for sources does not count. */
function bundle(): string {
  const outfile = fileURLToPath(new URL('../.cache/bench-synth.js', import.meta.url));
  buildSync({
    entryPoints: [fileURLToPath(new URL('./one-synth.ts', import.meta.url))],
    ...{ outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm', logLevel: 'warning' },
  });
  return outfile;
}

function runProgram(program: string, outdir: string, proof: 'stop' | 'skip'): { readonly whole: number; readonly synth: number } {
  const start = performance.now();
  const printed = execFileSync('node', [program, outdir, proof], { encoding: 'utf8' });
  return { whole: performance.now() - start, synth: Number(printed) };
}
