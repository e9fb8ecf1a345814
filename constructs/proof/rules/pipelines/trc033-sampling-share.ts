import { isObject, type Json } from '../../../kit/json.ts';
import { at } from '../../json-path.ts';
import type { Component, Pipelines } from '../../model/spans/components.ts';
import type { Rule } from '../../rule.ts';
import type { Fault, Path } from '../../types.ts';

export const samplingShare: Rule = {
  code: 'TRC033',
  title: 'a sampler of a collector keeps a share that is no share',
  severity: 'error',
  run: (model) => model.programs.pipelines.flatMap(shareFaults),
  docs: {
    cause:
      'sampling_percentage of probabilistic_sampler, or of a policy of tail_sampling, is below 0 (the collector does not start, or the policy keeps nothing) or above 100 (it keeps everything, a warning). A probabilistic_sampler at 0 keeps no trace at all (a warning). It is a percentage: 0.1 keeps one trace of a thousand.',
    fix: 'Write a number from 0 to 100.',
    example: 'processors: {probabilistic_sampler: {sampling_percentage: 500}}',
  },
};

function shareFaults({ components }: Pipelines): Fault[] {
  return [...components.processors.values()]
    .filter(({ type }) => type === 'probabilistic_sampler' || type === 'tail_sampling')
    .flatMap((component) => shares(component.value).flatMap(({ path, value }) => shareFault(component, path, value) ?? []));
}

/** Every `sampling_percentage`, in nested policies too. */
function shares(settings: Json, path: Path = []): { path: Path; value: Json }[] {
  const inner: [string | number, Json][] = Array.isArray(settings)
    ? [...settings.entries()]
    : isObject(settings)
      ? Object.entries(settings)
      : [];
  // Policies lie in each other three deep (composite, and), a few maps apiece.
  if (path.length > 12) return [];
  return inner.flatMap(([key, value]) =>
    key === 'sampling_percentage' ? [{ path: [...path, key], value }] : shares(value, [...path, key]),
  );
}

function shareFault({ id, type, value: settings, spot }: Component, path: Path, value: Json): Fault | undefined {
  if (value === 0 && type === 'probabilistic_sampler') {
    const hint = 'write how many percent to keep, or take the sampler out';
    return { at: spot(path), severity: 'warning', message: `${id} samples 0 percent: no trace is left`, hint };
  }
  if (typeof value !== 'number' || (value >= 0 && value <= 100)) return undefined;
  const name = at(settings, ...path.slice(0, -2), 'name');
  const who = typeof name === 'string' ? `policy "${name}" of ${id}` : id;
  return {
    at: spot(path),
    severity: value < 0 ? 'error' : 'warning',
    message: `${who} samples ${value} percent`,
    hint: 'write a number from 0 to 100',
  };
}
