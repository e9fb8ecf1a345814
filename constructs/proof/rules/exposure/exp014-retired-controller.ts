import { classOf, ingressClassesOf, ingressesOf } from '../../model/exposure/ingress-classes.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const retiredController: Rule = {
  code: 'EXP014',
  title: 'ingress-nginx, which is retired',
  severity: 'warning',
  run: (model): Fault[] => {
    const { all } = ingressClassesOf(model);
    const running = all.filter((one) => one.controller === 'ingress-nginx' && (one.workload ?? one.release));
    const used = running.length > 0 ? running : all.filter((one) => one.controller === 'ingress-nginx').slice(0, 1);
    const faults = used.map(({ at, object }) => ({ at, message: MESSAGE, hint: HINT, cause: `ingress-nginx ${object.id}` }));
    if (faults.length > 0 || all.some(({ name }) => name === 'nginx')) return faults;
    return ingressesOf(model)
      .filter((object) => classOf(object)?.name === 'nginx')
      .map((object) => ({
        at: spotOf(object, classOf(object)?.path ?? []),
        message: `class nginx: if that is ingress-nginx, ${MESSAGE}`,
        hint: HINT,
        severity: 'info',
        cause: 'ingress-nginx',
      }));
  },
  docs: {
    cause:
      'The project ingress-nginx ended in March 2026: no releases, no fixes of security holes. The last is controller 1.15.1, chart 4.15.1. Told once for each controller; where only Ingresses of class nginx are in the input, an info and once.',
    fix: 'Move the hosts to the Gateway API, to Istio’s gateway, or to Traefik, which reads most annotations of ingress-nginx.',
    example: 'kind: HelmRelease\nspec: {chart: {spec: {chart: ingress-nginx, version: 4.15.1}}}',
  },
};

const MESSAGE = 'ingress-nginx gets no fixes any more (retired March 2026)';
const HINT = 'move the hosts to the Gateway API, Istio’s gateway or Traefik';
