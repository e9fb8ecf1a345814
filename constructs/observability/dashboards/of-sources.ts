import { browserUrl, type DataSource, type GrafanaSource, type Page } from '../../kit/index.ts';
import { type DashboardLinks, dashboardsOf, istioDashboards, type OwnDashboard } from './index.ts';

/** The dashboards of what the stores of metrics among some sources hold, as far as that is known when they are asked for. */
export function dashboardsOfSources(sources: readonly GrafanaSource[]): (links: DashboardLinks) => readonly OwnDashboard[] {
  // A Tempo or Loki says what it is itself, not whose metrics it holds.
  const stores = sources.filter((source) => source.toDataSource().type === 'prometheus');
  return (links) => {
    const watched = stores.flatMap((source) => source.watched ?? []);
    return watched.length > 0 ? dashboardsOf(watched, links) : istioDashboards(links);
  };
}

/**
 * What a validation says of a Grafana that was made before its Prometheus knew everything: each dashboard is an object of its own, so they
 * are fixed when it is made.
 *
 * @param shown those that it was made with
 * @param where the Grafana
 */
export function missingDashboards(
  sources: readonly GrafanaSource[],
  shown: readonly { readonly uid: string }[],
  where: string,
): string[] {
  const missing = dashboardsOfSources(sources)({}).filter(({ uid }) => shown.every((one) => one.uid !== uid));
  if (missing.length === 0) return [];
  const titles = missing.map(({ title }) => `'${title}'`).join(', ');
  return [
    `'${where}' does not show ${titles}: its prometheus was told to scrape these after it was made; call scrape() first, or make it after the last one`,
  ];
}

/** The first of some sources with traces that takes a search from a link. */
export function searchable(sources: readonly GrafanaSource[]): DashboardLinks['traces'] {
  const all = sources.map((source) => source.toDataSource());
  const first = (type: DataSource['type']) => all.find((source) => source.type === type);
  return first('tempo') ?? first('jaeger');
}

/** Where dashboards lead: to a data source with traces, and to Kiali once it is published. To be asked at synth. */
export function linksTo(traces: DashboardLinks['traces'], kiali: Page | undefined): DashboardLinks {
  const url = kiali && browserUrl(kiali);
  return {
    ...(url === undefined ? {} : { kiali: url }),
    ...(traces ? { traces: { uid: traces.uid, type: traces.type } } : {}),
  };
}
