import { groupBy } from '../../group-by.ts';
import { items, strings, text } from '../../json-path.ts';
import { classOf, ingressesOf } from '../../model/exposure/ingress-classes.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { clash } from './clash.ts';

export const ingressTwins: Rule = {
  code: 'EXP015',
  title: 'two Ingresses take the same host and path',
  severity: 'error',
  run: (model) => {
    const paths = ingressesOf(model).filter(isWhole).flatMap(pathsOf);
    return [...groupBy(paths, ({ key }) => key).values()].flatMap((same): Fault[] => {
      const [first] = same;
      const second = same.find(({ object }) => object.id !== first?.object.id);
      if (!first || !second) return [];
      const fault: Fault = {
        at: second.at,
        message: `${second.what} is taken by ${first.object.id} as well: one of the two is never asked`,
        hint: 'give each a host or a path of its own',
        cause: `ingresses ${first.object.id} ${second.object.id}`,
      };
      return [clash(model, first.object, second.object, fault)];
    });
  },
  docs: {
    cause:
      'Two Ingresses of one class have a rule for the same host and path. The admission webhook of ingress-nginx refuses the second; other controllers take the older or either. Canaries (`nginx.ingress.kubernetes.io/canary`) are fine. In plain files of different folders it is a warning.',
    fix: 'Give each a host or path of its own, or put both into one Ingress.',
    example:
      'kind: Ingress   # and Ingress shop/web has the same\nspec: {rules: [{host: shop.site.example, http: {paths: [{path: /, pathType: Prefix}]}}]}',
  },
};

// Annotations by which controllers tell Ingresses of one host apart.
const TOLD_APART =
  /canary$|mergeable-ingress-type$|server-snippet|app-root|router\.(priority|rule)|group\.(name|order)|\/(match|conditions)|acme/;

function isWhole({ json }: ProofObject): boolean {
  return ![...strings(json, 'metadata', 'annotations').keys()].some((key) => TOLD_APART.test(key));
}

function pathsOf(object: ProofObject) {
  // Of two entry points of Traefik each has hosts of its own.
  const entry = strings(object.json, 'metadata', 'annotations').get('traefik.ingress.kubernetes.io/router.entrypoints') ?? '';
  const ofClass = `${classOf(object)?.name ?? ''} ${entry}`;
  return items(object.json, 'spec', 'rules').flatMap((rule, i) => {
    const host = text(rule, 'host')?.toLowerCase();
    // Without a host there are no names to clash; a variable may be anything.
    if (host === undefined || /[${}]/.test(host)) return [];
    return items(rule, 'http', 'paths').map((one, j) => {
      const path = text(one, 'path') ?? '/';
      const key = `${ofClass} ${host} ${text(one, 'pathType') ?? ''} ${path}`;
      return { object, key, what: `${host}${path}`, at: spotOf(object, ['spec', 'rules', i, 'http', 'paths', j]) };
    });
  });
}
