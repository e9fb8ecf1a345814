import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Metrics } from '../../../constructs/kit/metrics/index.ts';
import type { Running } from '../flow/processes.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';

/** A program whose `/metrics` the catalogue claims to know. */
export interface Exposes {
  readonly catalogue: Metrics;
  /** Metrics of the catalogue that a run does not provoke, and when they appear; looked at all the same where they are there. */
  readonly notHere: Readonly<Record<string, string>>;
}

/**
 * Compares a catalogue with what a program exposes. Counters appear with their first event: asked until nothing is missing, or the time is up.
 *
 * @param url its `/metrics`
 */
export async function compared(what: string, exposes: Exposes, url: string, seconds = 10): Promise<Outcome[]> {
  for (const deadline = Date.now() + seconds * 1000; ; await wait(300)) {
    const real = exposition(await (await fetch(url)).text());
    const reasons = differences(exposes, real);
    if (reasons.length === 0 || Date.now() > deadline) return outcomes(what, exposes, real, reasons);
  }
}

/** What the catalogue says and the program does not, and labels that the program has besides. */
export function differences({ catalogue, notHere }: Exposes, real: ReadonlyMap<string, Exposed>): string[] {
  return Object.entries(catalogue).flatMap(([name, metric]) => {
    const found = real.get(name);
    if (!found) return name in notHere ? [] : [`${name} is not exposed`];
    const labels = [...found.labels].filter((label) => !metric.labels.includes(label));
    return [
      ...(found.type === metric.type ? [] : [`${name} is a ${found.type}, not a ${metric.type}`]),
      ...labels.map((label) => `${name} has a label ${label} that the catalogue does not know`),
    ];
  });
}

/** The verdict, and all that did not happen as one outcome, grouped by its reason. */
export function outcomes(
  what: string,
  { catalogue, notHere }: Exposes,
  real: ReadonlyMap<string, Exposed>,
  reasons: readonly string[],
): Outcome[] {
  const left = Object.entries(notHere).filter(([name]) => !real.has(name));
  const whys = [...new Set(left.map(([, why]) => why))].map((why) => {
    const names = left.filter(([, reason]) => reason === why).map(([name]) => name);
    return `${names.join(', ')}: ${why}`;
  });
  const seen = `${what}: ${Object.keys(catalogue).length - left.length} of ${Object.keys(catalogue).length} in the catalogue`;
  return [
    verdict(seen, reasons.slice(0, 12)),
    ...(left.length > 0 ? [skipped(`${what}: the other ${left.length}`, whys.join('; '))] : []),
  ];
}

/** A metric of an exposition. */
export interface Exposed {
  readonly type: string;
  readonly labels: Set<string>;
}

/** Reads Prometheus' text format. */
export function exposition(text: string): ReadonlyMap<string, Exposed> {
  const found = new Map<string, Exposed>();
  for (const line of text.split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) found.set(name, { type, labels: new Set() });
    if (type === 'summary')
      for (const part of ['sum', 'count']) found.set(`${name}_${part}`, { type: 'counter', labels: new Set() });
    const [, series = '', labels] = /^([a-zA-Z_:][\w:]*)\{(.*)\} /.exec(line) ?? [];
    const metric = found.get(series) ?? found.get(series.replace(/_(bucket|sum|count)$/, ''));
    for (const [, label = ''] of (labels ?? '').matchAll(/(?:^|,)(\w+)="(?:[^"\\]|\\.)*"/g))
      if (label !== 'le') metric?.labels.add(label);
  }
  return found;
}

/** Runs programs in a folder of their own, and ends both. */
export async function withScratch(
  what: string,
  work: (folder: string, running: Running[]) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-metrics-'));
  const running: Running[] = [];
  try {
    return await work(folder, running);
  } catch (error) {
    return [verdict(what, [error instanceof Error ? error.message : String(error)])];
  } finally {
    for (const one of running) await one.stop();
    rmSync(folder, { recursive: true });
  }
}
