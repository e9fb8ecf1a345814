import type { Rule } from '../../rule.ts';
import { networkFaults } from './network.ts';

export const networkIngress: Rule = {
  code: 'TRC049',
  title: 'a NetworkPolicy keeps out who must get in',
  severity: 'error',
  run: (model) => networkFaults(model, 'ingress'),
  docs: {
    cause:
      'NetworkPolicies isolate the pods behind a hop of the trace path, a route of a gateway, an Ingress or a ServiceMonitor (a warning), and no `ingress` rule of theirs admits the senders on this port. Proxies send spans from every namespace of the mesh and from the gateways. Ports are those of the container, not of the Service. Rules with an address block (`ipBlock`) are taken to admit everybody.',
    fix: 'Add an ingress rule with the container’s port and the namespaces that send.',
    example:
      'kind: NetworkPolicy\nspec:\n  podSelector: {matchLabels: {app: collector}}\n  ingress:\n  - from: [{podSelector: {}}]   # its own namespace alone: the mesh is elsewhere\n    ports: [{port: 4317}]',
  },
};
