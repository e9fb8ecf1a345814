import type { Rule } from '../../rule.ts';
import { networkFaults } from './network.ts';

export const networkEgress: Rule = {
  code: 'TRC050',
  title: 'a NetworkPolicy does not let out who must get there',
  severity: 'error',
  run: (model) => networkFaults(model, 'egress'),
  docs: {
    cause:
      'NetworkPolicies of type Egress isolate pods that send spans (for proxies: any pod of the mesh), gateways and controllers of Ingresses, or Prometheus (a warning), and no `egress` rule of theirs lets them reach the collector or backend on its container’s port. Rules with an address block (`ipBlock`) are taken to let everything out.',
    fix: 'Add an egress rule to the namespace of the collector and its container’s port.',
    example:
      'kind: NetworkPolicy\nmetadata: {namespace: shop}\nspec: {podSelector: {}, policyTypes: [Egress]}   # nothing leaves namespace shop, spans neither',
  },
};
