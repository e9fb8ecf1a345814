import type { Model } from '../../model/model.ts';
import type { Dashboard, SourceRef } from '../../model/pages/dashboards.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { typeBehind } from './queries.ts';
import { nearUid, uidList } from './source-links.ts';

export const dashboardSource: Rule = {
  code: 'TRC076',
  title: 'a dashboard names a data source that Grafana does not have',
  severity: 'warning',
  run: (model) =>
    model.dashboards.flatMap((dashboard) => [
      ...dashboard.refs.flatMap((ref) => refFault(model, dashboard, ref) ?? []),
      ...dashboard.offers.flatMap((offer) => offerFault(model, dashboard, offer) ?? []),
    ]),
  docs: {
    cause:
      'Panels of a dashboard in a ConfigMap or GrafanaDashboard name a data source by a uid that none has, or by a variable that the dashboard does not define: exports from grafana.com hold `$DS_PROMETHEUS` in braces, which only the import page of Grafana fills in, provisioning does not. The panels say `Datasource not found`.',
    fix: 'Name the uid of a data source that is provisioned, or use a variable of type datasource: `$datasource`.',
    example: '{"panels": [{"datasource": {"type": "prometheus", "uid": "prometheus-main"}}]}   # the uid is prometheus',
  },
};

// Grafana's own: its test data, a mix, another panel, expressions, the default.
const BUILT_IN = /^(-- .* --|grafana|__expr__|default|-100)$/i;

function refFault(model: Model, dashboard: Dashboard, { uid, at }: SourceRef): Fault | undefined {
  const { title, variables, filledIn } = dashboard;
  const variable = /^(?:\$\{?|\[\[)(\w+)/.exec(uid)?.[1];
  if (variable !== undefined) {
    if (filledIn || variable.startsWith('__') || variables.has(variable) || model.grafana.find(uid).length > 0) return undefined;
    return {
      at,
      message: `dashboard "${title}" names data source "${uid}", a variable that it does not define`,
      hint: 'add a variable of type datasource, or write the uid',
      cause: `${dashboard.object.id} ${title} ${uid}`,
    };
  }
  const { whole, find, sources } = model.grafana;
  if (sources.length === 0 || uid.includes('$') || BUILT_IN.test(uid) || find(uid).length > 0) return undefined;
  const near = nearUid(model, uid);
  if (near === undefined && !whole) return undefined;
  return {
    at,
    message: `dashboard "${title}" names data source "${uid}", but none has this uid`,
    hint: near ?? uidList(model),
    cause: `data source ${uid}`,
    // Where every source is known, the panel shows nothing.
    ...(whole ? { severity: 'error' } : {}),
  };
}

function offerFault(model: Model, { title }: Dashboard, { uid: name, type, at }: SourceRef): Fault | undefined {
  const { whole, sources } = model.grafana;
  if (
    !whole ||
    type === undefined ||
    type.includes('$') ||
    sources.some((one) => one.type === type || typeBehind(model, one) === type)
  )
    return undefined;
  return {
    at,
    message: `variable ${name} of dashboard "${title}" offers data sources of type ${type}, but there is none`,
    hint: `provision a data source of type ${type}`,
    cause: `data source of type ${type}`,
  };
}
