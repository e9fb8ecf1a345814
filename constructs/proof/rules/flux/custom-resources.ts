import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { type CrdProvider, crdProviders } from '../../model/flux/crds.ts';
import { type Rollout, rolloutOf, type Step } from '../../model/flux/steps.ts';
import type { Model } from '../../model/model.ts';
import type { ProofObject } from '../../types.ts';

/** A custom resource of some step, and who makes its kind known to the cluster. */
export interface Wanting {
  readonly step: Step;
  readonly resource: ProofObject;
  readonly provider: CrdProvider;
  /** Where the provider stands: in the same step, in one before it that is ready too early, or in one that is not waited for. */
  readonly is: 'beside' | 'early' | 'unordered';
  /** The provider's step. */
  readonly home: Step;
}

/** The custom resources that Flux may apply before their kinds are known: of each step and API group the first. */
export const wantingResources = remember((model: Model): readonly Wanting[] => {
  const rollout = rolloutOf(model);
  const { steps } = rollout;
  if (steps.length === 0) return [];
  const homes = providersByStep(model, rollout);
  return steps.flatMap((step) => {
    const first = new Map<string, ProofObject>();
    for (const object of step.objects) if (!first.has(object.group)) first.set(object.group, object);
    const above = makersOf(step, rollout);
    return [...first].flatMap(([group, resource]): Wanting[] => {
      const able = homes.get(group);
      if (!able) return [];
      const isIn = (one: Step) => able.get(one) ?? [];
      // Flux applies the CRDs of a step before all else, so also before the Kustomizations in it.
      if ([step, ...above].some((one) => isIn(one).some((provider) => provider.is === 'crd'))) return [];
      const others = [...able]
        .map(([home, found]) => ({ home, found }))
        .filter(({ home }) => !above.has(home) && rollout.isBeside(step, home));
      const waitedFor = others.filter(({ home }) => [step, ...above].some((one) => one.before.has(home.object)));
      const sure = waitedFor.some(({ home, found }) => home.waits || found.some((provider) => provider.is === 'crd'));
      if (sure) return [];
      const [provider] = isIn(step);
      if (waitedFor.length === 0 && provider) return [{ step, resource, provider, is: 'beside', home: step }];
      const [other] = waitedFor.length > 0 ? waitedFor : others;
      const [there] = other?.found ?? [];
      if (!other || !there) return [];
      return [{ step, resource, provider: there, is: waitedFor.length > 0 ? 'early' : 'unordered', home: other.home }];
    });
  });
});

/** Who makes the kinds of an API group known, by the step that applies it: steps in their order. */
function providersByStep(
  model: Model,
  { steps, applying }: Rollout,
): ReadonlyMap<string, ReadonlyMap<Step, readonly CrdProvider[]>> {
  const order = new Map(steps.map((step, i) => [step, i]));
  const placed = crdProviders(model.objects)
    .flatMap((provider) => applying(provider.object).map((step) => ({ step, provider })))
    .sort((a, b) => (order.get(a.step) ?? 0) - (order.get(b.step) ?? 0));
  const byGroup = groupBy(
    placed.flatMap((one) => one.provider.groups.map((group) => ({ ...one, group }))),
    ({ group }) => group,
  );
  const bySteps = (all: readonly (typeof placed)[number][]) =>
    new Map([...groupBy(all, ({ step }) => step)].map(([step, same]) => [step, same.map(({ provider }) => provider)]));
  return new Map([...byGroup].map(([group, all]) => [group, bySteps(all)]));
}

/** The steps that make a step: its Kustomization is among their objects, or among those of a step that they make. */
function makersOf(step: Step, { applying }: Rollout): ReadonlySet<Step> {
  const found = new Set<Step>();
  const add = (one: Step) => {
    for (const maker of applying(one.object)) {
      if (maker === step || found.has(maker)) continue;
      found.add(maker);
      add(maker);
    }
  };
  add(step);
  return found;
}

/** Whether something else than Flux prepares the cluster, by the names of files: it may bring the CRDs of charts first, as helmfile does. */
export function isPrepared({ world }: Model): boolean {
  return [...(world.tree?.files ?? [])].some((file) => /(^|\/)(bootstrap|helmfile)/.test(file));
}
