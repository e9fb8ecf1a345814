import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../../constructs/kit/json.ts';
import { modelOf, readWorlds } from '../../../constructs/proof/index.ts';
import { queriesOf } from '../../../constructs/proof/model/promql/queries.ts';
import { withoutVariables } from '../../../constructs/proof/model/promql/variables.ts';
import { dashboardQueries, type EmbeddedConfig, embeddedConfigs } from '../configs.ts';
import { freePorts } from '../flow/loopback.ts';
import { answers, type Running, start } from '../flow/processes.ts';
import { onPath } from '../run.ts';
import type { Stack } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';

/**
 * Gives a real Prometheus what the stack's Prometheus is given: its scrape configuration, every rule (files and PrometheusRules), and asks
 * it every query of every dashboard, rule and link. It runs on loopback and finds nothing to scrape: what is proven is that it loads and answers.
 */
export async function answersQueries(stack: Stack): Promise<Outcome[]> {
  const what = 'Prometheus loads the rules and answers the dashboards';
  const configs = embeddedConfigs(stack.objects);
  const of = (kind: EmbeddedConfig['of']) => configs.filter((config) => config.of === kind);
  const [rules, dashboards] = [of('rules'), of('dashboard')];
  if (rules.length === 0 && dashboards.length === 0) return [skipped(what, 'the stack has neither')];
  if (!onPath('prometheus')) return [skipped(what, 'prometheus is not on PATH')];
  const folder = mkdtempSync(join(tmpdir(), 'conformance-prometheus-'));
  let running: Running | undefined;
  try {
    const [port = 0] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const [config] = of('prometheus');
    running = await started(folder, url, rules, config ? parse(config.text) : {});
    return [
      ...(config ? [verdict(`${config.where}: a real Prometheus loads it`, await missingJobs(url, parse(config.text)))] : []),
      ...(rules.length > 0 ? [await evaluated(url, rules)] : []),
      ...(await Promise.all(dashboards.map(({ where, text }) => asked(url, where, dashboardQueries(text))))),
      await asked(url, 'the input as the proof reads it', allQueries(stack)),
    ];
  } catch (error) {
    return [verdict(what, [error instanceof Error ? error.message : String(error)])];
  } finally {
    await running?.stop();
    rmSync(folder, { recursive: true });
  }
}

async function started(folder: string, url: string, rules: readonly EmbeddedConfig[], config: unknown): Promise<Running> {
  for (const [i, { text }] of rules.entries()) {
    const groups = listOf(parse(text), 'groups').map((group) => ({ ...group, interval: '1s' }));
    writeFileSync(join(folder, `rules-${i}.yml`), stringify({ groups }));
  }
  // An API server that is not there: discovery fails, and says so in the log; everything else is as it was published.
  const cluster = { clusters: [{ name: 'none', cluster: { server: 'http://127.0.0.1:1' } }] };
  const context = { contexts: [{ name: 'none', context: { cluster: 'none', user: 'none' } }], users: [{ name: 'none' }] };
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'none', ...cluster, ...context }));
  const file = join(folder, 'prometheus.yml');
  const own = isObject(config) ? config : {};
  writeFileSync(
    file,
    stringify({
      ...own,
      rule_files: [join(folder, 'rules-*.yml')],
      scrape_configs: listOf(own, 'scrape_configs').map((job) => awayFromCluster(job, kubeconfig)),
    }),
  );
  const { host } = new URL(url);
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=${host}`];
  return start('prometheus', args, () => answers(`${url}/-/ready`));
}

function awayFromCluster(job: JsonObject, kubeconfig: string): JsonObject {
  const found = listOf(job, 'kubernetes_sd_configs').map((one) => ({ ...one, kubeconfig_file: kubeconfig }));
  return {
    ...job,
    ...(found.length > 0 ? { kubernetes_sd_configs: found } : {}),
    // Itself: nobody asks it here.
    ...(job.static_configs ? { static_configs: [] } : {}),
  };
}

/** The jobs of a configuration that the server does not know. */
async function missingJobs(url: string, config: unknown): Promise<string[]> {
  const answer = await get(`${url}/api/v1/status/config`);
  const text = isObject(answer) && typeof answer.yaml === 'string' ? answer.yaml : '';
  const known = new Set(listOf(parse(text), 'scrape_configs').map((job) => job.job_name));
  const jobs = listOf(config, 'scrape_configs').map((job) => job.job_name);
  return jobs.length === 0 ? ['it has no jobs'] : jobs.filter((job) => !known.has(job)).map((job) => `job ${job} is not loaded`);
}

/** Whether each rule was evaluated, and none failed. */
async function evaluated(url: string, rules: readonly EmbeddedConfig[]): Promise<Outcome> {
  const wanted = rules.flatMap(({ text }) => listOf(parse(text), 'groups').flatMap((group) => listOf(group, 'rules'))).length;
  const what = `${wanted} rules are evaluated by a real Prometheus`;
  for (const deadline = Date.now() + 20_000; ; await wait(300)) {
    const answer = await get(`${url}/api/v1/rules`);
    const known = listOf(answer, 'groups').flatMap((group) => listOf(group, 'rules'));
    const bad = known.filter(({ health }) => health === 'err').map(({ name, lastError }) => `${name}: ${lastError}`);
    if (bad.length > 0) return verdict(what, bad.slice(0, 8));
    const done = known.filter(({ health }) => health === 'ok').length;
    if (done === wanted && wanted > 0) return verdict(what, []);
    if (Date.now() > deadline) return verdict(what, [`${done} of ${wanted} were evaluated within 20 s, ${known.length} loaded`]);
  }
}

/** Every query that the proof finds: rules, links from traces to metrics and variables of dashboards too. */
function allQueries({ folder }: Stack): string[] {
  const found = readWorlds([folder]).flatMap((world) => queriesOf(modelOf(world)));
  return [...new Set(found.map(({ expr }) => withoutVariables(expr).text))];
}

async function asked(url: string, where: string, queries: readonly string[]): Promise<Outcome> {
  const reasons: string[] = [];
  for (const query of queries) {
    const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query }) });
    const answer: unknown = await response.json();
    if (!isObject(answer) || answer.status !== 'success')
      reasons.push(`${query}: ${isObject(answer) ? answer.error : response.status}`);
  }
  return verdict(`${where}: a real Prometheus answers its ${queries.length} queries`, reasons.slice(0, 8));
}

async function get(url: string): Promise<unknown> {
  const response = await fetch(url);
  const answer: unknown = await response.json();
  return isObject(answer) ? answer.data : undefined;
}

function listOf(value: unknown, key: string): JsonObject[] {
  const list: Json | undefined = isObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}
