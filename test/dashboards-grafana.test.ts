import { describe, expect, it } from 'vitest';
import {
  Collector,
  type CollectorProps,
  dashboardsOf,
  existingSink,
  type GrafanaDashboard,
  istioDashboards,
  Tempo,
  type TempoMetricsGenerator,
  TempoRelease,
} from '../constructs/index.ts';
import { rememberAddress } from '../constructs/kit/browser-address.ts';
import {
  type DataSource,
  Endpoint,
  type GrafanaSource,
  type Layer,
  type Page,
  type Scraped,
  type Watched,
} from '../constructs/kit/index.ts';
import {
  DashboardConfigMaps,
  Grafana,
  GrafanaResources,
  Kiali,
  type KialiConfigProps,
  KialiResource,
  Prometheus,
} from '../constructs/observability/index.ts';
import { StackGrafana } from '../constructs/observability/prometheus-stack/dashboard-config-maps.ts';
import { everything, mesh, panelsOf } from './dashboards-world.ts';
import { type Loose, layer, object } from './support/synth.ts';

const internal = Endpoint.external({ protocol: 'http', host: 'grafana.obs.svc', port: 3000 });
const scraped = (...watched: readonly Watched[]): Scraped => ({ scrapeJobs: [], watched });
const collector = { is: 'collector', namespace: 'observability', name: 'otel-collector' } as const;
const titlesOf = (dashboards: readonly GrafanaDashboard[]) => dashboards.map(({ title }) => title);

function source(type: DataSource['type']): GrafanaSource {
  return { toDataSource: () => ({ name: type, uid: `the-${type}`, type, url: `http://${type}.test:80` }) };
}

function kialiPage(): Page {
  const endpoint = Endpoint.external({ protocol: 'http', host: 'kiali.obs.svc', port: 20001 });
  return { name: 'kiali', endpoint, path: '/kiali', sidecar: 'never' };
}

/** A mesh's dashboards as every Grafana of ours gets them, with what it is told of Kiali. */
const servers = {
  Grafana: (given: { sources: readonly [GrafanaSource, ...GrafanaSource[]]; dashboards?: Loose }) => {
    const chart = layer();
    const server = new Grafana(chart, 'grafana', given);
    return { server, read: (uid: string) => fileOf(chart, uid) };
  },
  DashboardConfigMaps: ({ sources, dashboards }: { sources: readonly GrafanaSource[]; dashboards?: Loose }) => {
    const chart = layer();
    const server = new StackGrafana(internal);
    server.sources.push(...sources);
    new DashboardConfigMaps(chart, 'dashboards', { for: server, ...(dashboards ? { dashboards } : {}) });
    return { server, read: (uid: string) => fileOf(chart, uid) };
  },
  GrafanaResources: (given: { sources: readonly GrafanaSource[]; dashboards?: Loose }) => {
    const chart = layer();
    const server = new GrafanaResources(chart, 'grafana', { instances: { dashboards: 'site' }, internal, ...given });
    return { server, read: (uid: string) => JSON.parse(object(chart, 'GrafanaDashboard', `grafana-dashboard-${uid}`).spec.json) };
  },
} as const;

function fileOf(chart: ReturnType<typeof layer>, uid: string): Loose {
  return JSON.parse(object(chart, 'ConfigMap', `grafana-dashboard-${uid}`).data[`${uid}.json`]);
}

