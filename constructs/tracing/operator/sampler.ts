import { type InstrumentationSpecSampler, InstrumentationSpecSamplerType as Type } from '../../../imports/opentelemetry.io.ts';
import { UserError } from '../../kit/index.ts';

/** Which traces programs begin (OpenTelemetry, OTEL_TRACES_SAMPLER). `parentbased_…` asks only where nobody has decided before. */
export type InstrumentationSampler =
  | { readonly type: 'always_on' | 'always_off' | 'parentbased_always_on' | 'parentbased_always_off' }
  | {
      readonly type: 'traceidratio' | 'parentbased_traceidratio';
      /** 0 to 100. */
      readonly percent: number;
    };

const types: Readonly<Record<InstrumentationSampler['type'], Type>> = {
  always_on: Type.ALWAYS_UNDERSCORE_ON,
  always_off: Type.ALWAYS_UNDERSCORE_OFF,
  traceidratio: Type.TRACEIDRATIO,
  parentbased_always_on: Type.PARENTBASED_UNDERSCORE_ALWAYS_UNDERSCORE_ON,
  parentbased_always_off: Type.PARENTBASED_UNDERSCORE_ALWAYS_UNDERSCORE_OFF,
  parentbased_traceidratio: Type.PARENTBASED_UNDERSCORE_TRACEIDRATIO,
};

/** @throws UserError when the share is not within 0 to 100 @internal */
export function samplerOf(
  sampler: InstrumentationSampler = { type: 'parentbased_always_on' },
  where: string,
): InstrumentationSpecSampler {
  const type = types[sampler.type];
  if (!('percent' in sampler)) return { type };
  const { percent } = sampler;
  if (!(percent >= 0 && percent <= 100))
    throw new UserError(`percent of the sampler of '${where}' is ${percent}: allowed is 0 to 100`);
  // 7 / 100 is no round number in binary, and not every agent reads an exponent.
  return { type, argument: (percent / 100).toFixed(9).replace(/\.?0+$/, '') };
}
