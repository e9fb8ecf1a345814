import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  Collector,
  Endpoint,
  Grafana,
  Kiali,
  KubePrometheusStack,
  Layer,
  LogCollector,
  Loki,
  LokiRelease,
  Mesh,
  type MeshApp,
  NodeLogs,
  Prometheus,
  PrometheusRules,
  Stack,
  synthesize,
  Tempo,
} from '../constructs/index.ts';
import { contents } from './support/publish.ts';
import type { Loose } from './support/synth.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bad-input-')));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** A stack with one of each, all well. */
function site(app: MeshApp) {
  const stack = new Stack(app, 'site');
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const watch = new Layer(stack, 'watch', { namespace: 'observability', after: [mesh] });
  const charts = new Layer(stack, 'charts', { namespace: 'charts', after: [mesh] });
  return { stack, mesh, watch, charts };
}

type Site = ReturnType<typeof site>;

/** Runs a program to its end, and says what it told. */
function run(change: (at: Site) => void) {
  const told: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((text) => void told.push(String(text)));
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    synthesize((app) => change(site(app)), { outdir: join(folder, 'dist') });
  } catch (error) {
    told.push(`crashes: ${error}`);
    process.exitCode = 1;
  }
  const status = process.exitCode ?? 0;
  process.exitCode = before;
  vi.restoreAllMocks();
  return { status, text: told.join('\n') };
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: what Flux would replace
const variable = '${X}';
const long = 'x'.repeat(5000);
const names: readonly Loose[] = ['', ' ', 'a b', 'A.B', 'a\nb', 'Größe', '-', '"', variable, 'x'.repeat(300)];
const numbers: readonly Loose[] = [Number.NaN, Number.POSITIVE_INFINITY, -1];
const times: readonly Loose[] = ['', ' ', '7', '7 days', '-7d', '0d', 'd', 'a\nb', 'NaNd', 'Größe', variable, long];

interface Case {
  /** Where the message must point. */
  readonly at: string;
  readonly make: (site: Site, value: Loose) => void;
  readonly values: readonly Loose[];
}

const loki = (layer: Layer, props: Loose = {}) => new Loki(layer, 'loki', props);
const tempo = (layer: Layer) => new Tempo(layer, 'tempo');
const istio = ({ mesh }: Site, accessLog: Loose) => new Mesh(mesh, 'istio', { accessLog });
const collector = ({ watch }: Site) => new Collector(watch, 'collector', { exportTo: [tempo(watch)], logsTo: [loki(watch)] });
const alerts = ({ watch }: Site, options: Loose) => new Prometheus(watch, 'prometheus', { alerts: options });
const kube = ({ charts }: Site, props: Loose) =>
  new KubePrometheusStack(charts, 'kube', { access: { anonymous: 'Viewer' }, ...props });
const rules = ({ watch }: Site, group: Loose, props: Loose = {}) =>
  new PrometheusRules(watch, 'rules', {
    groups: [{ name: 'mesh', rules: [{ alert: 'A', expr: 'up == 0' }], ...group }],
    ...props,
  });
const rule = (at: Site, one: Loose) => rules(at, { rules: [{ alert: 'A', expr: 'up == 0', ...one }] });
const grafana = ({ watch }: Site, props: Loose) =>
  new Grafana(watch, 'grafana', { sources: [new Prometheus(watch, 'prometheus')], access: { anonymous: 'Viewer' }, ...props });
const kiali = (at: Site, props: Loose) =>
  new Kiali(at.watch, 'kiali', { mesh: istio(at, 'off'), metrics: new Prometheus(at.watch, 'prometheus'), ...props });

