import { loadBalancersOf } from '../../model/exposure/load-balancers.ts';
import type { Rule } from '../../rule.ts';

export const oldAnnotation: Rule = {
  code: 'EXP009',
  title: 'an annotation of MetalLB in the old spelling',
  severity: 'info',
  run: (model) =>
    loadBalancersOf(model).flatMap(({ old }) =>
      old.map((at) => ({
        at,
        message: 'has the prefix metallb.universe.tf, which is deprecated',
        hint: 'write the prefix metallb.io',
        cause: 'metallb.universe.tf',
      })),
    ),
  docs: {
    cause: 'MetalLB still reads `metallb.universe.tf/...` (0.16), but says that it will go. Told once for all objects.',
    fix: 'Write `metallb.io/...`.',
    example: 'metadata: {annotations: {metallb.universe.tf/loadBalancerIPs: 10.34.124.115}}',
  },
};
