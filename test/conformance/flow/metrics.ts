import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { isObject } from '../../../constructs/kit/json.ts';
import type { Model } from '../../../constructs/proof/model/model.ts';
import type { Program } from '../../../constructs/proof/model/spans/programs.ts';
import { onPath } from '../run.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import type { Loopback } from './loopback.ts';
import { answers, type Running, start } from './processes.ts';
import { discovered, offline } from './prometheus.ts';

/** The stack's Prometheus on loopback. */
export interface RunningPrometheus extends Running {
  readonly url: string;
}

/** Starts the Prometheus of the stack with its own jobs; undefined when the stack has none, or this machine has no Prometheus. */
export async function startPrometheus(
  model: Model,
  programs: readonly Program[],
  how: { readonly map: Loopback; readonly folder: string; readonly port: number },
): Promise<RunningPrometheus | undefined> {
  const config = model.configs.find(({ kind }) => kind === 'prometheus');
  if (!config || !onPath('prometheus')) return undefined;
  const { map, folder, port } = how;
  for (const [role, groups] of Object.entries(discovered(model, programs, map)))
    writeFileSync(join(folder, `${role}.json`), JSON.stringify(groups));
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, stringify(offline(config.value, (role) => join(folder, `${role}.json`))));
  const url = `http://127.0.0.1:${port}`;
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=127.0.0.1:${port}`];
  const running = await start('prometheus', args, () => answers(`${url}/-/ready`));
  return { ...running, url };
}

/** Whether the metrics that collectors make of spans are in Prometheus, for every service of the chain. */
export async function spanMetrics(model: Model, { url }: RunningPrometheus, services: readonly string[]): Promise<Outcome> {
  const made = model.configs.some(
    ({ kind, value }) => kind === 'collector' && isObject(value.connectors) && 'span_metrics' in value.connectors,
  );
  const what = 'span metrics in Prometheus';
  if (!made) return skipped(what, 'the stack makes none');
  const query = 'sum by (service_name) (traces_span_metrics_calls_total)';
  let found: readonly string[] = [];
  for (const deadline = Date.now() + 75_000; Date.now() < deadline; await wait(500)) {
    found = await labels(url, query, 'service_name');
    if (services.every((service) => found.some((name) => name.startsWith(service))))
      return verdict(`${what}: ${found.join(', ')}`, []);
  }
  return verdict(what, [`${query} knows ${found.join(', ') || 'nothing'}, expected ${services.join(', ')}`]);
}

async function labels(url: string, query: string, label: string): Promise<string[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const answer: unknown = await response.json();
  const data = isObject(answer) && isObject(answer.data) ? answer.data.result : undefined;
  return (Array.isArray(data) ? data : []).flatMap((one) =>
    isObject(one) && isObject(one.metric) ? [String(one.metric[label])] : [],
  );
}
