import { nearest } from '../../../kit/nearest.ts';
import { gatewayWorkloads } from '../../model/gateways.ts';
import { labelText, selects, type Workload } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';

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
      .filter(({ object, selector }) => object.origin.construct !== null || isMisspelt(selector, pods))
      .map(({ selector, selectorAt }) => ({
        at: selectorAt,
        message: `selector ${labelText(selector)} matches no gateway pods`,
        hint: `gateway pods have: ${known.join('; ')}`,
        cause: `gateway pods ${labelText(selector)}`,
      }));
  },
  docs: {
    cause:
      'The selector of an Istio Gateway matches no pods, though the input shows how gateways are installed. Nothing listens. In plain files it is told only of a label that is almost right: any other gateway may be installed apart. Pods of the istioctl profile have `istio: ingressgateway`; those of the gateway chart have `istio: RELEASE` without a leading `istio-`.',
    fix: 'Use the labels of the gateway pods.',
    example: 'spec:\n  selector: {istio: ingresgateway}   # pods have istio: ingressgateway',
  },
};

// Labels of the gateways that Istio itself installs: right as they stand, though `ingressgateway` is near `egressgateway`.
const STANDARD = /^(istio-)?(ingress|egress|eastwest)gateway$/;

/** Whether one of the values is almost that of gateway pods of the input: with any other, plain files may mean a gateway installed elsewhere. */
function isMisspelt(selector: ReadonlyMap<string, string>, pods: readonly Workload[]): boolean {
  return [...selector].some(([key, value]) => {
    const known = pods.flatMap((pod) => pod.labels.get(key) ?? []);
    return !STANDARD.test(value) && !known.includes(value) && nearest(value, known) !== undefined;
  });
}
