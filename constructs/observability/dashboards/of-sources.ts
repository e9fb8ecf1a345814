import { browserUrl, type DataSource, type GrafanaSource, type Page } from '../../kit/index.ts';
import { type DashboardLinks, type Dashboards, dashboardsOf, istioDashboards } from './index.ts';

/** The dashboards of what the stores of metrics among some sources hold, as far as that is known now. */
export function dashboardsOfSources(sources: readonly GrafanaSource[]): Dashboards {
  const watched = sources.flatMap((source) => source.watched ?? []);
  return watched.length > 0 ? (links) => dashboardsOf(watched, links) : istioDashboards;
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
