import { nearest } from '../../../kit/nearest.ts';
import { strings } from '../../json-path.ts';
import { dashboardFiles, looksLikeDashboard } from '../../model/pages/dashboard-files.ts';
import { type DashboardSidecar, dashboardSidecars, looksInto } from '../../model/pages/dashboard-sidecars.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { liveApart } from '../apart.ts';

export const dashboardPassedOver: Rule = {
  code: 'OBS013',
  title: 'a dashboard that no sidecar of Grafana looks for',
  severity: 'warning',
  run: (model) => {
    const { all, open } = dashboardSidecars(model);
    const [first] = all;
    if (!first || open) return [];
    const left = new Set(
      dashboardFiles(model).flatMap((one) =>
        one.readers.length === 0 && one.object.kind === 'ConfigMap' && looksLikeDashboard(one) ? [one.object] : [],
      ),
    );
    return [...left].flatMap((object) => {
      const faults = all.flatMap((sidecar) => (liveApart(sidecar.object, object) ? [] : (faultOf(sidecar, object) ?? [])));
      return faults.slice(0, 1);
    });
  },
  docs: {
    cause:
      'The sidecar of Grafana’s charts takes the ConfigMaps with one label (`sidecar.dashboards.label`, `grafana_dashboard`), with one value where one is set (kube-prometheus-stack: `"1"`), in the namespaces of `searchNamespace` (chart grafana: its own). A dashboard with another label or value, or elsewhere, is not there, and nothing says so.',
    fix: 'Label the ConfigMap as the sidecar wants it, or let it look into all namespaces: `searchNamespace: ALL`.',
    example: 'kind: ConfigMap   # beside kube-prometheus-stack\nmetadata: {name: mesh, labels: {grafana_dashboard: "true"}}',
  },
};

function faultOf({ label, value, searches, object: sidecar }: DashboardSidecar, object: ProofObject): Fault | undefined {
  const labels = strings(object.json, 'metadata', 'labels');
  const stated = labels.get(label);
  const wanted = `${label}: "${value ?? '1'}"`;
  const fault = (message: string, hint: string): Fault => ({
    at: spotOf(object, ['metadata', 'labels']),
    message,
    hint,
    cause: `dashboards passed over by ${sidecar.id}: ${hint}`,
  });
  if (stated !== undefined && value !== undefined && stated !== value)
    return fault(`label ${label} is "${stated}", but the sidecar of ${sidecar.id} takes "${value}" only`, `label it ${wanted}`);
  if (stated !== undefined && !looksInto(searches, object.namespace))
    return fault(
      `the sidecar of ${sidecar.id} does not look into namespace ${object.namespace}`,
      'set searchNamespace: ALL, or put the ConfigMap beside Grafana',
    );
  const near = stated === undefined ? nearest(label, [...labels.keys()]) : undefined;
  if (near === undefined) return undefined;
  return fault(`label ${near} is none that the sidecar of ${sidecar.id} looks for`, `did you mean ${wanted}?`);
}