describe.each(Object.entries(servers))('dashboards by %s', (_, serve) => {
  it('lead to Kiali where it is published, however late', () => {
    const { server, read } = serve({ sources: [source('prometheus')] });
    const page = kialiPage();
    expect(JSON.stringify(read('istio-mesh'))).not.toContain('/console/');
    server.linkTo(page);
    expect(JSON.stringify(read('istio-mesh'))).not.toContain('/console/');
    rememberAddress(page, { host: 'kiali.mesh.test', url: 'http://kiali.mesh.test/kiali' });
    expect(read('istio-mesh').links[1].url).toBe('http://kiali.mesh.test/kiali/console/graph/namespaces');
    expect(read('istio-service').links[1].url).toMatch(/^http:\/\/kiali\.mesh\.test\/kiali\/console\/namespaces\//);
  });

  it('lead to the first Kiali that comes', () => {
    const { server, read } = serve({ sources: [source('prometheus')] });
    for (const host of ['first.test', 'second.test']) {
      const page = kialiPage();
      rememberAddress(page, { host, url: `http://${host}/kiali` });
      server.linkTo(page);
    }
    expect(read('istio-mesh').links[1].url).toContain('first.test');
  });

  it.each([
    [['prometheus', 'jaeger', 'tempo'], 'the-tempo'],
    [['prometheus', 'zipkin', 'jaeger'], 'the-jaeger'],
    [['prometheus', 'zipkin'], undefined],
  ] as const)('beside %j lead to the failed traces in %s', (types, uid) => {
    const [first, ...others] = types;
    const { read } = serve({ sources: [source(first), ...others.map(source)] });
    const urls = panelsOf(read('istio-mesh'))
      .flatMap((p) => p.fieldConfig.defaults.links ?? [])
      .map((l: Loose) => l.url);
    const [explore] = urls.filter((url: string) => url.startsWith('/explore'));
    expect(explore && JSON.parse(new URL(explore, 'http://g').searchParams.get('panes') ?? '').failed.datasource).toBe(uid);
  });

  it('can be made by a function that is told where they lead', () => {
    const watched = [mesh('sidecar'), collector];
    const { server, read } = serve({
      sources: [source('prometheus')],
      dashboards: (links: Loose) => dashboardsOf(watched, links),
    });
    expect(server.titles).toEqual(titlesOf(dashboardsOf(watched)));
    const page = kialiPage();
    server.linkTo(page);
    rememberAddress(page, { host: 'k.test', url: 'http://k.test/kiali' });
    expect(read('istio-mesh').links).toHaveLength(2);
    expect(read('trace-collector').uid).toBe('trace-collector');
  });
});

describe('without being told which', () => {
  const grafana = (...sources: readonly [GrafanaSource, ...GrafanaSource[]]) =>
    new Grafana(layer(), 'grafana', { sources }).titles;
  const prometheus = (...watched: readonly Watched[]) => new Prometheus(layer(), 'prometheus', { scrape: [scraped(...watched)] });

  it('a Grafana has those of what its Prometheus gathers', () => {
    const watched = [mesh('ambient'), collector] as const;
    expect(grafana(source('jaeger'), prometheus(...watched))).toEqual(titlesOf(dashboardsOf(watched)));
    expect(grafana(prometheus(...everything))).toHaveLength(14);
  });

  it('so do the Grafanas of the operator', () => {
    const { titles } = new GrafanaResources(layer(), 'grafana', {
      instances: { dashboards: 'site' },
      ...{ internal, sources: [prometheus(mesh('sidecar'), collector)] },
    });
    expect(titles).toContain('OpenTelemetry Collector');
  });

  it('what a store of traces or logs says of itself is not what a Prometheus gathers', () => {
    const itself: GrafanaSource = { ...source('tempo'), watched: [{ is: 'tempo', namespace: 'observability', name: 'tempo' }] };
    expect(grafana(source('prometheus'), itself)).toEqual(titlesOf(istioDashboards()));
    expect(grafana(prometheus(mesh('sidecar')), itself)).toEqual(titlesOf(istioDashboards()));
  });

  describe.each([
    ['Grafana', (store: GrafanaSource) => new Grafana(layer(), 'grafana', { sources: [store] })],
    [
      'GrafanaResources',
      (store: GrafanaSource) =>
        new GrafanaResources(layer(), 'grafana', { instances: { dashboards: 'site' }, internal, sources: [store] }),
    ],
  ] as const)('a %s', (_, make) => {
    it.each([
      ['a program', [mesh('sidecar')], [collector], "'OpenTelemetry Collector'"],
      ['everything', [], [mesh('sidecar'), collector], "'OpenTelemetry Collector'"],
      ['an ambient mesh', [mesh('sidecar')], [mesh('ambient')], "'Istio Ztunnel Dashboard', 'Istio Waypoint Dashboard'"],
    ] as const)('says what it does not show, where its Prometheus learns of %s later', (_, before, after, titles) => {
      const store = prometheus(...before);
      const made = make(store);
      expect(made.node.validate()).toEqual([]);
      store.scrape(scraped(...after));
      expect(made.node.validate()).toEqual([
        expect.stringContaining(`'${made.node.path}' does not show ${titles}: its prometheus was told to scrape these after`),
      ]);
    });

    it('is quiet where nothing is missing', () => {
      const store = prometheus(mesh('sidecar'), collector);
      const made = make(store);
      store.scrape(scraped(mesh('sidecar')), scraped());
      expect(made.node.validate()).toEqual([]);
    });
  });

  it('a Grafana with dashboards of its own misses nothing', () => {
    const store = prometheus(mesh('sidecar'));
    const made = new Grafana(layer(), 'grafana', { sources: [store], dashboards: istioDashboards });
    store.scrape(scraped(collector));
    expect(made.node.validate()).toEqual([]);
  });

  it('a dashboard tells of all programs of its kind, however late', () => {
    const chart = layer();
    const store = prometheus(mesh('sidecar'), collector);
    new Grafana(chart, 'grafana', { sources: [store] });
    store.scrape(scraped({ is: 'collector', namespace: 'later', name: 'second' }));
    expect(JSON.stringify(fileOf(chart, 'trace-collector'))).toContain('second');
  });

  it('it has those of a mesh, where its Prometheus does not know', () => {
    expect(grafana(source('prometheus'))).toEqual(titlesOf(istioDashboards()));
    expect(grafana(prometheus())).toEqual(titlesOf(istioDashboards()));
  });
});

describe.each([
  ['Kiali', (chart: Layer, props: KialiConfigProps) => new Kiali(chart, 'kiali', props)],
  [
    'KialiResource',
    (chart: Layer, props: KialiConfigProps) => new KialiResource(chart, 'kiali', { ...props, auth: 'anonymous' }),
  ],
] as const)('%s', (_, make) => {
  it('tells the Grafana whose dashboards it links to where its own page is', () => {
    const told: Page[] = [];
    const metrics = { metrics: Endpoint.external({ protocol: 'http', host: 'prometheus.obs.svc', port: 9090 }) } as const;
    const dashboards = { internal, titles: [], linkTo: (page: Page) => told.push(page) };
    const mesh = {
      rootNamespace: 'istio-system',
      ...{ needsPlaintextRules: false, ingress: undefined, samplingPercent: undefined },
    } as const;
    const { page } = make(layer(), { mesh, metrics, dashboards });
    expect(told).toEqual([page]);
  });
});

describe('who makes metrics from spans', () => {
  const to = () => new Prometheus(layer(), 'prometheus');
  const made = (...scrapes: readonly Scraped[]) =>
    scrapes.flatMap((s) => s.watched ?? []).map((w) => (w.is === 'mesh' ? [] : w.makes));
  const sink = existingSink({ 'otlp-grpc': Endpoint.external({ protocol: 'otlp-grpc', host: 'tempo.test', port: 4317 }) });
  const collector = (props: Partial<CollectorProps>) => new Collector(layer(), 'collector', { exportTo: [sink], ...props });

  it('is a collector with the connectors, behind a balancing tier the last one', () => {
    expect(made(collector({}))).toEqual([undefined]);
    expect(made(collector({ serviceGraph: {} }))).toEqual([['service-graph']]);
    expect(made(collector({ spanMetrics: {}, serviceGraph: {} }))).toEqual([['service-graph', 'span-metrics']]);
  });

  it.each([
    [
      'Tempo',
      (metricsGenerator?: TempoMetricsGenerator) => new Tempo(layer(), 'tempo', metricsGenerator ? { metricsGenerator } : {}),
    ],
    [
      'TempoRelease',
      (metricsGenerator?: TempoMetricsGenerator) =>
        new TempoRelease(layer(), 'tempo', metricsGenerator ? { metricsGenerator } : {}),
    ],
  ] as const)('is a %s with a metrics generator', (_, tempo) => {
    expect(made(tempo())).toEqual([undefined]);
    expect(made(tempo({ to: to() }))).toEqual([['service-graph', 'span-metrics']]);
    expect(made(tempo({ to: to(), processors: ['span-metrics'] }))).toEqual([['span-metrics']]);
  });

  it('has the graph of calls in the Grafana beside it', () => {
    const prometheus = to();
    prometheus.scrape(new Tempo(layer(), 'tempo', { metricsGenerator: { to: prometheus } }));
    expect(new Grafana(layer(), 'grafana', { sources: [prometheus] }).titles).toEqual(['Trace Service Graph', 'Tempo']);
  });
});
