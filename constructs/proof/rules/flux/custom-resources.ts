import { remember } from '../../../kit/remember.ts';
import { type CrdProvider, crdProviders } from '../../model/flux/crds.ts';
import { rolloutOf, type Step } from '../../model/flux/steps.ts';
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
  const { steps, beside } = rolloutOf(model);
  if (steps.length === 0) return [];
  const providers = crdProviders(model.objects);
  return steps.flatMap((step) => {
    const first = new Map<string, ProofObject>();
    for (const object of step.objects) if (!first.has(object.group)) first.set(object.group, object);
    const above = makersOf(step, steps);
    const earlier = new Set([step, ...above].flatMap((one) => [...one.before]));
    return [...first].flatMap(([group, resource]): Wanting[] => {
      const able = providers.filter(({ groups }) => groups.includes(group));
      if (able.length === 0) return [];
      const isIn = ({ objects }: Step) => able.filter(({ object }) => objects.includes(object));
      const own = isIn(step);
      // Flux applies the CRDs of a step before all else, so also before the Kustomizations in it.
      if ([step, ...above].some((one) => isIn(one).some((provider) => provider.is === 'crd'))) return [];
      const others = beside(step)
        .map((home) => ({ home, found: isIn(home) }))
        .filter(({ home, found }) => found.length > 0 && !above.has(home));
      const waitedFor = others.filter(({ home }) => earlier.has(home.object));
      const sure = waitedFor.some(({ home, found }) => home.waits || found.some((provider) => provider.is === 'crd'));
      if (sure) return [];
      const [provider] = own;
      if (waitedFor.length === 0 && provider) return [{ step, resource, provider, is: 'beside', home: step }];
      const [other] = waitedFor.length > 0 ? waitedFor : others;
      const [there] = other?.found ?? [];
      if (!other || !there) return [];
      return [{ step, resource, provider: there, is: waitedFor.length > 0 ? 'early' : 'unordered', home: other.home }];
    });
  });
});

/** The steps that make a step: its Kustomization is among their objects, or among those of a step that they make. */
function makersOf(step: Step, steps: readonly Step[]): ReadonlySet<Step> {
  const found = new Set<Step>();
  const add = (one: Step) => {
    for (const maker of steps) {
      if (maker === step || found.has(maker) || !maker.objects.includes(one.object)) continue;
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
