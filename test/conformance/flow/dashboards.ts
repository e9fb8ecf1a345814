import { setTimeout as wait } from 'node:timers/promises';
import { isObject } from '../../../constructs/kit/json.ts';
import { groupBy } from '../../../constructs/proof/group-by.ts';
import type { Model } from '../../../constructs/proof/model/model.ts';
import { type Query, queriesOf } from '../../../constructs/proof/model/promql/queries.ts';
import type { Program } from '../../../constructs/proof/model/spans/programs.ts';
import { seriesOf } from '../observability/prometheus-metrics.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import type { RunningPrometheus } from './metrics.ts';
import { podNameOf } from './pod-names.ts';

/** By what dashboards find the pods of programs that are built on a collector. */
const LIVES = 'otelcol_process_uptime';

/** What such a program has counted once a trace went through it. */
const COUNTED = /\botelcol_(receiver_accepted_spans|exporter_sent_spans)\b/;

/**
 * Whether the dashboards and alerts of the stack find the programs that run here, in a Prometheus that scrapes them with the stack's own
 * jobs: a dashboard's variables list the program's pod, its queries of what was received and sent have data, and the alert on its absence
 * sees it.
 */
export async function findsPrograms(model: Model, programs: readonly Program[], { url }: RunningPrometheus): Promise<Outcome[]> {
  const queries = queriesOf(model);
  const byDashboard = [...groupBy(queries, ({ at }) => at.object.id).values()].filter((list) =>
    list.some((one) => one.label === 'pod' && one.expr.startsWith(LIVES)),
  );
  const absences = queries.flatMap(({ expr }) => /^absent\((up\{.*\bpod=.*\}) == 1\)$/.exec(expr)?.[1] ?? []);
  const pods = programs.flatMap(({ workload }) => (workload ? [podNameOf(workload)] : []));
  const what = 'dashboards and alerts find the programs';
  if (pods.length === 0) return [skipped(what, 'none of the stack runs here of which it shows the pods')];
  const outcomes: Outcome[] = [];
  if (byDashboard.length === 0) outcomes.push(skipped('dashboards of programs', 'the stack has none on a collector or Jaeger'));
  else outcomes.push(await patiently('dashboards have data of', pods, (pod) => dashboardProblems(url, byDashboard, pod)));
  if (absences.length === 0) outcomes.push(skipped('alerts on the absence of programs', 'the stack has none'));
  else outcomes.push(await patiently('alerts on absence see', pods, (pod) => absenceProblems(url, absences, pod)));
  return outcomes;
}

/** A program is scraped each second, and its counters appear with what they count. */
async function patiently(what: string, pods: readonly string[], problems: (pod: string) => Promise<string[]>): Promise<Outcome> {
  for (const deadline = Date.now() + 15_000; ; await wait(500)) {
    const reasons = (await Promise.all(pods.map(problems))).flat();
    if (reasons.length === 0 || Date.now() > deadline) return verdict(`${what} ${pods.join(', ')}`, reasons);
  }
}

async function dashboardProblems(url: string, dashboards: readonly (readonly Query[])[], pod: string): Promise<string[]> {
  const without: string[] = [];
  for (const queries of dashboards) {
    const values = new Map<string, string>();
    // In the order in which a dashboard declares them, as Grafana asks: the later ones select by the earlier.
    for (const { where, expr, label } of queries) {
      const [, variable] = /^variable (\w+)$/.exec(where) ?? [];
      if (variable === undefined || label === undefined || !expr.startsWith(LIVES)) continue;
      const found = (await seriesOf(url, filled(expr, values))).map((one) => String(one[label]));
      values.set(variable, [...new Set(found)].join('|'));
    }
    if (!values.get('pod')?.split('|').includes(pod)) continue;
    const asked = queries.filter(({ where, expr }) => where.startsWith('panel') && COUNTED.test(expr));
    if (asked.length === 0) without.push(`the dashboard of ${pod} asks nothing of what it received and sent`);
    for (const { expr, where } of asked)
      if (!(await hasData(url, filled(expr, values)))) without.push(`${where} of the dashboard of ${pod} has no data: ${expr}`);
    return without;
  }
  return [`no dashboard lists ${pod}`];
}

async function absenceProblems(url: string, selectors: readonly string[], pod: string): Promise<string[]> {
  const seen = await Promise.all(selectors.map((selector) => seriesOf(url, selector)));
  return seen.flat().some((one) => one.pod === pod) ? [] : [`no alert on absence selects ${pod}`];
}

function filled(query: string, values: ReadonlyMap<string, string>): string {
  return query
    .replaceAll('$__rate_interval', '1m')
    .replaceAll(/\$(\w+)/g, (variable: string, name: string) => values.get(name) ?? variable);
}

async function hasData(url: string, query: string): Promise<boolean> {
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query }) });
  const answer: unknown = await response.json();
  const result = isObject(answer) && isObject(answer.data) ? answer.data.result : undefined;
  return Array.isArray(result) && result.length > 0;
}
