import {
  Kustomization,
  KustomizationSpecDecryptionProvider,
  KustomizationSpecDeletionPolicy,
  KustomizationSpecSourceRefKind,
} from '../../../imports/kustomize.toolkit.fluxcd.io.ts';
import { byCodeUnit, type JsonObject } from '../../kit/json.ts';
import type { RenderedLayer } from '../rendered.ts';
import { healthChecks } from './health.ts';

/**
 * What becomes of a layer's objects when its Kustomization is deleted: they are deleted and the Kustomization stays until they are gone
 * (or its timeout is over); they are deleted, and nobody waits; they stay.
 */
export type DeletionPolicy = 'WaitForTermination' | 'Delete' | 'Orphan';

/** What the Kustomizations of all layers have in common. */
export interface KustomizationSettings {
  readonly namespace: string;
  readonly source: {
    readonly kind: 'GitRepository' | 'OCIRepository' | 'Bucket';
    readonly name: string;
    readonly namespace?: string;
  };
  /** The stack's folder in the source, without a slash at the end. */
  readonly path: string;
  readonly interval: string;
  readonly timeout: string;
  readonly retryInterval: string;
  readonly deletionPolicy: DeletionPolicy;
  readonly serviceAccountName?: string;
}

/** What one layer's Kustomization has of its own. */
export interface LayerKustomization {
  readonly name: string;
  readonly layer: RenderedLayer;
  /** Names of the Kustomizations that must be ready first. */
  readonly dependsOn: readonly string[];
  /** The Secret with the keys of its encrypted objects; undefined when it has none. */
  readonly keys: string | undefined;
}

/** The Flux Kustomization that applies one layer and waits for it. */
export function layerKustomization(
  { name, layer, dependsOn, keys }: LayerKustomization,
  { namespace, source, path, serviceAccountName, deletionPolicy, ...settings }: KustomizationSettings,
): JsonObject {
  const exprs = healthChecks(layer.objects);
  return Kustomization.manifest({
    metadata: { name, namespace },
    spec: {
      ...settings,
      sourceRef: { ...source, kind: sourceKinds[source.kind] },
      path: `${path}/${layer.name}`,
      prune: true,
      // With `wait`, Flux ignores `healthChecks` and judges every object of the layer. What an operator makes of a resource is judged by
      // the resource's own status: naming the Deployments behind it as healthChecks would mean to do without all the rest.
      wait: true,
      deletionPolicy: deletionPolicies[deletionPolicy],
      ...(dependsOn.length > 0 ? { dependsOn: dependsOn.map((one) => ({ name: one })) } : {}),
      ...(exprs.length > 0 ? { healthCheckExprs: exprs } : {}),
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
      ...(keys === undefined
        ? {}
        : { decryption: { provider: KustomizationSpecDecryptionProvider.SOPS, secretRef: { name: keys } } }),
    },
  });
}

/**
 * For each layer that has objects, the layers with objects that must be in place first: what its `after` names, and in the place of a layer
 * without objects, which has no Kustomization, what that one waits for.
 *
 * @param rollout all layers in rollout order
 */
export function waitsFor(rollout: readonly RenderedLayer[]): Map<RenderedLayer, readonly string[]> {
  const before = new Map<string, readonly string[]>();
  const waits = new Map<RenderedLayer, readonly string[]>();
  const filled = new Set(rollout.filter((layer) => layer.objects.length > 0).map((layer) => layer.name));
  for (const layer of rollout) {
    const names = layer.after.flatMap((name) => (filled.has(name) ? [name] : (before.get(name) ?? [])));
    const distinct = [...new Set(names)].sort(byCodeUnit);
    before.set(layer.name, distinct);
    if (filled.has(layer.name)) waits.set(layer, distinct);
  }
  return waits;
}

const sourceKinds = {
  GitRepository: KustomizationSpecSourceRefKind.GIT_REPOSITORY,
  OCIRepository: KustomizationSpecSourceRefKind.OCI_REPOSITORY,
  Bucket: KustomizationSpecSourceRefKind.BUCKET,
};

const deletionPolicies: Readonly<Record<DeletionPolicy, KustomizationSpecDeletionPolicy>> = {
  Delete: KustomizationSpecDeletionPolicy.DELETE,
  WaitForTermination: KustomizationSpecDeletionPolicy.WAIT_FOR_TERMINATION,
  Orphan: KustomizationSpecDeletionPolicy.ORPHAN,
};
