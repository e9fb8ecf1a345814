import type { Finding } from '../constructs/proof/index.ts';
import { findingsOf } from './proof-world.ts';

/** A Grafana with two data sources, beside which the dashboards and rules of the tests stand. */
export const sources = `
apiVersion: v1
kind: ConfigMap
metadata: {name: grafana, namespace: observability}
data:
  datasources.yaml: |
    apiVersion: 1
    datasources:
    - {name: Prometheus, type: prometheus, uid: metrics, url: 'http://prometheus.elsewhere:9090', isDefault: true}
    - {name: Loki, type: loki, uid: logs, url: 'http://loki.elsewhere:3100'}
`;

const indented = (text: string) => text.trim().replace(/^/gm, '    ');

/** A ConfigMap with one file. */
export function file(name: string, key: string, text: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: observability}\ndata:\n  ${key}: |\n${indented(text)}\n`;
}

/** A dashboard with a panel for each query. */
export function dashboard(...queries: readonly string[]): string {
  const panels = queries.map((expr, i) => ({
    title: `p${i}`,
    datasource: { type: 'prometheus', uid: 'metrics' },
    targets: [{ expr }],
  }));
  return dashboardOf({ panels });
}

/** A dashboard of one's own. */
export function dashboardOf(content: object): string {
  return file('shown', 'shown.json', JSON.stringify({ title: 'Shown', panels: [], ...content }, null, 2));
}

/** Rules of a Prometheus by its operator. */
export function rules(...rows: readonly Readonly<Record<string, unknown>>[]): string {
  const spec = { groups: [{ name: 'g', rules: rows }] };
  return JSON.stringify({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'rules', namespace: 'observability' },
    spec,
  });
}

/** What is said of queries, beside {@link sources}. */
export function said(...objects: readonly string[]): Finding[] {
  return findingsOf(textOf(...objects)).filter(({ code }) => /^OBS00/.test(code));
}

/** The text that {@link said} judges. */
export function textOf(...objects: readonly string[]): string {
  return [sources, ...objects].join('\n---\n');
}
