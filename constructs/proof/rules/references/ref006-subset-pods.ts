import { hostKey } from '../../model/destination-rules.ts';
import { labelText, selects } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';

// Labels that istiod adds to endpoints: where they run, in no pod template.
const OF_PLATFORM = /^(topology\.kubernetes\.io|topology\.istio\.io|kubernetes\.io|failure-domain\.beta\.kubernetes\.io)\//;

export const subsetPods: Rule = {
  code: 'REF006',
  title: 'a subset that no pod has',
  severity: 'error',
  run: (model) => {
    const routed = new Set(
      model.routes.flatMap((route) =>
        route.destinations.map((to) => `${hostKey(to.host, route.object.namespace)}/${to.subset ?? ''}`),
      ),
    );
    return model.destinationRules.all.flatMap((rule) => {
      const found = model.services.find(rule.host, rule.object.namespace);
      if (found.is !== 'service' || found.service.created || found.service.selector.size === 0) return [];
      const { service } = found;
      const pods = model.workloadsIn(service.namespace).filter((workload) => selects(service.selector, workload.labels));
      if (pods.length === 0) return [];
      return rule.subsets.flatMap(({ name, labels: stated, at }) => {
        const labels = new Map([...stated].filter(([key]) => !OF_PLATFORM.test(key)));
        if (pods.some((workload) => selects(labels, workload.labels))) return [];
        const used = routed.has(`${hostKey(rule.host, rule.object.namespace)}/${name}`);
        const values = [
          ...new Set(pods.flatMap((pod) => [...labels.keys()].map((key) => `${key}=${pod.labels.get(key) ?? '(none)'}`))),
        ].sort();
        return [
          {
            at,
            severity: used
              ? ('error' as const)
              : rule.object.origin.construct === null
                ? ('info' as const)
                : ('warning' as const),
            message: `subset "${name}" (${labelText(labels)}) selects none of the pods of ${service.id}`,
            hint: `its pods have ${values.join(', ')}${used ? '' : '; no route uses the subset yet'}`,
          },
        ];
      });
    });
  },
  docs: {
    cause:
      'The labels of a subset match none of the workloads behind the Service. Requests routed to it get 503; a subset that no route uses is only an info: upstream’s rules name versions that may be applied later.',
    fix: 'Use the labels of the pod template (usually `version`), or remove the subset.',
    example: 'subsets:\n- {name: v4, labels: {version: v4}}   # pods have version v1, v2, v3',
  },
};
