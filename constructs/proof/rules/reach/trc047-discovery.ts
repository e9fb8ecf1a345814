import { items, strings } from '../../json-path.ts';
import { anyOf, matchesSelector } from '../../model/reach/label-selector.ts';
import { reachOf } from '../../model/reach/reach.ts';
import { registryOf } from '../../model/reach/registry.ts';
import { labelText } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';

export const discovery: Rule = {
  code: 'TRC047',
  title: 'discoverySelectors leave out the namespace of the tracing provider',
  severity: 'error',
  run: (model) => {
    const reach = reachOf(model);
    const registry = registryOf(model);
    return [...reach.flows.keys()].flatMap((tracer) => {
      const selectors = items(tracer.mesh.value, 'discoverySelectors');
      if (tracer.is !== 'provider' || tracer.provider.service === undefined || selectors.length === 0) return [];
      const home = registry.find(tracer.provider.service, tracer.mesh.rootNamespace);
      if (!home) return [];
      const labels = reach.namespaces.labels(home.namespace);
      if (anyOf(selectors.map((one) => matchesSelector(one, labels))) !== 'no') return [];
      const wanted = labelText(strings(selectors[0], 'matchLabels'));
      return [
        {
          at: tracer.mesh.spot(['discoverySelectors']),
          message: `namespace ${home.namespace} is selected by none of them, so Istio does not know ${home.host}, where provider "${tracer.provider.name}" sends: tracing is off`,
          hint: wanted === '' ? `take namespace ${home.namespace} in` : `label namespace ${home.namespace} ${wanted}`,
          cause: `discovery of ${home.namespace}`,
        },
      ];
    });
  },
  docs: {
    cause:
      '`discoverySelectors` of the mesh config limit Istio to the namespaces they select. The namespace of the provider’s Service carries none of their labels, so the Service is not in the registry and tracing is off.',
    fix: 'Label the namespace as a selector wants it, or add a selector.',
    example: 'discoverySelectors:\n- matchLabels: {istio-discovery: enabled}   # namespace observability has no such label',
  },
};
