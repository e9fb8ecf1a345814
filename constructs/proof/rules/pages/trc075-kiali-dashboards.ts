import { nearest } from '../../../kit/nearest.ts';
import { at, items } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { dashboardFiles } from '../../model/pages/dashboard-files.ts';
import type { Rule } from '../../rule.ts';

export const kialiDashboards: Rule = {
  code: 'TRC075',
  title: 'Kiali links to a dashboard that Grafana does not have',
  severity: 'warning',
  run: (model) => {
    const titles = new Set(model.dashboards.map((one) => one.title));
    if (titles.size === 0) return [];
    const whole = showsDashboards(model);
    return model.kialis.flatMap(({ grafana }) =>
      (grafana.on ? grafana.dashboards : []).flatMap(({ title, at }) => {
        const near = titles.has(title) ? undefined : nearest(title, titles);
        if (titles.has(title) || (near === undefined && (!whole || mayBeBroken(model, title)))) return [];
        return [
          {
            at,
            message: `Kiali links to the dashboard "${title}", which Grafana does not have`,
            hint: near === undefined ? `name one of: ${[...titles].sort().slice(0, 6).join(', ')}` : `did you mean "${near}"?`,
          },
        ];
      }),
    );
  },
  docs: {
    cause:
      'Kiali looks dashboards up in Grafana by their exact titles (`external_services.grafana.dashboards[].name`) and leaves the link out when there is none. Said where the input shows all dashboards, or one whose title is nearly the same.',
    fix: 'Write the title as the dashboard has it, or provision the dashboard.',
    example:
      'grafana:\n  dashboards:\n  - {name: Istio Services Dashboard, variables: {namespace: var-namespace}}   # the title is Istio Service Dashboard',
  },
};

/** A plain Grafana that keeps nothing has the dashboards of the input and no others. */
export function showsDashboards({ grafana, objects, workloads, world }: Model): boolean {
  if (!grafana.whole || world.generated.length > 0) return false;
  const keeps = workloads.some(
    ({ object, podSpec = [] }) =>
      object.name.includes('grafana') &&
      (object.kind === 'StatefulSet' ||
        items(object.json, ...podSpec, 'volumes').some((volume) => at(volume, 'persistentVolumeClaim') !== undefined)),
  );
  return !keeps && !objects.some(({ group }) => group === 'grafana.integreatly.org');
}

/** Whether one that Grafana cannot load (OBS011) may be the dashboard of this title: it has none, or is no JSON. */
function mayBeBroken(model: Model, title: string): boolean {
  return dashboardFiles(model).some(
    ({ readers, json, title: own, source }) =>
      readers.length > 0 && own === undefined && (json !== undefined || source.includes(JSON.stringify(title))),
  );
}
