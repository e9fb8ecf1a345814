import { toYaml } from '../constructs/kit/yaml.ts';

/** A plain object of a cluster. */
type Manifest = Readonly<Record<string, unknown>>;

/**
 * What many teams ask a Prometheus, as one text: of each team three dashboards of thirty queries, which lead to each other, for a sidecar of
 * Grafana, and a PrometheusRule of ten alerts. Nothing in it is wrong.
 *
 * @param round is in every query: what was read in an earlier round is of no use in the next
 */
export function dashboardWorld(teams: number, round: number): string {
  const names = Array.from({ length: teams }, (_, i) => `team-${round}-${i}`);
  const all = [...grafana, ...names.flatMap((name) => [...PAGES.map((page) => dashboardOf(name, page)), rulesOf(name)])];
  return all.map((one) => `---\n${toYaml(one)}`).join('');
}

const NAMESPACE = 'observability';
const PAGES: readonly string[] = ['requests', 'errors', 'latency'];

const grafana: readonly Manifest[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
  object('apps/v1', 'Deployment', 'grafana', {
    spec: {
      selector: { matchLabels: { app: 'grafana' } },
      template: {
        metadata: { labels: { app: 'grafana' } },
        spec: {
          containers: [
            { name: 'grafana', image: 'grafana/grafana:13.0.1' },
            {
              name: 'dashboards',
              image: 'quay.io/kiwigrid/k8s-sidecar:2.1.2',
              env: [{ name: 'LABEL', value: 'grafana_dashboard' }],
            },
          ],
        },
      },
    },
  }),
];

function dashboardOf(team: string, page: string): Manifest {
  const uid = `${team}-${page}`;
  const panels = Array.from({ length: 30 }, (_, i) => ({
    id: i + 1,
    type: 'timeseries',
    title: `Panel ${i}`,
    datasource: { type: 'prometheus', uid: 'prometheus' },
    targets: [{ refId: 'A', expr: `${share(team, `${page}-${i}`)}` }],
  }));
  const links = PAGES.map((other) => ({ type: 'link', title: other, url: `/d/${team}-${other}` }));
  const json = { uid, title: `${page} of ${team}`, links, panels, templating: { list: [] } };
  return object(
    'v1',
    'ConfigMap',
    uid,
    { data: { [`${uid}.json`]: JSON.stringify(json, undefined, 2) } },
    { grafana_dashboard: '1' },
  );
}

function rulesOf(team: string): Manifest {
  const rules = Array.from({ length: 10 }, (_, i) => ({
    alert: `Alert${i}`,
    expr: `${share(team, `alert-${i}`)} > 0.05`,
    for: '5m',
  }));
  return object('monitoring.coreos.com/v1', 'PrometheusRule', team, { spec: { groups: [{ name: team, rules }] } });
}

function share(team: string, service: string): string {
  const of = `destination_workload_namespace="${team}", destination_service_name=~"${service}"`;
  const failed = `sum by (destination_service_name) (rate(istio_requests_total{reporter="destination", ${of}, response_code=~"5.."}[5m]))`;
  return `${failed} / sum by (destination_service_name) (rate(istio_requests_total{reporter="destination", ${of}}[5m]))`;
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
  rest: Manifest,
  labels?: Readonly<Record<string, string>>,
): Manifest {
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE, ...(labels ? { labels } : {}) }, ...rest };
}
