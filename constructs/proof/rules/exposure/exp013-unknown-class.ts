import { nearest, suggest } from '../../../kit/nearest.ts';
import { classOf, ingressClassesOf, ingressesOf } from '../../model/exposure/ingress-classes.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const unknownClass: Rule = {
  code: 'EXP013',
  title: 'an Ingress of a class that no controller of the input makes',
  severity: 'error',
  run: (model) => {
    const { all, open } = ingressClassesOf(model);
    const names = [...new Set(all.map(({ name }) => name))];
    if (names.length === 0) return slips(model);
    return ingressesOf(model).flatMap((object): Fault[] => {
      const stated = classOf(object);
      if (!stated || names.includes(stated.name) || /[${}]/.test(stated.name)) return [];
      const near = nearest(stated.name, names);
      if (near === undefined && (open || USUAL.has(stated.name))) return [];
      return [
        {
          at: spotOf(object, stated.path),
          message: `no controller of the input makes the class "${stated.name}"`,
          hint: suggest(stated.name, names, 'name a class that is there'),
          cause: `ingress class ${stated.name}`,
          ...(near === undefined ? { severity: 'warning' } : {}),
        },
      ];
    });
  },
  docs: {
    cause:
      'An Ingress names a class that is none of those that the IngressClasses, releases and controllers of the input make: nobody serves its host. A warning where no name is near, and where the input shows no controller and the class is nearly a usual one (nginx, traefik). Quiet for the classes of clusters’ own controllers (alb, gce, and the like).',
    fix: 'Correct the class.',
    example: 'kind: Ingress\nspec: {ingressClassName: ngnix}   # the controller makes nginx',
  },
};

/** Where the input shows no class: a word that is nearly one of the usual. */
function slips(model: Model): Fault[] {
  return ingressesOf(model).flatMap((object): Fault[] => {
    const stated = classOf(object);
    const near = stated && /^[a-z]+$/.test(stated.name) && !USUAL.has(stated.name) ? nearest(stated.name, USUAL) : undefined;
    if (!stated || near === undefined) return [];
    const message = `class "${stated.name}" is none that controllers usually make`;
    return [{ at: spotOf(object, stated.path), message, hint: `did you mean "${near}"?`, severity: 'warning' }];
  });
}

// What clusters and clouds come with.
const USUAL = new Set(
  'nginx traefik istio alb gce gce-internal azure-application-gateway webapprouting.kubernetes.azure.com tailscale cilium haproxy contour kong public openshift-default'.split(
    ' ',
  ),
);
