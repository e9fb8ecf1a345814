import { strings } from '../../json-path.ts';
import { reachOf } from '../../model/reach/reach.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';

export const namespaceLabels: Rule = {
  code: 'TRC054',
  title: 'labels of a namespace that Istio does not understand, or that contradict each other',
  severity: 'error',
  run: (model) => reachOf(model).namespaces.all.flatMap(faults),
  docs: {
    cause:
      'Istio reads `istio-injection` (enabled, disabled), `istio.io/rev` and `istio.io/dataplane-mode` (ambient, none) from a namespace, and takes any other word for none: no pod of it gets a sidecar or makes a span. With `istio-injection` and `istio.io/rev` the revision is not looked at (`istioctl analyze`: IST0123; a warning), and pods that get a sidecar take no part in ambient mode (a warning). `sidecar.istio.io/inject` is a label of pods, on a namespace it does nothing (a warning).',
    fix: 'Write `istio-injection: enabled`, or `istio.io/rev: REVISION`, not both.',
    example: 'kind: Namespace\nmetadata: {name: shop, labels: {istio-injection: "true"}}',
  },
};

const WORDS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['istio-injection', ['enabled', 'disabled']],
  ['istio.io/dataplane-mode', ['ambient', 'none']],
]);

function faults(object: ProofObject): Fault[] {
  const labels = strings(object.json, 'metadata', 'labels');
  const label = (key: string) => spotOf(object, ['metadata', 'labels', key]);
  const unknown = [...WORDS].flatMap(([key, [on, off]]): Fault[] => {
    const value = labels.get(key);
    // Kubernetes takes no longer ones (OBJ006).
    if (value === undefined || value === on || value === off || value.length > 63) return [];
    return [{ at: label(key), message: `is "${value}", which Istio takes for no label at all`, hint: `write ${on} or ${off}` }];
  });
  if (unknown.length > 0) return unknown;
  const injection = labels.get('istio-injection');
  const revision = labels.get('istio.io/rev');
  // Disabled beside a revision is how a namespace is taken out for a while: Istio's own analyzer says nothing of it.
  if (injection === 'enabled' && revision !== undefined && revision !== 'default') {
    const message = `"${revision}" is not looked at: istio-injection is enabled, and that wins`;
    return [{ at: label('istio.io/rev'), severity: 'warning', message, hint: 'keep one of the two labels' }];
  }
  if (
    (injection === 'enabled' || (revision !== undefined && injection === undefined)) &&
    labels.get('istio.io/dataplane-mode') === 'ambient'
  ) {
    const message =
      'the namespace is in ambient mode, and its pods get sidecars all the same: those win, and ztunnel passes them over';
    return [{ at: label('istio.io/dataplane-mode'), severity: 'warning', message, hint: 'keep one of the two labels' }];
  }
  const enrolled = injection !== undefined || revision !== undefined || labels.has('istio.io/dataplane-mode');
  if (labels.get('sidecar.istio.io/inject') !== 'true' || enrolled) return [];
  const message = 'is a label of pods and does nothing on a namespace';
  return [{ at: label('sidecar.istio.io/inject'), severity: 'warning', message, hint: 'write istio-injection: enabled' }];
}
