import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dashboardsOf, istioDashboards } from '../constructs/index.ts';
import {
  asksPrometheus,
  everyLink,
  everything,
  faultsOf,
  labelsOf,
  linksOf,
  made,
  mesh,
  names,
  panelsOf,
  queriesOf,
  variablesOf,
} from './dashboards-world.ts';
import type { Loose } from './support/synth.ts';

const dashboards = made(everything);
const titles = (all: readonly { readonly title: string }[]) => all.map((d) => d.title);

describe('the checks of this file', () => {
  it.each([
    ['sum(rate(istio_requests_total{reporter="source"}[1m])', 'syntax'],
    ['sum(rate(istio_request_total{reporter="source"}[1m]))', 'no metric istio_request_total'],
    ['sum(rate(istio_requests_total{destination="x"}[1m]))', 'istio_requests_total has no label destination'],
    ['sum by (svc) (rate(istio_requests_total{reporter="source"}[1m]))', 'istio_requests_total has no label svc'],
    ['sum(rate(istio_request_duration_milliseconds{reporter="source"}[1m]))', 'no metric istio_request_duration_milliseconds'],
    ['sum by (le) (istio_requests_total{reporter="source"})', 'istio_requests_total has no label le'],
    ['{__name__=~"istio_requests_total|nothing"}', 'no metric nothing'],
  ])('find %s', (query, fault) => expect(faultsOf(query).join()).toContain(fault));

  it('let a sound query pass', () => {
    expect(
      faultsOf('sum by (le, pod) (rate(istio_request_duration_milliseconds_bucket{pod=~"$pod"}[$__rate_interval]))'),
    ).toEqual([]);
  });
});

describe('which there are', () => {
  it('keep their titles, which Kiali looks up, and their uids, which bookmarks hold', () => {
    expect(dashboards.map((d) => [d.title, d.uid])).toEqual([
      ['Istio Mesh Dashboard', 'istio-mesh'],
      ['Istio Service Dashboard', 'istio-service'],
      ['Istio Workload Dashboard', 'istio-workload'],
      ['Istio Performance Dashboard', 'istio-performance'],
      ['Istio Control Plane Dashboard', 'istio-control-plane'],
      ['Istio Ztunnel Dashboard', 'istio-ztunnel'],
      ['Istio Waypoint Dashboard', 'istio-waypoint'],
      ['Trace Service Graph', 'trace-service-graph'],
      ['OpenTelemetry Collector', 'trace-collector'],
      ['Jaeger', 'trace-jaeger'],
      ['Tempo', 'trace-tempo'],
      ['Zipkin', 'trace-zipkin'],
      ['SkyWalking', 'trace-skywalking'],
      ['Loki', 'logs-loki'],
    ]);
  });

  it('show ztunnel and waypoints only where the mesh is ambient', () => {
    const ambient = /Ztunnel|Waypoint/;
    expect(titles(dashboardsOf([mesh('sidecar')])).filter((t) => ambient.test(t))).toEqual([]);
    expect(titles(dashboardsOf([mesh('sidecar'), mesh('ambient')])).filter((t) => ambient.test(t))).toHaveLength(2);
  });

  it('show only what is watched, each kind once', () => {
    expect(titles(dashboardsOf([{ is: 'jaeger', namespace: 'a', name: 'jaeger' }]))).toEqual(['Jaeger']);
    const two = ['a', 'b'].map((name) => ({ is: 'collector', namespace: 'x', name }) as const);
    expect(titles(dashboardsOf(two))).toEqual(['OpenTelemetry Collector']);
    expect(dashboardsOf([])).toEqual([]);
  });

  it('show the graph of spans only where somebody makes its metrics', () => {
    const tempo = { is: 'tempo', namespace: 'a', name: 'tempo' } as const;
    expect(titles(dashboardsOf([tempo]))).toEqual(['Tempo']);
    expect(titles(dashboardsOf([{ ...tempo, makes: ['span-metrics'] }]))).toEqual(['Tempo']);
    expect(titles(dashboardsOf([{ ...tempo, makes: ['service-graph'] }]))).toEqual(['Trace Service Graph', 'Tempo']);
  });

  it('are those of a mesh with sidecars when nobody knows more', () => {
    expect(istioDashboards()).toEqual(dashboardsOf([mesh('sidecar')]));
  });

  it('come out the same every time', () => {
    expect(JSON.stringify(dashboardsOf(everything, everyLink))).toBe(JSON.stringify(dashboardsOf(everything, everyLink)));
  });
});

