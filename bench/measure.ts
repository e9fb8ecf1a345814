import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One thing to measure. What `prepare` does is not counted. */
export interface Candidate<T> {
  readonly prepare: (round: number) => T;
  readonly call: (prepared: T) => void;
}

/** Milliseconds of one call, the middle one of several. */
export function timeOf<T>(runs: number, candidate: Candidate<T>): number {
  return median(Array.from({ length: runs }, (_, i) => once(candidate, i)));
}

/** Two candidates in turn, A B A B, so that a slow moment of the machine hits both; `ratio` is the middle one of the pairs' A/B. */
export function compare<A, B>(
  runs: number,
  a: Candidate<A>,
  b: Candidate<B>,
): { readonly a: number; readonly b: number; readonly ratio: number } {
  const pairs = Array.from({ length: runs }, (_, i) => [once(a, i), once(b, i)] as const);
  return { a: median(pairs.map(([x]) => x)), b: median(pairs.map(([, y]) => y)), ratio: median(pairs.map(([x, y]) => x / y)) };
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
