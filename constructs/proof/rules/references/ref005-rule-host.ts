import { fullHost } from '../../model/hosts.ts';
import type { Rule } from '../../rule.ts';
import { missingService } from '../lookup.ts';

export const ruleHost: Rule = {
  code: 'REF005',
  title: 'a DestinationRule is for a host that does not exist',
  severity: 'error',
  run: (model) =>
    model.destinationRules.all.flatMap(({ object, host, hostAt }) => {
      const { namespace } = object;
      const found = model.services.find(host, namespace);
      if (found.is === 'missing') return [missingService(model, { host, namespace, at: hostAt, what: 'DestinationRule' }, found)];
      if (found.is !== 'service' || found.whole || !host.includes('.')) return [];
      return [
        {
          at: hostAt,
          severity: 'warning' as const,
          message: `host "${host}" is not a full name: Istio completes only names without a dot, so the rule holds for nothing`,
          hint: `write "${fullHost(found.service)}"`,
        },
      ];
    }),
  docs: {
    cause:
      'The host of a DestinationRule is no Service of its namespace, though the input shows that namespace. Its subsets and settings hold for nothing.',
    fix: 'Correct the host; a Service of another namespace needs its full name.',
    example: 'spec:\n  host: reviewz   # the Service is reviews',
  },
};
