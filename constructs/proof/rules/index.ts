import type { Rule } from '../rule.ts';
import { chartsRules } from './charts/index.ts';
import { exposureRules } from './exposure/index.ts';
import { fluxRules } from './flux/index.ts';
import { objectsRules } from './objects/index.ts';
import { observabilityRules } from './observability/index.ts';
import { pagesRules } from './pages/index.ts';
import { pipelinesRules } from './pipelines/index.ts';
import { productionRules } from './production/index.ts';
import { providersRules } from './providers/index.ts';
import { reachRules } from './reach/index.ts';
import { referencesRules } from './references/index.ts';
import { samplingRules } from './sampling/index.ts';
import { secretsRules } from './secrets/index.ts';
import { trafficRules } from './traffic/index.ts';

/** All rules, in the order of docs/findings.md. Of several faults with one cause, the first rule's is told. */
export const rules: readonly Rule[] = [
  ...objectsRules,
  ...referencesRules,
  ...trafficRules,
  ...fluxRules,
  ...chartsRules,
  ...exposureRules,
  ...secretsRules,
  ...providersRules,
  ...pipelinesRules,
  ...reachRules,
  ...pagesRules,
  ...observabilityRules,
  ...samplingRules,
  ...productionRules,
];
