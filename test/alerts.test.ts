import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AlertOptions, alertsOf, type PrometheusRule, type ServiceObjective } from '../constructs/index.ts';
import type { Watched } from '../constructs/kit/index.ts';
import { metrics, scrapeLabels } from '../constructs/kit/metrics/index.ts';
import { alertsPage } from '../constructs/observability/alerts/page.ts';
import { options, ratings, reviews, stream, watched } from './rules/case.ts';
import { cases, groups, ruleTestFiles } from './rules/index.ts';

type AlertRule = PrometheusRule & { readonly alert: string };

const rulesOf = (all: ReturnType<typeof alertsOf>) => all.flatMap(({ rules }) => rules);
const alerts = (all: ReturnType<typeof alertsOf>) => rulesOf(all).filter((rule): rule is AlertRule => rule.alert !== undefined);
const names = (all: ReturnType<typeof alertsOf>) => [...new Set(alerts(all).map(({ alert }) => alert))];
const exprOf = (all: ReturnType<typeof alertsOf>, name: string) =>
  rulesOf(all).find(({ alert, record }) => alert === name || record === name)?.expr ?? '';

const mesh = { is: 'mesh', namespace: 'istio-system', dataplane: 'sidecar', traced: true } as const satisfies Watched;
const collector = { is: 'collector', namespace: 'observability', name: 'otel' } as const satisfies Watched;

/** The text of syntax nodes, and where the parser gave up. */
function parts(query: string, kind: string): { readonly found: readonly string[]; readonly errors: number } {
  const found: string[] = [];
  let errors = 0;
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) errors += 1;
      if (node.name === kind) found.push(query.slice(node.from, node.to));
    },
  });
  return { found, errors };
}

const duration = /^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/;

