import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Milliseconds of one call, the least of several: noise only ever adds. What `prepare` does is not counted. */
export function fastest<T>(runs: number, prepare: (round: number) => T, call: (prepared: T) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const prepared = prepare(i);
    const start = performance.now();
    call(prepared);
    best = Math.min(best, performance.now() - start);
  }
  return best;
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
