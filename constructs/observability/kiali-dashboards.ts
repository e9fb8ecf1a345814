import type { KialiSpecExternalServicesGrafanaDashboards } from '../../imports/kiali.io.ts';

const datasource = 'var-datasource';

/**
 * What Kiali shows, and the variables that it fills in (Kiali 2.29, frontend GrafanaLinks and GrafanaInfo): those that take a service or a
 * workload on the pages of these, a few by their exact titles on the page of namespaces, one on ztunnel's. It asks Grafana for each, and
 * does nothing with any other.
 */
const shown: Readonly<Record<string, NonNullable<KialiSpecExternalServicesGrafanaDashboards['variables']>>> = {
  'Istio Service Dashboard': { datasource, namespace: 'var-namespace', service: 'var-service' },
  'Istio Workload Dashboard': { datasource, namespace: 'var-namespace', workload: 'var-workload' },
  'Istio Mesh Dashboard': { datasource },
  'Istio Control Plane Dashboard': { datasource },
  'Istio Performance Dashboard': { datasource },
  'Istio Wasm Extension Dashboard': { datasource },
  'Istio Ztunnel Dashboard': { datasource },
};

/**
 * The dashboards of a Grafana that Kiali's pages lead to, in the Grafana's order.
 *
 * @internal
 */
export function dashboardsForKiali(titles: readonly string[]): KialiSpecExternalServicesGrafanaDashboards[] {
  return titles.flatMap((name) => {
    const variables = Object.hasOwn(shown, name) ? shown[name] : undefined;
    return variables ? [{ name, variables }] : [];
  });
}
