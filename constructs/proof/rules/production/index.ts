import type { Rule } from '../../rule.ts';
import { memory } from './prd001-memory.ts';
import { headSampling } from './prd002-head-sampling.ts';
import { anonymous } from './prd003-anonymous.ts';
import { retention } from './prd004-retention.ts';
import { demoProfile } from './prd005-demo-profile.ts';
import { imageTag } from './prd006-image-tag.ts';
import { plainPassword } from './prd007-plain-password.ts';

/** What a lab may do and production may not. */
export const productionRules: readonly Rule[] = [
  memory,
  headSampling,
  anonymous,
  retention,
  demoProfile,
  imageTag,
  plainPassword,
];
