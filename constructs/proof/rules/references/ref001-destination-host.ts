import { fullHost } from '../../model/hosts.ts';
import type { Rule } from '../../rule.ts';
import { missingService } from '../lookup.ts';

export const destinationHost: Rule = {
  code: 'REF001',
  title: 'a route sends to a host that does not exist',
  severity: 'error',
  run: (model) =>
    model.routes.flatMap((route) =>
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
  docs: {
    cause:
      'A destination of a VirtualService, HTTPRoute or other route names a Service that is not in its namespace, though the input shows the Services of that namespace. Requests get 503.',
    fix: 'Correct the name, add the Service, or add a ServiceEntry for a host outside the cluster. A Service of another namespace needs its full name.',
    example: 'http:\n- route:\n  - destination: {host: reviewz}   # the Service is reviews',
  },
};
