import type { Rule } from '../../rule.ts';
import { secondTelemetry } from './trc080-second-telemetry.ts';
import { overlappingSelectors } from './trc081-overlapping-selectors.ts';
import { selectsNothing } from './trc082-selects-nothing.ts';
import { noEffect } from './trc083-no-effect.ts';
import { outOfRange } from './trc084-out-of-range.ts';
import { enableTracing } from './trc085-enable-tracing.ts';
import { unusedProvider } from './trc086-unused-provider.ts';
import { noProvider } from './trc087-no-provider.ts';
import { tailAfterHead } from './trc088-tail-after-head.ts';
import { expression } from './trc089-expression.ts';

/** Which traces there are. */
export const samplingRules: readonly Rule[] = [
  secondTelemetry,
  overlappingSelectors,
  selectsNothing,
  noEffect,
  outOfRange,
  enableTracing,
  unusedProvider,
  noProvider,
  tailAfterHead,
  expression,
];
