import { defaultConfigShare, istiodShares, type OldShare, podShares } from '../../model/mesh/shares.ts';
import type { Share, TracingEntry } from '../../model/mesh/telemetry.ts';
import type { Model } from '../../model/model.ts';
import { selectionIndex } from '../../model/selection.ts';
import type { Workload } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { meshWide, rootNamespaces } from './scopes.ts';

export const noEffect: Rule = {
  code: 'TRC083',
  title: 'a sampling share that another setting overrides',
  severity: 'warning',
  run: (model) => {
    const telemetry = shareOf(meshWide(model).flatMap(({ entries }) => entries));
    const mesh = model.meshConfigs.flatMap((config) => defaultConfigShare(config) ?? []);
    // 0 counts as unset.
    const inForce = mesh.find(({ percent }) => percent !== 0);
    return [
      ...mesh.filter(({ percent }) => percent !== 0).flatMap((one) => beaten(one, telemetry && [telemetry, idOf(telemetry)])),
      ...istiodShares(model).flatMap((one) =>
        beaten(one, telemetry ? [telemetry, idOf(telemetry)] : inForce && [inForce, inForce.what]),
      ),
      ...pods(model),
      ...samplers(model),
    ];
  },
  docs: {
    cause:
      'Istio takes the first of: a sampler of the provider, `randomSamplingPercentage` of a Telemetry, `defaultConfig.tracing.sampling` (of the pod, then of the mesh), `PILOT_TRACE_SAMPLING` (chart value `pilot.traceSampling`). A share further down the list, other than the one in force, is read by nobody.',
    fix: 'Remove it, or say the share in one place: the Telemetry.',
    example:
      'meshConfig: {defaultConfig: {tracing: {sampling: 100}}}   # a Telemetry for the whole mesh says 1\n---\nkind: Telemetry\nspec: {tracing: [{randomSamplingPercentage: 1}]}',
  },
};

function idOf({ at }: Share): string {
  return at.object.id;
}

/** @param by the share in force, and who says it */
function beaten({ what, percent, at }: OldShare, by: readonly [Share, string] | undefined): Fault[] {
  if (!by || by[0].percent === percent) return [];
  return [
    {
      at,
      message: `${what} is ${percent}, but ${by[1]} says ${by[0].percent}, which is in force`,
      hint: `remove it, or set the share in ${by[1]}`,
    },
  ];
}

/** Shares of pods that a Telemetry overrides: the narrowest one counts. */
function pods(model: Model): Fault[] {
  const shares = podShares(model.workloads);
  if (shares.length === 0) return [];
  const selected = selectionIndex(shares.map((share) => share.workload));
  const narrow = new Map<Workload, Share>();
  for (const { selector, object, entries } of model.telemetries) {
    const share = shareOf(entries);
    if (!share || selector.size === 0) continue;
    for (const workload of selected(object.namespace, selector)) narrow.set(workload, narrow.get(workload) ?? share);
  }
  const wide = new Map(
    model.telemetries.flatMap(({ wide, object, entries }) => {
      const share = wide ? shareOf(entries) : undefined;
      return share ? [[object.namespace, share] as const] : [];
    }),
  );
  const everywhere = [...rootNamespaces(model)].flatMap((root) => wide.get(root) ?? [])[0];
  return shares.flatMap((one) => {
    const inForce = narrow.get(one.workload) ?? wide.get(one.workload.namespace) ?? everywhere;
    return beaten(one, inForce && [inForce, idOf(inForce)]);
  });
}

/** The share of both sides of a request, where spans are reported at all. */
function shareOf(entries: readonly TracingEntry[]): Share | undefined {
  return entries.findLast(({ share, mode, off }) => share && mode === 'CLIENT_AND_SERVER' && off !== true)?.share;
}

/** Shares of Telemetry objects whose provider brings a sampler of its own. */
function samplers(model: Model): Fault[] {
  const sampling = new Set(
    model.meshConfigs.flatMap(({ providers }) =>
      providers.flatMap(({ name, settings }) => (settings.dynatraceSampler === undefined ? [] : [name])),
    ),
  );
  if (sampling.size === 0) return [];
  return model.telemetries.flatMap(({ entries }) =>
    entries.flatMap(({ share, providers: [first] }): Fault[] => {
      if (!share || !first || !sampling.has(first.name)) return [];
      const message = `is ${share.percent}, but provider "${first.name}" brings a sampler of its own, which is in force`;
      return [{ at: share.at, message, hint: 'remove the percentage, or the sampler' }];
    }),
  );
}
