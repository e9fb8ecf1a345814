import { byCodeUnit } from '../../../kit/json.ts';
import { groupBy } from '../../group-by.ts';
import { dependencies, type FluxReference, objectsOf, resolve } from '../../model/flux/references.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { WAITING } from './flx001-depends-on.ts';

export const cycle: Rule = {
  code: 'FLX003',
  title: 'Flux waits in a circle',
  severity: 'error',
  run: (model) => WAITING.flatMap((kind) => circles(model, objectsOf(model, kind))),
  docs: {
    cause:
      'Each of some Flux Kustomizations or HelmReleases waits for the next (`dependsOn`), and the last for the first, or one for itself: none is ever applied.',
    fix: 'Remove one of the entries.',
    example:
      'metadata: {name: mesh}\nspec: {dependsOn: [{name: apps}]}\n---\nmetadata: {name: apps}\nspec: {dependsOn: [{name: mesh}]}',
  },
};

interface Link {
  readonly reference: FluxReference;
  readonly to: ProofObject;
}

type Links = ReadonlyMap<ProofObject, readonly Link[]>;

function circles(model: Model, objects: readonly ProofObject[]): Fault[] {
  const links = new Map(
    objects.map((object) => [
      object,
      dependencies(object).flatMap((reference): Link[] => {
        const [to] = resolve(model, reference);
        return to ? [{ reference, to }] : [];
      }),
    ]),
  );
  const told = new Set<ProofObject>();
  return neverReady(objects, links)
    .sort((a, b) => byCodeUnit(a.id, b.id))
    .flatMap((start) => {
      if (told.has(start)) return [];
      const way = wayTo(start, start, links);
      const [first] = way;
      if (!first) return [];
      // Those that wait for each other in several circles are one knot: the first circle is told.
      for (const object of objects) {
        if (wayTo(object, start, links).length > 0 && wayTo(start, object, links).length > 0) told.add(object);
      }
      const names = way.map(({ to }) => to.name).join(', which waits for ');
      return [
        {
          at: spotOf(start, first.reference.path),
          message: way.length === 1 ? `${start.name} waits for itself` : `${start.name} waits for ${names}: none is ever applied`,
          hint: 'remove one of these dependencies',
        },
      ];
    });
}

/** What is left when those that wait for nothing are taken away, again and again: circles, and what waits for them. */
function neverReady(objects: readonly ProofObject[], links: Links): ProofObject[] {
  const waitedBy = groupBy(
    [...links].flatMap(([from, all]) => all.map(({ to }) => ({ from, to }))),
    ({ to }) => to,
  );
  const open = new Map(objects.map((object) => [object, links.get(object)?.length ?? 0]));
  const ready = objects.filter((object) => open.get(object) === 0);
  for (const object of ready) {
    for (const { from } of waitedBy.get(object) ?? []) {
      const left = (open.get(from) ?? 0) - 1;
      open.set(from, left);
      if (left === 0) ready.push(from);
    }
  }
  return objects.filter((object) => (open.get(object) ?? 0) > 0);
}

/** The shortest way from one object to another, one link at least; none when there is none. */
function wayTo(from: ProofObject, to: ProofObject, links: Links): readonly Link[] {
  const reached = new Map<ProofObject, { readonly object: ProofObject; readonly link: Link } | undefined>([[from, undefined]]);
  for (const object of reached.keys()) {
    for (const link of links.get(object) ?? []) {
      if (link.to === to) {
        const way = [link];
        for (let step = reached.get(object); step; step = reached.get(step.object)) way.push(step.link);
        return way.reverse();
      }
      if (!reached.has(link.to)) reached.set(link.to, { object, link });
    }
  }
  return [];
}
