import { nearest } from '../../../kit/nearest.ts';
import { text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { SourceLink } from '../../model/pages/grafana.ts';

/** Everything that names a data source by its uid, dashboards aside: other data sources, and Kiali for its links to Tempo. */
export function linksOf(model: Model): (SourceLink & { readonly type?: string })[] {
  const kialis = model.kialis.flatMap(({ tracing }) => {
    const { enabled, provider, dataSource, urlFormat } = tracing;
    if (enabled !== true || provider !== 'tempo' || urlFormat !== 'grafana' || !dataSource) return [];
    return [{ what: "Kiali's tempo_config", uid: dataSource.uid, wants: 'traces' as const, type: 'tempo', at: dataSource.at }];
  });
  const shown = model.kialis.flatMap(({ grafana: { on, dataSource } }) =>
    on && dataSource
      ? [{ what: "Kiali's grafana.datasource_uid", uid: dataSource.uid, wants: 'metrics' as const, at: dataSource.at }]
      : [],
  );
  return [...model.grafana.links, ...kialis, ...shown];
}

/** What to write instead of a uid that no source has; undefined when none is like it. */
export function nearUid(model: Model, uid: string): string | undefined {
  const { sources } = model.grafana;
  // Named as a person would expect the uid to be, had it been stated.
  const meant = sources.find(
    (one) => one.inFile && text(one.json, 'uid') === undefined && one.name.toLowerCase() === uid.toLowerCase(),
  );
  if (meant) return `give data source "${meant.name}" the uid "${uid}"`;
  const near = nearest(
    uid,
    sources.flatMap((one) => one.uid ?? []),
  );
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

/** The uids there are, for a hint. */
export function uidList(model: Model): string {
  const uids = [...new Set(model.grafana.sources.flatMap((one) => one.uid ?? []))].sort();
  return `name one of ${uids.slice(0, 5).join(', ')}${uids.length > 5 ? ` and ${uids.length - 5} more` : ''}`;
}
