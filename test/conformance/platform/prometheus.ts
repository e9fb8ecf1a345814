import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../../constructs/kit/json.ts';
import { fields, items, text } from '../../../constructs/proof/json-path.ts';
import { type Cluster, kubectl, list } from '../cluster.ts';
import { linesOf, onPath, run } from '../run.ts';
import { manager, type Stack, type StackObject, stackObject } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { groupOf } from './needs.ts';
import { releasesOf } from './releases.ts';

/** A release of chart kube-prometheus-stack. */
export interface StackChart {
  readonly release: string;
  readonly namespace: string;
  readonly values: JsonObject;
}

/** What a Prometheus selects, each by a selector of its own. */
const selected = ['podMonitor', 'serviceMonitor', 'rule'];

/**
 * The Prometheus of a stack, as far as it selects monitors and rules: what chart kube-prometheus-stack makes of its values (88.5,
 * templates/prometheus/prometheus.yaml); one that selects everything where no such chart is.
 */
export function standInPrometheus(chart?: StackChart): StackObject {
  const values = chart ? fields(chart.values, 'prometheus', 'prometheusSpec') : {};
  const spec = Object.fromEntries(
    selected.flatMap((name): [string, Json][] => [
      [`${name}Selector`, selectorOf(values, name, chart?.release)],
      [`${name}NamespaceSelector`, values[`${name}NamespaceSelector`] ?? {}],
    ]),
  );
  return stackObject({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { name: 'meshwright-conformance', namespace: chart?.namespace ?? 'default' },
    spec: { replicas: 1, ...spec },
  });
}

/** By default the chart's Prometheus sees only what is labelled with its release. */
function selectorOf(values: JsonObject, name: string, release: string | undefined): JsonObject {
  const own = values[`${name}Selector`];
  if (isObject(own) && Object.keys(own).length > 0) return own;
  if (release === undefined || values[`${name}SelectorNilUsesHelmValues`] === false) return {};
  return { matchLabels: { release } };
}

/** Asks the Prometheus operator, which runs, what it makes of the stack's monitors and rules, and promtool what it thinks of that. */
export async function prometheusOperator(cluster: Cluster, stack: Stack): Promise<Outcome[]> {
  const monitors = stack.objects.filter((one) => groupOf(one) === 'monitoring.coreos.com');
  const chart = releasesOf(stack).find((one) => one.chart === 'kube-prometheus-stack');
  const prometheus = standInPrometheus(chart && { ...chart, values: fields(chart.object.json, 'spec', 'values') });
  const input = JSON.stringify(prometheus.json);
  const { code, stderr } = await kubectl(cluster, ['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'], { input });
  if (code !== 0) return [verdict('a Prometheus for the operator', linesOf(stderr))];
  try {
    const jobs = monitors.flatMap(jobsOf);
    const config = await until(
      () => configOf(cluster, prometheus),
      (found) => jobs.every((job) => namesOf(found).includes(job)),
    );
    const rules = monitors.filter(({ kind }) => kind === 'PrometheusRule');
    const files =
      rules.length === 0
        ? []
        : await until(
            () => ruleFilesOf(cluster, prometheus),
            (found) => rules.every((one) => found.some(([name]) => isFileOf(name, one))),
          );
    const names = namesOf(config);
    return [
      verdict(
        `Prometheus operator: ${jobs.length} endpoints of ServiceMonitors and PodMonitors are scrape jobs`,
        jobs.filter((job) => !names.includes(job)).map((job) => `${job} is not scraped`),
      ),
      await promtool('promtool check config: what the operator wrote', ['check', 'config', '--syntax-only'], config),
      ...(await Promise.all(rules.map((one) => ruleOutcome(one, files)))),
    ];
  } finally {
    await kubectl(cluster, ['delete', '--ignore-not-found', '--cascade=foreground', '--timeout=40s', '-f', '-'], { input });
  }
}

async function ruleOutcome(rule: StackObject, files: readonly (readonly [string, string])[]): Promise<Outcome> {
  const what = `PrometheusRule/${rule.namespace}/${rule.name}: promtool check rules: what the operator wrote`;
  const file = files.find(([name]) => isFileOf(name, rule));
  if (!file) return verdict(what, ['the operator wrote no file of it']);
  return promtool(what, ['check', 'rules', '--lint=none'], file[1]);
}

/** The operator's name of a rule file: NAMESPACE-NAME-UID.yaml. */
function isFileOf(file: string, { namespace, name }: StackObject): boolean {
  return file.startsWith(`${namespace}-${name}-`);
}

/** The operator names a job after the monitor and the number of its endpoint. */
export function jobsOf({ kind, namespace, name, json }: StackObject): string[] {
  const [list, prefix] = kind === 'ServiceMonitor' ? ['endpoints', 'serviceMonitor'] : ['podMetricsEndpoints', 'podMonitor'];
  if (kind !== 'ServiceMonitor' && kind !== 'PodMonitor') return [];
  return items(json, 'spec', String(list)).map((_, i) => `${prefix}/${namespace}/${name}/${i}`);
}

function namesOf(config: string): string[] {
  const json: unknown = parse(config);
  return isObject(json) ? items(json, 'scrape_configs').flatMap((one) => text(one, 'job_name') ?? []) : [];
}

async function configOf(cluster: Cluster, { name, namespace = '' }: StackObject): Promise<string> {
  const [secret] = await list(cluster, ['secrets', '-n', namespace, '--field-selector', `metadata.name=prometheus-${name}`]);
  const packed = text(secret, 'data', 'prometheus.yaml.gz');
  return packed === undefined ? '' : gunzipSync(Buffer.from(packed, 'base64')).toString();
}

async function ruleFilesOf(cluster: Cluster, { name, namespace = '' }: StackObject): Promise<(readonly [string, string])[]> {
  const maps = await list(cluster, ['configmaps', '-n', namespace, '-l', `prometheus-name=${name}`]);
  return maps.flatMap((one) => Object.entries(fields(one, 'data')).map(([file, content]) => [file, String(content)] as const));
}

/** The operator is told of objects a moment after the API server. */
async function until<T>(ask: () => Promise<T>, enough: (found: T) => boolean): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const found = await ask();
    if (enough(found) || attempt === 10) return found;
    await new Promise((done) => setTimeout(done, 1000));
  }
}

async function promtool(what: string, args: readonly string[], content: string): Promise<Outcome> {
  if (!onPath('promtool')) return skipped(what, 'promtool is not on PATH');
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const file = join(scratch, 'prometheus.yaml');
    writeFileSync(file, content);
    const { code, stdout, stderr } = await run('promtool', [...args, file]);
    const said = linesOf(stderr + stdout).map((line) => line.replaceAll(file, 'prometheus.yaml'));
    return verdict(what, code === 0 && content !== '' ? [] : ['there is none', ...said].slice(content === '' ? 0 : 1, 8));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
