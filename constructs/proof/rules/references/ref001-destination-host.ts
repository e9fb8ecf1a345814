import { nearest } from '../../../kit/nearest.ts';
import { fullHost } from '../../model/hosts.ts';
import type { Model } from '../../model/model.ts';
import type { Route } from '../../model/routes.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { missingService } from '../lookup.ts';
import { isOfMesh, words } from '../traffic/virtual-services.ts';

export const destinationHost: Rule = {
  code: 'REF001',
  title: 'a route sends to a host that does not exist',
  severity: 'error',
  run: (model) => [
    ...model.routes.flatMap((route) => routedHosts(model, route)),
    ...model.routes.flatMap((route) =>
      route.destinations.flatMap(({ host, hostAt }) => {
        const { namespace } = route.object;
        const wanted = { host, namespace, at: hostAt, what: 'destination' };
        const found = model.services.find(host, namespace);
        if (found.is === 'missing') return [missingService(model, wanted, found)];
        // Istio completes a name without a dot only; with one it is taken for a whole host.
        if (found.is !== 'service' || found.whole || !host.includes('.')) return [];
        const full = fullHost(found.service);
        return [
          {
            at: hostAt,
            severity: 'warning' as const,
            message: `host "${host}" is not a full name: Istio completes only names without a dot, so this leads nowhere`,
            hint: `write "${full}"`,
          },
        ];
      }),
    ),
  ],
  docs: {
    cause:
      'A destination of a VirtualService, HTTPRoute or other route names a Service that is not in its namespace, though the input shows the Services of that namespace. Requests get 503. Or a VirtualService of the mesh is for such a host, nearly the name of a Service: its rules do nothing (a warning).',
    fix: 'Correct the name, add the Service, or add a ServiceEntry for a host outside the cluster. A Service of another namespace needs its full name.',
    example: 'http:\n- route:\n  - destination: {host: reviewz}   # the Service is reviews',
  },
};

/** Hosts of a VirtualService of the mesh that nobody has, and that are nearly a Service's name. Any other may be one that clients make up. */
function routedHosts(model: Model, { api, object }: Route): Fault[] {
  if (api !== 'istio' || !isOfMesh(object)) return [];
  return words(object, 'spec', 'hosts').flatMap((host, i): Fault[] => {
    const found = model.services.find(host, object.namespace);
    if (found.is !== 'missing') return [];
    const beside = new Set(model.services.inNamespace(found.namespace).map((one) => one.name));
    if (nearest(found.name, beside) === undefined) return [];
    const wanted = { host, namespace: object.namespace, at: spotOf(object, ['spec', 'hosts', i]), what: object.kind };
    return [{ ...missingService(model, wanted, found), severity: 'warning' }];
  });
}
