import { gatewayWorkloads } from '../model/gateways.ts';
import { labelText, selects } from '../model/workloads.ts';
import type { Rule } from '../rule.ts';

export const gatewayPods: Rule = {
  code: 'REF007',
  title: 'a Gateway selects no gateway pods',
  severity: 'error',
  run: (model) => {
    const pods = gatewayWorkloads(model.workloads);
    // With no gateway in the input, the gateways are installed elsewhere.
    if (pods.length === 0) return [];
    const known = [...new Set(pods.map((pod) => labelText(pod.labels)))].sort();
    return model.gateways.all
      .filter(({ api, selector }) => api === 'istio' && selector.size > 0)
      .filter(({ selector }) => !model.workloads.some((workload) => selects(selector, workload.labels)))
      .map(({ selector, selectorAt }) => ({
        at: selectorAt,
        message: `selector ${labelText(selector)} matches no gateway pods`,
        hint: `gateway pods have: ${known.join('; ')}`,
        cause: `gateway pods ${labelText(selector)}`,
      }));
  },
  docs: {
    cause:
      'The selector of an Istio Gateway matches no pods, though the input shows how gateways are installed. Nothing listens. Pods of the istioctl profile have `istio: ingressgateway`; those of the gateway chart have `istio: RELEASE` without a leading `istio-`.',
    fix: 'Use the labels of the gateway pods.',
    example: 'spec:\n  selector: {istio: ingresgateway}   # pods have istio: ingressgateway',
  },
};
