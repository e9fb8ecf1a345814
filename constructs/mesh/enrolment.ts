import { type Layer, UserError } from '../kit/index.ts';
import { type Install, isAmbient, revisionOf } from './install/install.ts';

/**
 * How a namespace's pods join the mesh. Exactly one:
 * - `injection`: label `istio-injection=enabled`, sidecars by the default revision;
 * - `revision`: label `istio.io/rev`, sidecars by that revision or tag;
 * - `ambient`: label `istio.io/dataplane-mode=ambient`, no sidecars;
 * - `excluded`: label `istio-injection=disabled`, no pod joins, whatever it says itself.
 *
 * Not calling `enroll` leaves the namespace without a label: applying that removes the label from the cluster.
 */
export type Enrolment =
  | { readonly by: 'injection'; readonly revision?: never }
  | { readonly by: 'revision'; readonly revision: string }
  | { readonly by: 'ambient'; readonly revision?: never }
  | { readonly by: 'excluded'; readonly revision?: never };

/** The labels that decide it; a namespace carries one of them (Istio 1.30: `istio-injection` wins over `istio.io/rev`). */
const keys = ['istio-injection', 'istio.io/rev', 'istio.io/dataplane-mode'] as const;

/** What follows from the install. */
export function defaultEnrolment(install: Install): Enrolment {
  if (isAmbient(install)) return { by: 'ambient' };
  const revision = revisionOf(install);
  return revision === undefined ? { by: 'injection' } : { by: 'revision', revision };
}

/**
 * Labels a layer's namespace.
 *
 * @throws UserError when the namespace is enrolled another way already, when no layer creates it, or when the install has no ambient mode
 */
export function enroll(layer: Layer, how: Enrolment, install: Install): void {
  if (how.by === 'ambient' && !isAmbient(install)) {
    throw new UserError(
      `namespace '${layer.namespace}' cannot be ambient: the mesh is installed for sidecars; install with ${install.by === 'istioctl' ? "profile 'ambient'" : "dataplane: 'ambient'"}, or enroll by 'injection'`,
    );
  }
  const [key, value] = label(how);
  const other = keys.find((k) => {
    const present = layer.namespaceLabel(k);
    return present !== undefined && (k !== key || present !== value);
  });
  if (other) {
    throw new UserError(
      `namespace '${layer.namespace}' of layer '${layer.node.path}' is enrolled by ${other}=${layer.namespaceLabel(other)} already, ${key}=${value} would contradict it: enroll it once`,
    );
  }
  layer.labelNamespace(key, value);
}

function label(how: Enrolment): readonly [string, string] {
  switch (how.by) {
    case 'injection':
      return ['istio-injection', 'enabled'];
    case 'excluded':
      return ['istio-injection', 'disabled'];
    case 'revision':
      return ['istio.io/rev', how.revision];
    case 'ambient':
      return ['istio.io/dataplane-mode', 'ambient'];
  }
}
