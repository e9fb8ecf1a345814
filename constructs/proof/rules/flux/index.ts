import type { Rule } from '../../rule.ts';
import { dependsOn } from './flx001-depends-on.ts';
import { source } from './flx002-source.ts';
import { cycle } from './flx003-cycle.ts';
import { crdInStep } from './flx004-crd-in-step.ts';
import { crdOrder } from './flx005-crd-order.ts';
import { path } from './flx006-path.ts';
import { substitution } from './flx007-substitution.ts';
import { notForKubectl } from './flx008-not-for-kubectl.ts';
import { healthCheck } from './flx009-health-check.ts';
import { twoOwners } from './flx010-two-owners.ts';
import { valuesFrom } from './flx011-values-from.ts';

/** The rollout by Flux. */
export const fluxRules: readonly Rule[] = [
  dependsOn,
  source,
  cycle,
  crdInStep,
  crdOrder,
  path,
  substitution,
  notForKubectl,
  healthCheck,
  twoOwners,
  valuesFrom,
];
