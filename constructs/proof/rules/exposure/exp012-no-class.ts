import { classOf, ingressClassesOf, ingressesOf } from '../../model/exposure/ingress-classes.ts';
import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';

export const noClass: Rule = {
  code: 'EXP012',
  title: 'an Ingress without a class',
  severity: 'warning',
  run: (model) => {
    const { all, open } = ingressClassesOf(model);
    // The controllers that k3s and RKE2 bring take Ingresses without a class.
    if (all.length === 0 || open || all.some(({ isDefault }) => isDefault)) return [];
    return ingressesOf(model)
      .filter((object) => classOf(object) === undefined)
      .map((object) => ({
        at: spotOf(object, ['spec', 'ingressClassName']),
        message: 'names no class: only a controller that takes Ingresses without one serves it',
        hint: `name one: ${[...new Set(all.map(({ name }) => name))].join(', ')}`,
        cause: 'ingress without class',
      }));
  },
  docs: {
    cause:
      'The Ingress states no `ingressClassName`, and no class of the input is the default one. ingress-nginx leaves such Ingresses alone unless told otherwise (`--watch-ingress-without-class`), and nobody serves the host. Quiet where the input shows no class and no controller: those of k3s and RKE2 take such Ingresses. Told once for all objects.',
    fix: 'State the class, or mark one IngressClass as the default.',
    example: 'kind: Ingress\nspec: {rules: [{host: shop.site.example}]}   # ingressClassName is missing',
  },
};
