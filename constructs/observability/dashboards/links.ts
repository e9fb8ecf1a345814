import type { DataSource } from '../../kit/index.ts';

/** What dashboards can lead to besides each other. */
export interface DashboardLinks {
  /** Where browsers open Kiali, its path included: `https://kiali.example.com/kiali`. @default no link to Kiali */
  readonly kiali?: string;
  /** The data source with the traces, by which failed requests are looked up. @default no link to traces */
  readonly traces?: Pick<DataSource, 'uid' | 'type'>;
}

/** Uids stay the same for ever: links and bookmarks hold them. */
export const uids = {
  mesh: 'istio-mesh',
  service: 'istio-service',
  workload: 'istio-workload',
  performance: 'istio-performance',
  controlPlane: 'istio-control-plane',
  ztunnel: 'istio-ztunnel',
  waypoint: 'istio-waypoint',
  serviceGraph: 'trace-service-graph',
  collector: 'trace-collector',
  jaeger: 'trace-jaeger',
  tempo: 'trace-tempo',
  zipkin: 'trace-zipkin',
  skywalking: 'trace-skywalking',
  loki: 'logs-loki',
} as const;

/** A link of a point, a row or a dashboard, as Grafana spells it (Grafana 13, data links). */
export interface Link {
  readonly title: string;
  readonly url: string;
  readonly targetBlank: boolean;
}

/** What a link says for a label of the line that it was clicked on. */
export const labelOf = (label: string): string => `\${__field.labels.${label}}`;
/** What a link says for a column of the row that it was clicked on. */
export const fieldOf = (column: string): string => `\${__data.fields.${column}}`;
/** What a link says for a variable of its dashboard. */
export const valueIn = (variable: string): string => `\${${variable}}`;

/** To another dashboard, for the same time and the same data source. */
export function toDashboard(title: string, to: keyof typeof uids, variables: Readonly<Record<string, string>>): Link {
  const chosen = Object.entries(variables).map(([name, value]) => `&var-${name}=${value}`);
  return {
    title,
    url: `/d/${uids[to]}?var-datasource=\${datasource}${chosen.join('')}&\${__url_time_range}`,
    targetBlank: false,
  };
}

/** To Kiali's page of a service or workload, or to the graph of all traffic (Kiali 2.29, console paths). */
export function toKiali(
  { kiali }: DashboardLinks,
  page: 'graph' | { readonly of: 'services' | 'workloads'; readonly namespace: string; readonly name: string },
): Link[] {
  if (kiali === undefined) return [];
  const path = page === 'graph' ? 'graph/namespaces' : `namespaces/${page.namespace}/${page.of}/${page.name}`;
  return [{ title: 'Kiali', url: `${kiali.replace(/\/+$/, '')}/console/${path}`, targetBlank: true }];
}

/**
 * To the failed requests of a service in Explore: TraceQL by the host that the caller's proxy wrote into its span, or Jaeger's search by the
 * service's name as proxies call it. Grafana's page of Zipkin takes no search from outside.
 *
 * @param of how the link says the full host, the name and the namespace of the service
 */
export function toFailedTraces(
  { traces }: DashboardLinks,
  of: { readonly host: string; readonly name: string; readonly namespace: string },
): Link[] {
  const query =
    traces?.type === 'tempo'
      ? { queryType: 'traceql', query: `{ status = error && span.upstream_cluster =~ ".*${of.host}.*" }`, limit: 20 }
      : traces?.type === 'jaeger'
        ? { queryType: 'search', service: `${of.name}.${of.namespace}`, tags: 'error=true', limit: 20 }
        : undefined;
  if (!traces || !query) return [];
  const datasource = { type: traces.type, uid: traces.uid };
  const range = { from: valueIn('__from'), to: valueIn('__to') };
  const panes = { failed: { datasource: traces.uid, queries: [{ refId: 'A', datasource, ...query }], range } };
  return [{ title: 'Failed traces', url: `/explore?schemaVersion=1&panes=${encoded(panes)}`, targetBlank: false }];
}

/** Encoded for an address, but for the variables that Grafana fills in. */
function encoded(value: object): string {
  return encodeURIComponent(JSON.stringify(value)).replaceAll(/%24%7B([\w.]+)%7D/g, '$${$1}');
}
