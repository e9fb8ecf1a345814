import { anyOf } from '../../model/reach/label-selector.ts';
import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';
import { hasOtherReaders, selectsMonitor, wantedLabels } from '../pages/trc078-monitor-selected.ts';

export const ruleSelected: Rule = {
  code: 'OBS018',
  title: 'alert rules that no Prometheus selects',
  severity: 'warning',
  run: (model) => {
    const servers = model.prometheuses.all.filter((one) => one.is !== 'workload');
    const [first] = servers;
    // Thanos and Mimir read them too.
    if (!first || hasOtherReaders(model) || model.kind('ThanosRuler').length > 0) return [];
    const namespaces = new Map(model.kind('Namespace').map((one) => [one.name, one]));
    const wants = wantedLabels(first, 'rule');
    return model.kind('PrometheusRule').flatMap((rule) => {
      if (rule.group !== 'monitoring.coreos.com') return [];
      const matches = servers.map((server) => selectsMonitor(server, 'rule', rule, namespaces.get(rule.namespace)));
      if (anyOf(matches) !== 'no') return [];
      return [
        {
          at: spotOf(rule, ['metadata', 'labels']),
          message: `is selected by no Prometheus of the input (${servers.map((one) => one.object.id).join(', ')}): nobody evaluates its rules`,
          hint: wants
            ? `label it ${wants}, or widen ruleSelector`
            : 'set ruleSelector and ruleNamespaceSelector of the Prometheus',
          cause: `rules not selected by ${servers.map((one) => one.object.id).join(' ')}: ${wants ?? ''}`,
        },
      ];
    });
  },
  docs: {
    cause:
      'The Prometheus operator reads only the PrometheusRules that the Prometheus selects: `ruleSelector` unset selects none, and kube-prometheus-stack selects those with the label `release` of its own release. No alert of the others is ever sent.',
    fix: 'Give it the labels that the selector wants, or widen the selector; for the chart `ruleSelectorNilUsesHelmValues: false`.',
    example:
      'apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: mesh, namespace: istio-system}   # no label release: kube-prometheus-stack',
  },
};
