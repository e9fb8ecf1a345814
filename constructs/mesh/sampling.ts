import { isDeepStrictEqual } from 'node:util';
import { Construct } from 'constructs';
import { type Sampling, UserError } from '../kit/index.ts';
import { checkHead } from './spans.ts';
import { namespaceTarget, sayOfTelemetry } from './telemetry-object.ts';
import type { ProviderTracing } from './tracing.ts';

/**
 * Checks a sampling object against the sink that the spans go to.
 *
 * @throws UserError when a share is out of range, or `tail` is said and the sink does not apply it
 */
export function checkSampling(sampling: Sampling, to: ProviderTracing['to'], where: string): void {
  checkHead(sampling.head, 'sampling.head', where);
  for (const { layer, head } of sampling.namespaces ?? []) checkHead(head, `sampling of namespace '${layer.namespace}'`, where);
  for (const { workload, head } of sampling.workloads ?? []) checkHead(head, `sampling of workload '${workload.name}'`, where);
  const { tail } = sampling;
  if (!tail || isDeepStrictEqual(tail, to.tailSampling?.tail)) return;
  throw new UserError(
    `sampling of '${where}' keeps ${tail.map(({ keep }) => keep).join(', ')} at the tail, but ${to.tailSampling?.tail ? 'the collector it sends to keeps something else' : 'what it sends to samples no tail'}: send to a collector that is given the same object, 'new Collector(..., { sampling })'`,
  );
}

/**
 * Writes the shares that are narrower than the mesh's: one Telemetry for each namespace, in its layer, and for each workload, in the
 * workload's own layer, or in the mesh's when the workload is no construct of the program.
 *
 * @throws UserError when a layer is of the root namespace, or a namespace or workload has a share already
 */
export function applySampling(mesh: Construct, sampling: Sampling, provider: string, rootNamespace: string): void {
  for (const { layer, head } of sampling.namespaces ?? []) {
    if (layer.namespace === rootNamespace) {
      throw new UserError(
        `sampling of '${mesh.node.path}' has a share for namespace '${rootNamespace}', where a Telemetry is meant for the whole mesh: that is 'head'`,
      );
    }
    const place = scopeIn(layer, 'sampling', `namespace '${layer.namespace}'`, mesh);
    sayOfTelemetry(place, namespaceTarget(place, rootNamespace), { tracing: head }, provider);
  }
  for (const { workload, head } of sampling.workloads ?? []) {
    const { name, namespace, selector } = workload;
    const owner = Construct.isConstruct(workload) ? workload : mesh;
    const id = owner === mesh ? `sampling-${namespace}-${name}` : 'sampling';
    const place = scopeIn(owner, id, `workload '${namespace}/${name}'`, mesh);
    sayOfTelemetry(place, { name, namespace, selector }, { tracing: head }, provider);
  }
}

function scopeIn(owner: Construct, id: string, what: string, mesh: Construct): Construct {
  if (owner.node.tryFindChild(id))
    throw new UserError(`sampling of '${mesh.node.path}' has two shares for ${what}: istio reads one, say it once`);
  return new Construct(owner, id);
}
