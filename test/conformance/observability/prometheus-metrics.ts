import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { isObject, type JsonObject } from '../../../constructs/kit/json.ts';
import { type Metrics, programMetrics } from '../../../constructs/kit/metrics/index.ts';
import { freePorts } from '../flow/loopback.ts';
import { answers, start } from '../flow/processes.ts';
import { onPath } from '../run.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { compared, withScratch } from './exposed.ts';

/** Series that Prometheus writes itself, of each target and alert; no `/metrics` has them. */
const WRITTEN = /^(up|scrape_\w+|ALERTS)$/;

/** Runs a Prometheus that scrapes itself, alerts and writes to nobody, and compares what it tells and writes with the catalogue. */
export async function prometheusMetrics(): Promise<Outcome[]> {
  const what = 'metrics of a real Prometheus';
  if (!onPath('prometheus')) return [skipped(what, 'prometheus is not on PATH')];
  return withScratch(what, async (folder, running) => {
    const [port = 0, nobody = 0] = await freePorts(2);
    const host = `127.0.0.1:${port}`;
    const [file, rules] = [join(folder, 'prometheus.yml'), join(folder, 'rules.yml')];
    const alert = { alert: 'Always', expr: 'vector(1)', labels: { severity: 'none' } };
    writeFileSync(rules, stringify({ groups: [{ name: 'all', interval: '1s', rules: [alert] }] }));
    writeFileSync(file, stringify(configOf(host, `127.0.0.1:${nobody}`, rules)));
    const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=${host}`];
    running.push(await start('prometheus', args, () => answers(`http://${host}/-/ready`)));
    const all: Metrics = { ...programMetrics.prometheus, ...programMetrics.processes };
    const own = Object.fromEntries(Object.entries(all).filter(([name]) => !WRITTEN.test(name)));
    return [
      ...(await compared(what, { catalogue: own, notHere: {} }, `http://${host}/metrics`)),
      await written(`http://${host}`, all),
    ];
  });
}

function configOf(self: string, nobody: string, rules: string): JsonObject {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    rule_files: [rules],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [nobody] }] }] },
    remote_write: [{ url: `http://${nobody}/write` }],
    scrape_configs: [{ job_name: 'self', static_configs: [{ targets: [self] }] }],
  };
}

async function written(url: string, catalogue: Metrics): Promise<Outcome> {
  const names = Object.keys(catalogue).filter((name) => WRITTEN.test(name));
  const own = new Set(['__name__', 'job', 'instance']);
  for (const deadline = Date.now() + 10_000; ; await wait(300)) {
    const series = await seriesOf(url, `{__name__=~"${names.join('|')}"}`);
    const missing = names.filter((name) => !series.some((one) => one.__name__ === name));
    const more = series.flatMap((one) =>
      Object.keys(one)
        .filter((label) => !own.has(label) && !catalogue[String(one.__name__)]?.labels.includes(label))
        .map((label) => `${one.__name__} has a label ${label} that the catalogue does not know`),
    );
    const reasons = [...missing.map((name) => `${name} is not written`), ...more];
    if (reasons.length === 0 || Date.now() > deadline)
      return verdict(`what a real Prometheus writes: ${names.join(', ')}`, reasons);
  }
}

/** The label sets of the series that a Prometheus has stored. */
export async function seriesOf(url: string, matcher: string): Promise<JsonObject[]> {
  const response = await fetch(`${url}/api/v1/series?match[]=${encodeURIComponent(matcher)}`);
  const answer: unknown = await response.json();
  const data = isObject(answer) ? answer.data : undefined;
  return Array.isArray(data) ? data.filter(isObject) : [];
}