// biome-ignore format: one line each
const cases: Readonly<Record<string, Case>> = {
  'retention of Loki': { at: 'site/watch/loki', values: times, make: ({ watch }, retention) => loki(watch, { retention }) },
  'indexLabels of Loki': { at: 'site/watch/loki', values: [[''], ['a b'], ['a\nb'], [variable], ['service.name', 'service.name']], make: ({ watch }, indexLabels) => loki(watch, { indexLabels }) },
  'version of Loki': { at: 'site/watch/loki', values: ['', 'latest', 'a\nb', variable], make: ({ watch }, version) => loki(watch, { version }) },
  'disk of Loki': { at: 'site/watch/loki', values: [{ size: '' }, { size: 'big' }, { size: '-1Gi' }], make: ({ watch }, disk) => loki(watch, { disk }) },
  'resources of Loki': { at: 'site/watch/loki', values: [{ cpu: '1', memory: '2Gi', memoryLimit: '1Gi' }], make: ({ watch }, resources) => loki(watch, { resources }) },
  'retention of LokiRelease': { at: 'site/charts/loki', values: times, make: ({ charts }, retention) => new LokiRelease(charts, 'loki', { retention }) },
  'indexLabels of LokiRelease': { at: 'site/charts/loki', values: [[''], ['a b'], ['a\nb'], [variable]], make: ({ charts }, indexLabels) => new LokiRelease(charts, 'loki', { indexLabels }) },
  'version of LokiRelease': { at: 'site/charts/loki', values: ['', 'latest', '^18', '6.0.0', 'a\nb', variable], make: ({ charts }, version) => new LokiRelease(charts, 'loki', { version }) },
  'disk of LokiRelease': { at: 'site/charts/loki', values: [{ size: '' }, { size: 'big' }], make: ({ charts }, disk) => new LokiRelease(charts, 'loki', { disk }) },
  'logsTo of LogCollector': { at: 'site/watch/logs', values: [[]], make: ({ watch }, logsTo) => new LogCollector(watch, 'logs', { logsTo }) },
  'name of LogCollector': { at: 'site/watch/logs', values: names, make: ({ watch }, name) => new LogCollector(watch, 'logs', { logsTo: [loki(watch)], name }) },
  'logsTo of NodeLogs': { at: 'site/watch/logs', values: [[]], make: ({ watch }, logsTo) => new NodeLogs(watch, 'logs', { logsTo }) },
  'name of NodeLogs': { at: 'site/watch/logs', values: names, make: ({ watch }, name) => new NodeLogs(watch, 'logs', { logsTo: [loki(watch)], name }) },
  'accessLog.filter': { at: 'site/mesh/istio', values: ['', ' ', 'response.code >=', 'response.cod >= 500'], make: (at, filter) => istio(at, { filter }) },
  'accessLog.path': { at: 'site/mesh/istio', values: ['', ' ', 'a\nb', variable], make: (at, path) => istio(at, { path }) },
  'accessLog.format': { at: 'site/mesh/istio', values: [{ text: '%REQ(:METHOD)' }, { text: '%req%' }, { json: { a: '50 %' } }], make: (at, format) => istio(at, { format }) },
  'accessLog.logName': { at: 'site/mesh/istio', values: ['', ' ', 'a\nb', variable], make: (at, logName) => istio(at, { to: collector(at), logName }) },
  'alerts.objective': { at: 'site/watch/prometheus', values: [{ success: Number.NaN }, { success: 0.999 }, { success: 100 }, { faster: { share: 99, thanMs: 700 } }, { faster: { share: -1, thanMs: 1000 } }], make: (at, objective) => alerts(at, { objective }) },
  'alerts.slos': { at: 'site/watch/prometheus', values: [[{ of: { host: '' } }], [{ of: { host: 'a"b' } }], [{ of: { host: 'a\nb' } }], [{ of: { host: variable } }], [{ of: { host: 'a' }, success: 7 }], [{ of: { host: 'a' } }, { of: { host: 'a' } }]], make: (at, slos) => alerts(at, { slos }) },
  'alerts.minRequestsPerHour': { at: 'site/watch/prometheus', values: numbers, make: (at, minRequestsPerHour) => alerts(at, { minRequestsPerHour }) },
  'alerts.runbooks': { at: 'site/watch/prometheus', values: ['', 'docs/alerts.md', 'https://a/b#c', 'javascript:alert(1)', 'https://a b', 'https:', 'https://a\nb'], make: (at, runbooks) => alerts(at, { runbooks }) },
  'alerts.labels': { at: 'site/watch/prometheus', values: [{ severity: 'page' }, { 'a b': 'c' }, { '': 'c' }, { Größe: 'c' }, { team: undefined }], make: (at, labels) => alerts(at, { labels }) },
  'rules of Prometheus': { at: 'site/watch/prometheus', values: [[{ name: 'a', rules: [{ alert: 'A', expr: '' }] }], [{ name: 'a', rules: [{ alert: 'A', expr: 'sum(' }] }], [{ name: '', rules: [{ alert: 'A', expr: 'up' }] }]], make: ({ watch }, rules) => new Prometheus(watch, 'prometheus', { rules }) },
  'retention of Prometheus': { at: 'site/watch/prometheus', values: times, make: ({ watch }, retention) => new Prometheus(watch, 'prometheus', { retention }) },
  'name of PrometheusRules': { at: 'site/watch/rules', values: names, make: (at, name) => rules(at, {}, { name }) },
  'labels of PrometheusRules': { at: 'site/watch/rules', values: [{ 'a b': 'c' }, { a: 'b c' }, { a: long }], make: (at, labels) => rules(at, {}, { labels }) },
  'a group’s name': { at: 'site/watch/rules', values: ['', ' '], make: (at, name) => rules(at, { name }) },
  'a group’s interval': { at: 'site/watch/rules', values: ['', '1', '1 m', 'a\nb', variable], make: (at, interval) => rules(at, { interval }) },
  'a rule’s expr': { at: 'site/watch/rules', values: ['', ' ', 'sum(', 'a b'], make: (at, expr) => rule(at, { expr }) },
  'a rule’s alert': { at: 'site/watch/rules', values: ['', ' '], make: (at, alert) => rule(at, { alert }) },
  'a rule’s for': { at: 'site/watch/rules', values: ['', '5', '5 minutes', 'a\nb', variable], make: (at, time) => rule(at, { for: time }) },
  'a rule’s labels': { at: 'site/watch/rules', values: [{ 'a b': 'c' }, { '': 'c' }, { Größe: 'c' }], make: (at, labels) => rule(at, { labels }) },
  'homeDashboard of Grafana': { at: 'site/watch/grafana', values: ['', ' ', 'istio-mehs', 'a\nb', '../x', variable], make: (at, homeDashboard) => grafana(at, { homeDashboard }) },
  'timeZone of Grafana': { at: 'site/watch/grafana', values: ['', 'Berlin', 'Europe/', 'a\nb', variable], make: (at, timeZone) => grafana(at, { timeZone }) },
  'access of Grafana': { at: 'site/watch/grafana', values: [{ adminPassword: { secret: 'A b', key: 'x' } }, { adminPassword: { secret: '', key: 'x' } }], make: (at, access) => grafana(at, { access }) },
  'retention of KubePrometheusStack': { at: 'site/charts/kube', values: times, make: (at, retention) => kube(at, { retention }) },
  'storage of KubePrometheusStack': { at: 'site/charts/kube', values: [{ size: '' }, { size: 'big' }], make: (at, storage) => kube(at, { storage }) },
  'timeZone of KubePrometheusStack': { at: 'site/charts/kube', values: ['Berlin', 'Europe/', 'a\nb', variable], make: (at, timeZone) => kube(at, { timeZone }) },
  'homeDashboard of KubePrometheusStack': { at: 'site/charts/kube', values: ['', 'istio-mehs', 'a\nb'], make: (at, homeDashboard) => kube(at, { homeDashboard }) },
  'name of KubePrometheusStack': { at: 'site/charts', values: names, make: (at, name) => kube(at, { name }) },
  'dashboardsLogin of Kiali': { at: 'site/watch/kiali', values: [{ user: 'a', password: { secret: 'A b', key: 'b' } }], make: (at, dashboardsLogin) => kiali(at, { dashboardsLogin }) },
  'uid of a Loki that is there': { at: 'site/watch/grafana', values: ['', ' ', 'a b', 'a\nb', 'x'.repeat(50), variable], make: (at, uid) => grafana(at, { sources: [Loki.fromExisting({ query: Endpoint.external({ host: 'loki.example', port: 3100, protocol: 'http' }), uid })] }) },
};

