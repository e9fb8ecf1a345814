import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { type Candidate, compare, inScratch, median, table, time } from './measure.ts';
import { sixStacks } from './six-stacks.ts';

/** What the proof adds to the synth of the six stacks: the same with it and without, in turn. */
export function proofShare(runs: number): string {
  return inScratch((folder) => {
    const program = bundle();
    const row = (name: string, withProof: number, without: number, ratio: number) => [
      name,
      time(withProof),
      time(without),
      `${((1 - ratio) * 100).toFixed(0)} %`,
    ];
    const pairs = Array.from(
      { length: runs + 1 },
      (_, i) => [process(program, join(folder, `a${i}`), 'stop'), process(program, join(folder, `b${i}`), 'skip')] as const,
    ).slice(1);
    const middle = (of: 'whole' | 'synth') =>
      [
        median(pairs.map(([a]) => a[of])),
        median(pairs.map(([, b]) => b[of])),
        median(pairs.map(([a, b]) => b[of] / a[of])),
      ] as const;
    const warm = (proof: 'stop' | 'skip'): Candidate<ReturnType<typeof sixStacks>> => ({
      prepare: (round) => sixStacks(join(folder, `${proof}-${round}`), proof),
      call: (app) => app.synth(),
    });
    compare(runs, warm('stop'), warm('skip'));
    const { a, b, ratio } = compare(runs * 2, warm('skip'), warm('stop'));
    return table(
      ['six stacks', 'with the proof', 'without', 'share of the proof'],
      [
        row('the program, as a process', ...middle('whole')),
        row('`MeshApp.synth()`, the first of its process', ...middle('synth')),
        row('`MeshApp.synth()`, in a long process', b, a, ratio),
      ],
    );
  });
}

/** The program as `npm run synth` makes it: one file, so that loading sources does not count. */
function bundle(): string {
  const outfile = fileURLToPath(new URL('../.cache/bench-synth.js', import.meta.url));
  buildSync({
    entryPoints: [fileURLToPath(new URL('./one-synth.ts', import.meta.url))],
    ...{ outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm', logLevel: 'warning' },
  });
  return outfile;
}

function process(program: string, outdir: string, proof: 'stop' | 'skip'): { readonly whole: number; readonly synth: number } {
  const start = performance.now();
  const printed = execFileSync('node', [program, outdir, proof], { encoding: 'utf8' });
  return { whole: performance.now() - start, synth: Number(printed) };
}
