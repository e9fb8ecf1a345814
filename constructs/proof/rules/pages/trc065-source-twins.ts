import { groupBy } from '../../group-by.ts';
import type { GrafanaSource } from '../../model/pages/grafana.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const sourceTwins: Rule = {
  code: 'TRC065',
  title: 'two data sources of one Grafana have the same uid or name, or are both the default',
  severity: 'error',
  run: (model) => {
    const files = model.grafana.sources.filter((one) => one.inFile);
    return [...groupBy(files, (one) => `${one.reader.id} ${one.org}`).values()].flatMap((sources) => [
      ...defaults(sources),
      ...twins(sources),
    ]);
  },
  docs: {
    cause:
      'Grafana reads all provisioning files of its folder as one. Two sources with `isDefault: true` stop it from starting (`Only one datasource per organization can be marked as default`), and so do two with one uid. Of two with the same name the last one wins (a warning). kube-prometheus-stack adds a default source Prometheus with the uid `prometheus` by itself.',
    fix: 'Keep one default and give every source a uid of its own. With kube-prometheus-stack leave isDefault out, or set `grafana.sidecar.datasources.isDefaultDatasource: false`.',
    example:
      'grafana:                 # values of kube-prometheus-stack\n  additionalDataSources:\n  - {name: Tempo, type: tempo, url: "http://tempo:3200", isDefault: true}',
  },
};

function defaults(sources: readonly GrafanaSource[]): Fault[] {
  const [first, ...others] = sources.filter((one) => one.isDefault).sort((a, b) => Number(b.implied) - Number(a.implied));
  // The same name twice is one source: the last one wins.
  return others
    .filter((one) => first !== undefined && !one.implied && one.name !== first.name)
    .map((one) => ({
      at: one.spot(['isDefault']),
      message: `"${one.name}" is the default beside "${first?.name}"${first?.implied ? ', which the chart adds' : ''}; Grafana does not start with two`,
      hint: first?.implied
        ? 'remove isDefault, or set grafana.sidecar.datasources.isDefaultDatasource: false'
        : 'keep isDefault on one of them',
    }));
}

function twins(sources: readonly GrafanaSource[]): Fault[] {
  const byName = [...groupBy(sources, (one) => one.name).values()].flatMap((same) => same.slice(1));
  const byUid = [...groupBy(sources, (one) => one.uid).values()].flatMap((same) =>
    same.slice(1).flatMap((one) => (same[0] && same[0].name !== one.name ? [{ one, first: same[0] }] : [])),
  );
  return [
    ...byUid
      .filter(({ one }) => !one.implied)
      .map(({ one, first }) => ({
        at: one.spot(['uid']),
        message: `"${one.name}" has the uid "${one.uid}" of "${first.name}"; Grafana does not start with two`,
        hint: 'give one of them another uid',
      })),
    ...byName
      .filter((one) => !one.implied && one.name !== '')
      .map((one) => ({
        at: one.spot(['name']),
        severity: 'warning' as const,
        message: `data source "${one.name}" is there twice; Grafana keeps the last one only`,
        hint: 'rename one of them, or keep one',
      })),
  ];
}
