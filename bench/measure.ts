import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One thing to measure. What `prepare` does is not counted. */
export interface Candidate<T> {
  readonly prepare: (round: number) => T;
  readonly call: (prepared: T) => void;
}

/** Milliseconds of one call, the least of several: noise only ever adds. */
export function fastest<T>(runs: number, candidate: Candidate<T>): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) best = Math.min(best, once(candidate, i));
  return best;
}

/** Two candidates in turn, A B A B: a slow moment of the machine hits both. */
export function fastestOfEach<A, B>(runs: number, a: Candidate<A>, b: Candidate<B>): readonly [number, number] {
  let best: readonly [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < runs; i++) best = [Math.min(best[0], once(a, i)), Math.min(best[1], once(b, i))];
  return best;
}

function once<T>({ prepare, call }: Candidate<T>, round: number): number {
  const prepared = prepare(round);
  const start = performance.now();
  call(prepared);
  return performance.now() - start;
}

/** Runs with a scratch folder that is gone afterwards. */
export function inScratch<T>(run: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    return run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The middle one of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** `1.23 s` or `45 ms`. */
export function time(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(0)} ms`;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