/** What is wrong with the end of a program with careless input; undefined where it is told as it should. */
function fault({ make, at }: Case, value: Loose): string | undefined {
  const before = contents(folder);
  const { status, text } = run((site) => make(site, value));
  const errors = text.split('\n').filter((line) => /^error: |^[A-Z]{3}\d{3} /.test(line));
  if (status === 0) return 'is taken';
  if (/^\s+at .*:\d+/m.test(text) || /crashes|TypeError|is not a function|is not iterable|Cannot read/.test(text))
    return `crashes: ${text.slice(0, 160)}`;
  if (errors.length === 0) return `says nothing: ${text.slice(0, 160)}`;
  if (!new RegExp(at).test(text)) return `does not say where: ${text.slice(0, 300)}`;
  if (text.length > 12_000) return 'says too much';
  return JSON.stringify(contents(folder)) === JSON.stringify(before) ? undefined : 'leaves another dist';
}

const shown = (value: Loose) => (JSON.stringify(value) ?? `${value}`).slice(0, 60);

describe('careless input', () => {
  beforeAll(() => {
    expect(run(() => undefined).status).toBe(0);
  });

  it.each(Object.entries(cases))('as %s is told', (_, one) => {
    const wrong = one.values.flatMap((value) => {
      const found = fault(one, value);
      return found === undefined ? [] : [`${shown(value)} ${found}`];
    });
    expect(wrong.join('\n')).toBe('');
  });
});