describe('every alert', () => {
  const all = alerts(groups);

  it.each(names(groups))('%s has series that make it fire, and series that do not', (name) => {
    const own = cases.filter(({ alert }) => alert === name);
    expect(own.some(({ fires }) => fires.length > 0)).toBe(true);
    expect(own.some(({ fires }) => fires.length === 0)).toBe(true);
  });

  it('is the one that its cases speak of, fills its templates, and has its labels', () => {
    for (const { alert, fires } of cases) {
      const rules = all.filter((rule) => rule.alert === alert);
      expect([alert, rules.length]).toEqual([alert, 1]);
      for (const { labels, summary, description } of fires) {
        expect(labels).toMatchObject(rules[0]?.labels ?? {});
        expect(`${summary} ${description}`).not.toMatch(/<no value>|\{\{|NaN| {2}/);
      }
    }
  });

  it('wakes somebody or waits for working hours, and says what is the matter', () => {
    for (const { labels, annotations } of all) {
      expect(['page', 'ticket']).toContain(labels?.severity);
      expect(annotations?.summary).toMatch(/^.{10,}[^.]$/);
      expect(annotations?.description).toMatch(/^.{20,}\.$/);
    }
  });

  it('waits long enough for one missed scrape, unless it looks at what has been counted already', () => {
    for (const { alert, expr, for: wait } of all) {
      expect([alert, wait]).toEqual([alert, expect.stringMatching(duration)]);
      if (wait === '0s') expect(expr).toContain('increase(');
    }
  });

  it('names in its templates only labels that its query yields', () => {
    for (const { alert, expr, annotations } of all) {
      const known = new Set([...parts(expr, 'LabelName').found, ...parts(expr, 'Identifier').found]);
      const recorded = expr.includes('service:') ? ['destination_service'] : [];
      for (const [, label = ''] of JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g))
        expect([alert, [...known, ...recorded]]).toEqual([alert, expect.arrayContaining([label])]);
    }
  });

  it('can be absent only of what is scraped', () => {
    for (const { expr } of all.filter((rule) => rule.expr.includes('absent('))) expect(expr).toContain('absent(up{');
  });
});

describe('queries', () => {
  const recorded = rulesOf(groups).flatMap(({ record }) => record ?? []);
  const series = new Map<string, readonly string[]>(
    Object.entries(metrics).flatMap(([name, { type, labels }]): [string, readonly string[]][] =>
      type === 'histogram'
        ? [
            [`${name}_bucket`, [...labels, 'le']],
            [`${name}_sum`, labels],
            [`${name}_count`, labels],
          ]
        : [[name, labels]],
    ),
  );

  it.each(rulesOf(groups).map((rule) => [rule.alert ?? rule.record ?? '', rule.expr]))('of %s parse', (_, expr) => {
    expect(parts(expr, 'VectorSelector').errors).toBe(0);
  });

  it('ask for series that exist, or were recorded before, by labels that those have', () => {
    for (const { expr } of rulesOf(groups)) {
      const selectors = parts(expr, 'VectorSelector').found;
      expect(selectors.length).toBeGreaterThan(0);
      for (const selector of selectors) {
        const [name = ''] = selector.split('{');
        const labels = recorded.includes(name) ? ['destination_service'] : series.get(name);
        expect([name, labels]).toEqual([name, expect.anything()]);
        for (const label of parts(selector, 'LabelName').found) expect([...(labels ?? []), ...scrapeLabels]).toContain(label);
      }
    }
  });

  it('use only series that an earlier rule records', () => {
    const known = new Set<string>();
    for (const { expr, record } of rulesOf(groups)) {
      for (const name of expr.match(/service:[\w:]+/g) ?? []) expect(known).toContain(name);
      if (record) known.add(record);
    }
  });

  it('match the limits of buckets in both spellings', () => {
    for (const { expr } of rulesOf(groups)) expect(expr).not.toMatch(/le="/);
  });
});

describe('series of each service', () => {
  it('are 19, none of them by caller', () => {
    const records = rulesOf(groups).filter(({ record }) => record);
    expect(records).toHaveLength(19);
    for (const { expr, record } of records) {
      expect(record).toMatch(/^service:istio_requests/);
      expect(expr).not.toContain('source_workload');
    }
  });

  it('are 10 where no service promises how fast it is', () => {
    const fewer = alertsOf([mesh], { objective: { faster: 'unpromised' } });
    expect(rulesOf(fewer).filter(({ record }) => record)).toHaveLength(10);
    expect(names(fewer)).not.toContain('MeshLatencyBudgetBurnsFast');
    expect(names(fewer)).not.toContain('MeshServiceSlow');
  });
});

describe('what is watched', () => {
  it('decides which alerts there are', () => {
    const of = (...some: Watched[]) => names(alertsOf(some));
    expect(of(mesh)).not.toContain('ZtunnelDown');
    expect(of({ ...mesh, dataplane: 'ambient' })).toContain('ZtunnelDown');
    expect(of({ ...mesh, mtls: 'permissive' })).not.toContain('MeshPlainTextAccepted');
    expect(of({ ...mesh, mtls: 'strict' })).toContain('MeshPlainTextAccepted');
    expect(of(mesh).filter((name) => name.startsWith('Collector'))).toEqual([]);
    expect(of(collector).filter((name) => /^(Mesh|Istiod)/.test(name))).toEqual([]);
    for (const is of ['jaeger', 'tempo', 'zipkin', 'skywalking', 'loki'] as const)
      expect(of({ is, namespace: 'x', name: 'y' })[0]?.toLowerCase()).toBe(`${is}down`);
  });

  it('is refused when it is nothing', () => {
    expect(() => alertsOf([])).toThrow('alerts watch nothing');
  });

  it('counts once, and each program is looked for by itself', () => {
    const twice = alertsOf([mesh, { ...mesh }, collector, collector, { ...collector, name: 'otel-sampler' }]);
    expect(alerts(twice).filter(({ alert }) => alert === 'IstiodDown')).toHaveLength(1);
    const down = alerts(twice).filter(({ alert }) => alert === 'CollectorDown');
    expect(down.map(({ labels }) => labels?.program)).toEqual(['otel', 'otel-sampler']);
    // One rule for all of them where pods say who they are: no pod is reported twice.
    expect(alerts(twice).filter(({ alert }) => alert === 'CollectorQueueFilling')).toHaveLength(1);
  });
});

describe('missing spans', () => {
  const missing = (of: Partial<Watched & { is: 'mesh' }>, ...programs: Watched[]) =>
    exprOf(alertsOf([{ ...mesh, ...of, is: 'mesh' }, ...programs]), 'MeshSpansMissing');

  it('are looked for the longer, the less is sampled', () => {
    expect(missing({ samplingPercent: 100 }, collector)).toContain('[10m])) * 600 * 1 > 100');
    expect(missing({ samplingPercent: 5 }, collector)).toContain('[1h])) * 3600 * 0.05 > 100');
    expect(missing({ samplingPercent: 0.1 }, collector)).toContain('[6h])) * 21600 * 0.001 > 100');
    expect(missing({}, collector)).toContain('* 3600 * 0.01 > 100');
  });

  it('are none where nothing is sampled or traced, or nobody who takes them is watched', () => {
    expect(missing({ samplingPercent: 0 }, collector)).toBe('');
    expect(missing({ traced: false }, collector)).toBe('');
    expect(missing({})).toBe('');
  });

  it.each([
    ['jaeger', 'otelcol_receiver_accepted_spans'],
    ['tempo', 'tempo_distributor_spans_received_total'],
    ['zipkin', 'zipkin_collector_spans_total'],
    ['skywalking', 'trace_in_latency_count'],
  ] as const)('are missed at %s where no collector is in between', (is, metric) => {
    const backend: Watched = { is, namespace: 'x', name: 'store' };
    expect(missing({}, backend)).toContain(metric);
    expect(missing({}, backend, collector)).toContain('pod=~"otel(');
  });
});

describe('options', () => {
  const everyPromise: Required<ServiceObjective> = { success: 99.5, faster: { share: 95, thanMs: 250 } };
  const everyOption: Required<AlertOptions> = {
    objective: everyPromise,
    slos: [{ of: { host: stream }, faster: 'unpromised' }],
    minRequestsPerHour: 60,
    runbooks: 'https://git.test/docs/alerts.md',
    labels: { team: 'platform' },
  };
  const all = alertsOf(watched, everyOption);

  it('say what every service promises', () => {
    expect(exprOf(all, 'service:istio_requests_failed:budget')).toContain('+ 0.005');
    expect(exprOf(all, 'service:istio_requests_slow:budget')).toContain('+ 0.05');
    expect(exprOf(all, 'service:istio_requests_slow:rate5m')).toContain('le=~"250([.]0)?"');
    expect(exprOf(all, 'MeshServiceSlow')).toContain('> 1250');
  });

  it('say what single services promise, by reference, and leave the others as they are', () => {
    const failed = exprOf(alertsOf(watched, options), 'service:istio_requests_failed:budget');
    expect(failed).toMatch(/!~"unknown\|ratings.*\} \+ 0\.001 or .*="ratings\.bookinfo\.svc\.cluster\.local"\} \+ 0\.005$/);
    const slow = exprOf(alertsOf(watched, options), 'service:istio_requests_slow:rate5m');
    expect(slow.match(/stream/g)).toHaveLength(2);
    expect(slow).not.toMatch(/="stream/);
    expect(exprOf(all, 'MeshServiceSlow')).toContain('destination_service!~"unknown|stream[.]bookinfo[.]svc[.]cluster[.]local"');
  });

  it('say how many requests mean something', () => {
    expect(exprOf(all, 'MeshServiceFailing')).toContain('>= 60');
    expect(exprOf(all, 'MeshErrorBudgetBurnsSlowly')).toContain('>= 360');
    expect(exprOf(all, 'MeshConnectionsFailing')).toContain('> 0.0167');
  });

  it('lead to the page, and say who is told', () => {
    const headings = alertsPage()
      .match(/^### .*/gm)
      ?.map((heading) => heading.slice(4).toLowerCase());
    for (const { alert, annotations, labels } of alerts(all)) {
      expect(annotations?.runbook_url).toBe(`https://git.test/docs/alerts.md#${alert.toLowerCase()}`);
      expect(headings).toContain(annotations?.runbook_url?.split('#')[1]);
      expect(labels?.team).toBe('platform');
    }
    for (const { annotations } of alerts(groups)) expect(annotations).not.toHaveProperty('runbook_url');
  });

  it.each<[string, AlertOptions]>([
    ['success of every service is 100: allowed are percentages from 94', { objective: { success: 100 } }],
    [`success of '${reviews}' is 50`, { slos: [{ of: { host: reviews }, success: 50 }] }],
    ['faster.share of every service is 0.99', { objective: { faster: { share: 0.99, thanMs: 100 } } }],
    [`alerts have two objectives of '${ratings}'`, { slos: [{ of: { host: ratings } }, { of: { host: ratings }, success: 99 }] }],
    ['minRequestsPerHour of the alerts is -1', { minRequestsPerHour: -1 }],
    ['runbooks of the alerts is "git.test/alerts.md"', { runbooks: 'git.test/alerts.md' }],
    ['runbooks of the alerts is "https://git.test/#x"', { runbooks: 'https://git.test/#x' }],
    ['label "severity" of the alerts', { labels: { severity: 'none' } }],
    ['label "my-team" of the alerts', { labels: { 'my-team': 'a' } }],
  ])('are refused: %s', (message, wrong) => {
    expect(() => alertsOf([mesh], wrong)).toThrow(message);
  });

  it('are refused for a limit that proxies do not count by', () => {
    const wrong: object = { objective: { faster: { share: 99, thanMs: 300 } } };
    expect(() => alertsOf([mesh], wrong)).toThrow('proxies count by these limits only: 1, 5, 10');
  });
});

it('come out the same every time', () => {
  expect(JSON.stringify(alertsOf(watched, options))).toBe(JSON.stringify(alertsOf(watched, options)));
});

it('are on the committed page', () => {
  const committed = readFileSync(new URL('../docs/alerts.md', import.meta.url), 'utf8');
  expect(committed === alertsPage() ? 'as made' : "run 'npx tsx tools/alerts.ts'").toBe('as made');
  for (const name of names(groups)) expect(committed).toContain(`### ${name}\n`);
});

it('are given to promtool whole: every group in one file of rules, every case in one of tests', () => {
  const files = Object.entries(ruleTestFiles()).map(([name, text]) => [name, parse(text)] as const);
  const told = files.flatMap(([, { groups: some = [] }]) => some.map(({ name }: { name: string }) => name));
  expect(told.sort()).toEqual(groups.map(({ name }) => name).sort());
  const tests = files.flatMap(([, { tests: some = [] }]) => some);
  expect(tests).toHaveLength(cases.length);
});