describe('whose pods they show', () => {
  const [collector] = made([
    { is: 'collector', namespace: 'a', name: 'otel' },
    { is: 'collector', namespace: 'b', name: 'edge' },
  ]);
  const all = (name: string) => variablesOf(collector).find((v) => v.name === name).allValue;

  it('means all of its kind, in all of their namespaces, and no others', () => {
    expect(all('namespace')).toBe('a|b');
    const pods = new RegExp(`^(?:${all('pod')})$`);
    for (const pod of ['otel-7d9f8b6c4-x2x5z', 'edge-0', 'otel-k8zqp']) expect(pod).toMatch(pods);
    for (const pod of ['otel-collector-7d9f8b6c4-x2x5z', 'hotel-0', 'otel', 'otel-operator-0']) expect(pod).not.toMatch(pods);
  });
});

describe('where they lead', () => {
  it('is to dashboards that exist, with variables that these have', () => {
    const links = dashboards.flatMap(linksOf).filter((l) => l.url.startsWith('/d/'));
    expect(links.length).toBeGreaterThan(10);
    for (const { url } of links) {
      const [, uid, query = ''] = /^\/d\/([\w-]+)\?(.*)$/.exec(url) ?? [];
      const target = dashboards.find((d) => d.uid === uid);
      expect([url, target?.uid]).toEqual([url, uid]);
      const set = [...query.matchAll(/var-(\w+)=/g)].map((m) => m[1]);
      for (const name of set) expect(variablesOf(target).map((v) => v.name)).toContain(name);
      expect(set).toContain('datasource');
      expect(url).toMatch(/&\$\{__url_time_range\}$/);
    }
  });

  it('names only labels of the line, columns of the row, and variables of the dashboard', () => {
    for (const dashboard of dashboards) {
      const variables = variablesOf(dashboard).map((v) => v.name);
      for (const { fieldConfig, targets, transformations = [] } of panelsOf(dashboard)) {
        const text = JSON.stringify(fieldConfig);
        const columns = Object.values(transformations.find((t: Loose) => t.id === 'organize')?.options.renameByName ?? {});
        for (const [, label] of text.matchAll(/\$\{__field\.labels\.(\w+)\}/g)) {
          for (const { expr } of targets) expect(groupedBy(expr)).toContain(label);
        }
        for (const [, column] of text.matchAll(/\$\{__data\.fields\.(\w+)\}/g)) expect(columns).toContain(column);
        for (const name of names(text)) expect(variables).toContain(name);
      }
    }
  });

  it('is Kiali’s pages, once its address is known', () => {
    const urls = (links: Loose) =>
      made(everything, links)
        .flatMap(linksOf)
        .map((l) => l.url);
    const kiali = urls({ kiali: 'https://kiali.example.com/kiali/' }).filter((url) => url.startsWith('https:'));
    const base = 'https://kiali.example.com/kiali/console';
    expect(kiali).toEqual(
      expect.arrayContaining([
        `${base}/graph/namespaces`,
        `${base}/namespaces/$svcns/services/$svcname`,
        `${base}/namespaces/$namespace/workloads/$workload`,
        `${base}/namespaces/\${__data.fields.Home}/services/\${__data.fields.Name}`,
      ]),
    );
    expect(urls({}).filter((url) => !url.startsWith('/d/'))).toEqual([]);
  });

  it.each([
    [
      { uid: 'tempo', type: 'tempo' },
      { queryType: 'traceql', query: expect.stringMatching(/^\{ status = error && span\.upstream_cluster =~ "/) },
    ],
    [
      { uid: 'jaeger', type: 'jaeger' },
      { queryType: 'search', tags: 'error=true' },
    ],
  ] as const)('is the failed requests of a service, by %o', (traces, query) => {
    const urls = made(everything, { traces })
      .flatMap(linksOf)
      .map((l) => l.url)
      .filter((url) => url.startsWith('/explore?'));
    expect(urls.length).toBeGreaterThan(2);
    for (const url of urls) {
      const { failed } = JSON.parse(new URL(url, 'http://grafana').searchParams.get('panes') ?? '');
      expect(failed.datasource).toBe(traces.uid);
      expect(failed.queries).toMatchObject([{ datasource: traces, ...query }]);
    }
  });

  it('is no search of Zipkin, which takes none from outside', () => {
    const links = made(everything, { traces: { uid: 'zipkin', type: 'zipkin' } }).flatMap(linksOf);
    expect(links.filter((l) => l.url.startsWith('/explore'))).toEqual([]);
  });

  it('draws the map of services only beside a Tempo', () => {
    const maps = (links: Loose) =>
      made(everything, links)
        .flatMap(panelsOf)
        .filter((p) => p.type === 'nodeGraph');
    expect(maps({ traces: { uid: 'main', type: 'tempo' } })).toMatchObject([
      { datasource: { type: 'tempo', uid: 'main' }, targets: [{ queryType: 'serviceMap', datasource: { uid: 'main' } }] },
    ]);
    expect(maps({ traces: { uid: 'jaeger', type: 'jaeger' } })).toEqual([]);
    expect(maps({})).toEqual([]);
  });
});

describe('what Kiali fills in', () => {
  it.each([
    ['istio-service', ['datasource', 'namespace', 'service']],
    ['istio-workload', ['datasource', 'namespace', 'workload']],
  ])('is there in %s', (uid, expected) => {
    const variables = variablesOf(dashboards.find((d) => d.uid === uid)).map((v) => v.name);
    expect(variables.slice(0, expected.length)).toEqual(expected);
  });

  it('leaves the choice who counted: callers of a service, a workload itself, and whoever counts in an ambient mesh', () => {
    const counting = (dataplane: 'sidecar' | 'ambient') =>
      made([mesh(dataplane)]).flatMap((one) =>
        variablesOf(one)
          .filter((v) => v.name === 'qrep')
          .map((v) => [one.uid, v.current.value, v.options.filter((o: Loose) => o.selected).map((o: Loose) => o.value)]),
      );
    expect(counting('sidecar')).toEqual([
      ['istio-service', ['source'], ['source']],
      ['istio-workload', ['destination'], ['destination']],
    ]);
    const ambient = ['source', 'waypoint'];
    expect(counting('ambient').map(([uid, value]) => [uid, value])).toEqual([
      ['istio-service', ambient],
      ['istio-workload', ambient],
    ]);
  });

  it('counts failed gRPC calls as failed, as the alerts do', () => {
    const counted = dashboards
      .flatMap((one): readonly Loose[] => one.panels)
      .filter(
        (panel) =>
          /^(Success|Failed|Failing hops)/.test(panel.title ?? '') && JSON.stringify(panel).includes('istio_requests_total'),
      );
    expect(counted.length).toBeGreaterThan(8);
    for (const { targets } of counted) expect(targets[0].expr).toContain('grpc_response_status=~');
  });

  it('adds up what a collector loses, whichever of the counters is not there yet', () => {
    const [lost] = made([{ is: 'collector', namespace: 'o', name: 'c' }])
      .flatMap((one): readonly Loose[] => one.panels)
      .filter((panel) => panel.title === 'Lost');
    expect(lost.targets[0].expr.match(/ or vector\(0\)/g)).toHaveLength(2);
  });

  it.each(['istio-service', 'istio-workload'])('asks the receiving side for the protection of requests: %s', (uid) => {
    const panels: readonly Loose[] = dashboards.find((d) => d.uid === uid)?.panels ?? [];
    const [target] = panels.find((panel) => panel.title === 'Protection').targets;
    expect(target.expr).toContain('reporter=~"destination|waypoint"');
    expect(target.expr).not.toContain('$qrep');
  });

  it('chooses a service by its full host, as Kiali says it', () => {
    const service = variablesOf(dashboards.find((d) => d.uid === 'istio-service')).find((v) => v.name === 'service');
    expect(service.definition).toMatch(/, destination_service\)$/);
  });
});

/** The labels that a query's outermost aggregation keeps. */
function groupedBy(expr: string): string[] {
  return /by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? [];
}

const both = [...dashboards, ...made([mesh('sidecar')], {}).map((d) => ({ ...d, title: `${d.title}, without links` }))];

describe.each(both.map((d) => [d.title, d] as const))('%s', (_, dashboard) => {
  it('asks in valid PromQL, for metrics and labels that exist', () => {
    const queries = queriesOf(dashboard);
    expect(queries.length).toBeGreaterThan(5);
    expect(queries.flatMap(faultsOf)).toEqual([]);
  });

  it('fills its variables from metrics and labels that exist', () => {
    for (const { query, name, definition } of variablesOf(dashboard).filter((v) => v.type === 'query')) {
      const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query.query) ?? [];
      expect([name, faultsOf(series)]).toEqual([name, []]);
      const metric = /^(\w+)/.exec(series)?.[1] ?? /__name__=~"(\w+)/.exec(series)?.[1] ?? '';
      expect(labelsOf(metric)).toContain(label);
      expect(definition).toBe(query.query);
    }
  });

  it('has the data source first, defines every variable before its use, and uses every one', () => {
    const variables = variablesOf(dashboard);
    expect(variables[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    const defined = new Set<string>();
    for (const variable of variables) {
      for (const name of names(JSON.stringify([variable.query, variable.datasource ?? '']))) expect(defined).toContain(name);
      defined.add(variable.name);
    }
    const chain = variables.map((v) => JSON.stringify([v.query, v.definition ?? '']));
    const used = new Set(names([JSON.stringify([dashboard.panels, dashboard.links]), ...chain].join()));
    for (const name of used) expect(defined).toContain(name);
    for (const name of defined) expect(used).toContain(name);
  });

  it('lists the other dashboards', () => {
    expect(dashboard.links[0]).toMatchObject({ type: 'dashboards', asDropdown: true, keepTime: true, tags: dashboard.tags });
  });

  it('gives every panel its own title, id and place, all inside the grid', () => {
    const panels: Loose[] = dashboard.panels;
    expect(new Set(panels.map((p) => p.id)).size).toBe(panels.length);
    const headings = dashboard.panels.map((p: Loose, i: number) => (p.type === 'row' ? i : -1)).filter((i: number) => i >= 0);
    for (const [i, from] of headings.entries()) {
      const section = titles(panels.slice(from + 1, headings[i + 1]));
      expect(new Set(section).size).toBe(section.length);
    }
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let cx = x; cx < x + w; cx++) {
        for (let cy = y; cy < y + h; cy++) {
          expect([title, taken.get(`${cx},${cy}`)]).toEqual([title, undefined]);
          taken.set(`${cx},${cy}`, title);
        }
      }
    }
  });

  it('begins with the question whether all is well, in numbers', () => {
    const first = dashboard.panels[1].gridPos.y;
    const numbers = panelsOf(dashboard).filter((p) => p.gridPos.y === first);
    expect(numbers.length).toBeGreaterThan(2);
    expect(new Set(numbers.map((p) => p.type))).toEqual(new Set(['stat']));
  });

  it('says of every panel what it shows, and asks the chosen data source', () => {
    for (const { title, description } of panelsOf(dashboard))
      expect([title, description]).toEqual([title, expect.stringMatching(/^[A-Z].{14,}\.$/)]);
    for (const { targets, datasource } of panelsOf(dashboard).filter(asksPrometheus)) {
      expect(new Set(targets.map((t: Loose) => t.refId)).size).toBe(targets.length);
      for (const asked of [datasource, ...targets.map((t: Loose) => t.datasource)])
        expect(asked).toEqual({ type: 'prometheus', uid: '$datasource' });
    }
  });

  it('shows the exemplars of durations over time, and of nothing else', () => {
    for (const { type, targets } of panelsOf(dashboard).filter(asksPrometheus)) {
      for (const { expr, exemplar } of targets)
        expect([expr, exemplar ?? false]).toEqual([expr, type === 'timeseries' && expr.includes('histogram_quantile')]);
    }
  });

  it('names in legends only what the query groups by', () => {
    for (const { targets } of panelsOf(dashboard).filter(asksPrometheus)) {
      for (const { expr, legendFormat } of targets) {
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          expect([expr, groupedBy(expr)]).toEqual([expr, expect.arrayContaining([label])]);
      }
    }
  });
});

it('are data: Grafana’s SDK is there for types alone, as loading it takes longer than a whole synth', () => {
  const folder = new URL('../constructs/observability/dashboards/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const imports = files.flatMap((file) => readFileSync(new URL(file, folder), 'utf8').match(/^import .*@grafana\/.*$/gm) ?? []);
  expect(imports.length).toBeGreaterThan(0);
  for (const line of imports) expect(line).toMatch(/^import type /);
});
