import { type JsonObject, type TailPolicy, UserError } from '../../kit/index.ts';
import { literal } from './config.ts';

/**
 * The settings of the processor that keeps or drops whole traces (contrib 0.159, tail_sampling).
 *
 * @param decisionWaitSeconds how long it waits for a trace's spans before it decides
 * @throws UserError when a policy keeps nothing, is out of range, or comes twice
 */
export function tailSampling(policies: readonly TailPolicy[], decisionWaitSeconds: number, where: string): JsonObject {
  if (!(decisionWaitSeconds > 0)) {
    throw new UserError(`decisionWaitSeconds of '${where}' is ${decisionWaitSeconds}: allowed are seconds above 0`);
  }
  if (policies.length === 0) throw new UserError(`tail sampling of '${where}' keeps nothing: name at least one policy`);
  const made = policies.map((policy) => samplingPolicy(policy, where));
  const names = made.map((p) => p.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UserError(
      `tail sampling of '${where}' has the policy '${twice}' twice: say it once, the values of one attribute in one list`,
    );
  return { decision_wait: `${decisionWaitSeconds}s`, policies: made };
}

function samplingPolicy(policy: TailPolicy, where: string): JsonObject & { readonly name: string } {
  const refuse = (what: string): never => {
    throw new UserError(`tail sampling of '${where}' keeps ${what}`);
  };
  switch (policy.keep) {
    case 'all':
      return { name: 'all', type: 'always_sample' };
    case 'errors':
      return { name: 'errors', type: 'status_code', status_code: { status_codes: ['ERROR'] } };
    case 'slower-than': {
      const { milliseconds } = policy;
      if (!Number.isInteger(milliseconds) || milliseconds < 1)
        refuse(`traces slower than ${milliseconds} ms: allowed are whole numbers from 1`);
      return { name: `slower-than-${milliseconds}ms`, type: 'latency', latency: { threshold_ms: milliseconds } };
    }
    case 'share': {
      const { percent } = policy;
      if (!(percent > 0 && percent <= 100)) refuse(`a share of ${percent} percent: allowed is above 0, up to 100`);
      return { name: `share-${percent}-percent`, type: 'probabilistic', probabilistic: { sampling_percentage: percent } };
    }
    case 'spans-per-second': {
      const { limit } = policy;
      if (!Number.isInteger(limit) || limit < 1) refuse(`${limit} spans per second: allowed are whole numbers from 1`);
      return { name: `spans-per-second-${limit}`, type: 'rate_limiting', rate_limiting: { spans_per_second: limit } };
    }
    case 'attribute': {
      const { key, values } = policy;
      if (key === '' || values.length === 0)
        refuse(`traces by attribute ${JSON.stringify(key)}: give a key and at least one value`);
      return {
        name: `attribute-${literal(key)}`,
        type: 'string_attribute',
        string_attribute: { key: literal(key), values: values.map(literal) },
      };
    }
  }
}
