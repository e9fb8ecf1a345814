import type { Model } from '../../model/model.ts';
import { type GrafanaSource, kindOf, type SourceKind } from '../../model/pages/grafana.ts';
import type { Rule } from '../../rule.ts';
import { typeBehind } from './queries.ts';
import { linksOf } from './source-links.ts';

export const sourceKind: Rule = {
  code: 'TRC064',
  title: 'a link leads to a data source of the wrong type',
  severity: 'error',
  run: (model) =>
    linksOf(model).flatMap(({ what, uid, wants, type, at }) => {
      const found = model.grafana.find(uid);
      const [first] = found;
      const fits = (one: { readonly type: string }) => {
        const kind = kindOf(one.type);
        return type === undefined
          ? wants === undefined || kind === undefined || kind === wants
          : one.type === type || kind === undefined;
      };
      if (!first || found.some(fits) || found.some((one) => hasWrongType(model, one, fits))) return [];
      const better = model.grafana.sources.find((one) => fits(one) && kindOf(one.type) !== undefined && one.uid !== undefined);
      return [
        {
          at,
          message: `${what} wants ${type === undefined ? WANTED[wants ?? 'metrics'] : `a data source of type ${type}`}, but "${uid}" is of type ${first.type}`,
          hint: better ? `did you mean "${better.uid}" (${better.name})?` : 'name a data source of that kind, or remove the link',
        },
      ];
    }),
  docs: {
    cause:
      'The uid is there, but it belongs to a data source that cannot answer: a service map is read from metrics, a trace’s logs from Loki or the like, an exemplar leads to a tracing backend, Kiali’s links to Tempo lead to a data source of type tempo. The panel behind the link shows an error.',
    fix: 'Name the uid of a data source of the right type.',
    example: 'jsonData: {serviceMap: {datasourceUid: loki}}   # a service map is made of metrics',
  },
};

/** Whether the backend is right and only the data source's type is wrong: TRC060. */
function hasWrongType(model: Model, source: GrafanaSource, fits: (one: { readonly type: string }) => boolean): boolean {
  const type = typeBehind(model, source);
  return type !== undefined && fits({ type });
}

const WANTED: Readonly<Record<SourceKind, string>> = {
  metrics: 'a data source of metrics',
  traces: 'a data source of traces',
  logs: 'a data source of logs',
  profiles: 'a data source of profiles',
};
