import { nearest } from '../../../kit/nearest.ts';
import { items, strings } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { reachOf } from '../../model/reach/reach.ts';
import { selectionIndex } from '../../model/selection.ts';
import { labelText } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';
import { labelIndex } from './label-index.ts';
import { lostTargets } from './target-refs.ts';
import { virtualServices } from './virtual-services.ts';

export const selectsNothing: Rule = {
  code: 'RTE011',
  title: 'a policy or setting whose selector matches no workload',
  severity: 'warning',
  run: (model) => {
    const selected = selectionIndex(model.workloads);
    const ofKinds = [...SELECTORS].flatMap(([kind, path]) =>
      model.kind(kind).flatMap((object) => {
        const selector = object.group.endsWith('istio.io') ? strings(object.json, ...path) : new Map<string, string>();
        return selector.size > 0 && selected(object.namespace, selector).length === 0
          ? (faultOf(model, { object, path, selector }) ?? [])
          : [];
      }),
    );
    return [...ofKinds, ...lostTargets(model), ...senders(model)];
  },
  docs: {
    cause:
      'The labels match no workload of the object’s namespace, though the input shows that namespace: the policy protects nobody, the setting holds for nobody. The same holds for `targetRefs` that name no Gateway or Service of the namespace, or a Service behind no waypoint, and for `sourceLabels` of a VirtualService’s match, where another label is near. In the root namespace most of these reach the workloads of all namespaces. In plain files settings without a near label are quiet: the workload may be applied apart.',
    fix: 'Use labels of the pod template, or move the object to the namespace of the workloads. Label a Service `istio.io/use-waypoint`.',
    example: 'kind: AuthorizationPolicy\nspec:\n  selector: {matchLabels: {app: review}}   # the pods have app: reviews',
  },
};

const SELECTORS: ReadonlyMap<string, Path> = new Map([
  ...['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication', 'WasmPlugin', 'TrafficExtension', 'ProxyConfig'].map(
    (kind): [string, Path] => [kind, ['spec', 'selector', 'matchLabels']],
  ),
  ...['Sidecar', 'EnvoyFilter', 'ServiceEntry'].map((kind): [string, Path] => [kind, ['spec', 'workloadSelector', 'labels']]),
]);

// In the root namespace these are for its own workloads alone.
const OWN_NAMESPACE = new Set(['PeerAuthentication', 'Sidecar', 'ServiceEntry']);

function faultOf(
  model: Model,
  {
    object,
    path,
    selector,
  }: { readonly object: ProofObject; readonly path: Path; readonly selector: ReadonlyMap<string, string> },
): Fault | undefined {
  const { namespace } = object;
  // Pods of waypoints and gateways come from Gateway resources, and Istio adds labels of its own.
  if ([...selector.keys()].some((key) => /istio\.io\/|gateway\.networking\.k8s\.io\//.test(key))) return undefined;
  const wide = !OWN_NAMESPACE.has(object.kind) && reachOf(model).rootNamespace === namespace;
  const elsewhere = labelIndex(model.workloads).having(selector);
  if (wide && elsewhere) return undefined;
  const beside = wide ? model.workloads : model.workloadsIn(namespace);
  const near = nearLabel(selector, beside);
  // Without a near label it must be certain that nobody unseen has them.
  if (!near && (wide || !model.isKnown(namespace) || model.makersIn(namespace).length > 0)) return undefined;
  // Of plain files the workload may be applied apart; a policy that protects nobody is worth a word all the same.
  if (!near && object.origin.construct === null && object.group !== 'security.istio.io') return undefined;
  return {
    at: spotOf(object, path),
    message: `no workload of ${wide ? 'the mesh' : `namespace ${namespace}`} has ${labelText(selector)}, so this ${object.kind} does nothing`,
    hint:
      near ??
      (elsewhere
        ? `move it to namespace ${elsewhere.namespace}, where ${elsewhere.object.kind} ${elsewhere.name} has them`
        : 'use labels of a workload of the same namespace'),
  };
}

/** Senders that a VirtualService matches by labels which nobody in the mesh has, though some have nearly the same. */
function senders(model: Model): Fault[] {
  return virtualServices(model).flatMap((object) =>
    ['http', 'tls', 'tcp'].flatMap((protocol) =>
      items(object.json, 'spec', protocol).flatMap((rule, i) =>
        items(rule, 'match').flatMap((match, j): Fault[] => {
          const wanted = strings(match, 'sourceLabels');
          if (wanted.size === 0 || labelIndex(model.workloads).having(wanted)) return [];
          const hint = nearLabel(wanted, model.workloads);
          if (hint === undefined) return [];
          const at = spotOf(object, ['spec', protocol, i, 'match', j, 'sourceLabels']);
          return [{ at, message: `no workload has ${labelText(wanted)}, so no request matches`, hint }];
        }),
      ),
    ),
  );
}

function nearLabel(selector: ReadonlyMap<string, string>, workloads: Model['workloads']): string | undefined {
  const labels = labelIndex(workloads);
  for (const [key, value] of selector) {
    const values = labels.values(key);
    if (values.has(value)) continue;
    const near = nearest(value, values);
    if (near !== undefined) return `did you mean "${key}: ${near}"?`;
    const nearKey = nearest(key, labels.keys(value));
    if (nearKey !== undefined) return `did you mean "${nearKey}: ${value}"?`;
  }
  return undefined;
}
