import type { Rule } from '../../rule.ts';
import { linksOf, nearUid, uidList } from './source-links.ts';

export const sourceUid: Rule = {
  code: 'TRC063',
  title: 'a link names a data source that Grafana does not have',
  severity: 'error',
  run: (model) => {
    const { sources, whole, find } = model.grafana;
    if (sources.length === 0) return [];
    return linksOf(model).flatMap(({ what, uid, at }) => {
      if (find(uid).length > 0) return [];
      const near = nearUid(model, uid);
      // Charts, sidecars and people add sources that the input does not show.
      if (near === undefined && !whole) return [];
      return [
        {
          at,
          message: `${what} names data source "${uid}", but none has this uid`,
          hint: near ?? uidList(model),
          cause: `data source ${uid}`,
        },
      ];
    });
  },
  docs: {
    cause:
      'The uid in `serviceMap`, `tracesToLogsV2`, `tracesToMetrics`, `exemplarTraceIdDestinations`, `derivedFields` or Kiali’s `tempo_config.datasource_uid` is no uid of a data source. The link is not shown, the service graph stays empty. A source without a uid gets one made from its name (`P` and a hash): others cannot guess it. Said only where the input shows all sources, or when one is nearly the same.',
    fix: 'State `uid` on the data source that is meant, and name it exactly.',
    example:
      'datasources:\n- {name: Prometheus, type: prometheus, url: "http://prometheus:9090"}   # no uid\n- {name: Tempo, type: tempo, url: "http://tempo:3200", jsonData: {serviceMap: {datasourceUid: prometheus}}}',
  },
};
