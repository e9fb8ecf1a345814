import { parser } from '@prometheus-io/lezer-promql';
import { type DashboardLinks, dashboardsOf } from '../constructs/index.ts';
import type { Watched, WatchedProgram } from '../constructs/kit/index.ts';
import { metrics, scrapeLabels } from '../constructs/kit/metrics/index.ts';
import type { Loose } from './support/synth.ts';

/** One of each kind; a new kind of program does not compile until it stands here. */
const programs: { readonly [K in WatchedProgram]: Watched & { readonly is: K } } = {
  collector: { is: 'collector', namespace: 'observability', name: 'otel-collector', makes: ['service-graph', 'span-metrics'] },
  jaeger: { is: 'jaeger', namespace: 'observability', name: 'jaeger' },
  tempo: { is: 'tempo', namespace: 'observability', name: 'tempo' },
  zipkin: { is: 'zipkin', namespace: 'istio-system', name: 'zipkin' },
  skywalking: { is: 'skywalking', namespace: 'istio-system', name: 'oap' },
  loki: { is: 'loki', namespace: 'observability', name: 'loki' },
};

export const mesh = (dataplane: 'sidecar' | 'ambient'): Watched => ({
  is: 'mesh',
  namespace: 'istio-system',
  dataplane,
  traced: true,
});

/** Everything that there can be, ambient. */
export const everything: readonly Watched[] = [mesh('ambient'), ...Object.values(programs)];

/** Each link that there can be. */
export const everyLink: Required<DashboardLinks> = {
  kiali: 'https://kiali.example.com/kiali',
  traces: { uid: 'tempo', type: 'tempo' },
};

/** Dashboards as Grafana reads them. */
export function made(watched: readonly Watched[], links: DashboardLinks = everyLink): Loose[] {
  return JSON.parse(JSON.stringify(dashboardsOf(watched, links)));
}

export const panelsOf = (d: Loose): Loose[] => d.panels.filter((p: Loose) => p.type !== 'row');
export const variablesOf = (d: Loose): Loose[] => d.templating.list;
export const asksPrometheus = (p: Loose): boolean => p.datasource.type === 'prometheus';
export const queriesOf = (d: Loose): string[] =>
  panelsOf(d)
    .filter(asksPrometheus)
    .flatMap((p) => p.targets.map((t: Loose) => t.expr));

/** Every link of a dashboard: its own, of panels, and of columns. */
export function linksOf(d: Loose): Loose[] {
  const ofPanels = panelsOf(d).flatMap(({ fieldConfig }) => [
    ...(fieldConfig.defaults.links ?? []),
    ...fieldConfig.overrides.flatMap((o: Loose) => o.properties.flatMap((p: Loose) => (p.id === 'links' ? p.value : []))),
  ]);
  return [...d.links.filter((l: Loose) => l.type === 'link'), ...ofPanels];
}

/** A query as Prometheus gets it. */
export const substituted = (query: string): string => query.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, 'chosen');

/** What is wrong with a query: its syntax, and metrics and labels that no program exposes. */
export function faultsOf(query: string): string[] {
  const text = substituted(query);
  const faults: string[] = [];
  parser.parse(text).iterate({
    enter: ({ node, type, from, to }) => {
      const at = (n: { from: number; to: number }) => text.slice(n.from, n.to);
      if (type.isError) faults.push(`syntax at ${from}: ${query}`);
      if (type.name === 'VectorSelector') faults.push(...faultsOfSelector(text.slice(from, to)));
      if (type.name !== 'AggregateExpr') return;
      const grouped = node.getChild('AggregateModifier')?.getChild('GroupingLabels')?.getChildren('LabelName') ?? [];
      for (const selector of text.slice(from, to).matchAll(/([a-z_]\w*)\{/g)) {
        for (const label of grouped) {
          if (!labelsOf(selector[1] ?? '').includes(at(label))) faults.push(`${selector[1]} has no label ${at(label)}`);
        }
      }
    },
  });
  return faults;
}

function faultsOfSelector(selector: string): string[] {
  const [, name = '', matchers = ''] = /^(\w*)(.*)$/s.exec(selector) ?? [];
  const names = name === '' ? (/__name__=~"([^"]*)"/.exec(matchers)?.[1]?.split('|') ?? ['']) : [name];
  return names.flatMap((one) => {
    if (labelsOf(one).length === 0) return [`no metric ${one}`];
    const labels = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)"/g)].map((m) => m[1] ?? '').filter((l) => l !== '__name__');
    return labels.filter((l) => !labelsOf(one).includes(l)).map((l) => `${one} has no label ${l}`);
  });
}

/** The labels of a series; none when there is no such series. */
export function labelsOf(series: string): readonly string[] {
  const known: Readonly<Record<string, { readonly type: string; readonly labels: readonly string[] }>> = metrics;
  const plain = known[series];
  if (plain && plain.type !== 'histogram') return [...plain.labels, ...scrapeLabels];
  const [, name = '', part] = /^(.*)_(bucket|sum|count)$/.exec(series) ?? [];
  const histogram = known[name];
  if (histogram?.type !== 'histogram') return [];
  return [...histogram.labels, ...scrapeLabels, ...(part === 'bucket' ? ['le'] : [])];
}

/** Names of the variables in a text, Grafana's own left out. */
export const names = (text: string): string[] => [...text.matchAll(/\$\{?(?!__)([A-Za-z]\w*)/g)].flatMap((m) => m[1] ?? []);
