import { byCodeUnit } from '../../kit/json.ts';
import { objectName } from '../apply-order.ts';
import type { RenderedObject } from '../rendered.ts';

/** When objects of one kind are in place, as a Flux Kustomization takes it (`healthCheckExprs`). */
export interface HealthCheck {
  readonly apiVersion: string;
  readonly kind: string;
  /** CEL over the object. */
  readonly current: string;
}

const ready = condition('Ready');

/**
 * CEL for the kinds that Flux would take for ready too early. By itself Flux judges by kstatus, to which an object without conditions is
 * ready: so is one whose controller has not looked at it yet, and one whose controller never writes a condition `Ready`. HelmRelease
 * and Flux's sources need none, their CRDs begin with a status that says they have not been seen.
 *
 * There is no `failed` on purpose: it ends the wait at once, and what it would look at may be what was said of the object before it was changed
 * (these controllers tell no generation), or passing, as a Certificate that is being issued. An expression that cannot be evaluated,
 * because there is no status yet, counts as not ready (fluxcd/pkg runtime/cel).
 */
const checks: Readonly<Record<string, string>> = {
  // Operator SDK for Ansible: `Running` stays true when it is done.
  'kiali.io/Kiali': condition('Successful'),
  // No conditions at all; the operator writes READY/WANTED, and for daemonset and sidecar nothing but its version.
  'opentelemetry.io/OpenTelemetryCollector':
    "has(spec.mode) && spec.mode in ['daemonset', 'sidecar'] ? has(status.version) : " +
    "status.scale.statusReplicas.split('/')[0] == status.scale.statusReplicas.split('/')[1] && " +
    "(status.scale.statusReplicas != '0/0' || spec.replicas == 0)",
  'sailoperator.io/Istio': ready,
  'sailoperator.io/IstioCNI': ready,
  'sailoperator.io/ZTunnel': ready,
  'cert-manager.io/Issuer': ready,
  'cert-manager.io/ClusterIssuer': ready,
  'cert-manager.io/Certificate': ready,
  'external-secrets.io/ExternalSecret': ready,
};

/** The checks that a layer's objects need, one for each kind, by kind. */
export function healthChecks(objects: readonly RenderedObject[]): HealthCheck[] {
  const found = new Map<string, HealthCheck>();
  for (const { json } of objects) {
    const { apiVersion, kind } = objectName(json);
    // Flux looks at group and kind only, so a second version of the kind would be said twice.
    const groupKind = `${apiVersion.split('/')[0]}/${kind}`;
    const current = checks[groupKind];
    if (current !== undefined && !found.has(groupKind)) found.set(groupKind, { apiVersion, kind, current });
  }
  return [...found].sort(([a], [b]) => byCodeUnit(a, b)).map(([, check]) => check);
}

function condition(type: string): string {
  return `status.conditions.exists(c, c.type == '${type}' && c.status == 'True')`;
}
