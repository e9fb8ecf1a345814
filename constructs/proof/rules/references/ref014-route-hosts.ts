import { items } from '../../json-path.ts';
import type { Gateway } from '../../model/gateways.ts';
import { matchesWildcard } from '../../model/hosts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const routeHosts: Rule = {
  code: 'REF014',
  title: 'a route is for hosts that its Gateway does not take',
  severity: 'error',
  run: (model) =>
    model.routes.flatMap(({ api, object, gateways }): Fault[] => {
      if (api !== 'istio') return [];
      const hosts = items(object.json, 'spec', 'hosts').flatMap((host) => (typeof host === 'string' ? [host] : []));
      const inMesh = items(object.json, 'spec', 'gateways').includes('mesh');
      const named = gateways.flatMap((ref) => model.gateways.get('istio', ref.namespace, ref.name) ?? []);
      const deaf = [...new Set(named)].filter(
        (gateway) => gateway.hosts.length > 0 && !hosts.some((host) => takes(gateway, host, object.namespace)),
      );
      const [first] = deaf;
      if (!first || hosts.length === 0) return [];
      return [
        {
          at: spotOf(object, ['spec', 'hosts', 0]),
          ...(inMesh || deaf.length < named.length ? { severity: 'warning' as const } : {}),
          message: `${first.object.id} takes no host of this route (${hosts.join(', ')}), but ${[...new Set(first.hosts)].join(', ')}`,
          hint: 'name a host that the Gateway takes, or add the host to the Gateway',
        },
      ];
    }),
  docs: {
    cause:
      'No host of the VirtualService is among the hosts of the Gateway that it is bound to, so the gateway never looks at it: requests get 404 (`istioctl analyze`: IST0132). It is a warning where the route is bound to the mesh, or to another Gateway that takes a host, as well.',
    fix: 'Use the same host in both, or a wildcard in the Gateway.',
    example:
      'kind: VirtualService\nspec:\n  hosts: [bookinfo.example.org]\n  gateways: [bookinfo-gateway]   # which has hosts: [bookinfo.mesh.test]',
  },
};

/** Whether a Gateway has a server for a host of a route in a namespace. A server’s host may begin with the namespace it is for. */
function takes({ hosts, namespace }: Gateway, host: string, routeNamespace: string): boolean {
  return hosts.some((server) => {
    const slash = server.indexOf('/');
    const from = server.slice(0, Math.max(slash, 0));
    if (slash >= 0 && from !== '*' && (from === '.' ? namespace : from) !== routeNamespace) return false;
    const name = server.slice(slash + 1).toLowerCase();
    const wanted = host.toLowerCase();
    return name === wanted || matchesWildcard(name, wanted) || matchesWildcard(wanted, name);
  });
}
