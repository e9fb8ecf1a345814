import { nearest, suggest } from '../../../kit/nearest.ts';
import type { ComponentRef, Pipelines, Section } from '../../model/spans/components.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { absentCause, componentCause, usable, usedNames } from './config-faults.ts';

export const absentComponent: Rule = {
  code: 'TRC017',
  title: 'a pipeline names a component that is not declared',
  severity: 'error',
  run: (model) => model.programs.pipelines.flatMap(absentFaults),
  docs: {
    cause:
      'A pipeline, or `service.extensions`, names a receiver, processor, exporter, connector or extension that its section does not declare. The collector does not start. Two components of one type have names with a slash (`otlp_grpc/tempo`), and the pipeline has to name the whole.',
    fix: 'Correct the name, or declare the component.',
    example:
      'exporters: {otlp_grpc/tempo: {endpoint: "tempo:4317"}}\nservice:\n  pipelines:\n    traces: {receivers: [otlp], exporters: [otlp_grpc]}   # write otlp_grpc/tempo',
  },
};

/** The names that a configuration uses and does not declare. */
export function absentFaults(pipelines: Pipelines): Fault[] {
  if (pipelines.partial) return [];
  const lists = [...pipelines.pipelines.values()].flatMap((pipeline) => [
    ...list(pipelines, `pipeline ${pipeline.id}`, 'receivers', pipeline.receivers),
    ...list(pipelines, `pipeline ${pipeline.id}`, 'processors', pipeline.processors),
    ...list(pipelines, `pipeline ${pipeline.id}`, 'exporters', pipeline.exporters),
  ]);
  return [...lists, ...list(pipelines, 'service.extensions', 'extensions', pipelines.extensions)];
}

function list(pipelines: Pipelines, who: string, section: Section, refs: readonly ComponentRef[]): Fault[] {
  const known = usable(pipelines, section);
  const names = new Set(known);
  return refs
    .filter((ref) => !names.has(ref.id))
    .map(({ id, at }) => {
      const meant = meantBy(pipelines, section, id);
      const component =
        meant === undefined
          ? undefined
          : (pipelines.components[section].get(meant) ?? pipelines.components.connectors.get(meant));
      return {
        at,
        message: `${who} names ${section.slice(0, -1)} "${id}", which is not declared`,
        hint: meant === undefined ? suggest(id, known, `declare it under ${section}`) : `did you mean "${meant}"?`,
        cause: component ? componentCause(component) : absentCause(pipelines, section, id),
      };
    });
}

/** The declared component that an undeclared name was most likely meant for: a near name, or the only one of its type that nobody uses. */
function meantBy(pipelines: Pipelines, section: Section, id: string): string | undefined {
  const used = usedNames(pipelines)[section];
  const known = usable(pipelines, section);
  const unused = known.filter((one) => !used.has(one));
  const sameType = unused.filter((one) => one.split('/')[0] === id.split('/')[0]);
  return nearest(id, unused) ?? (sameType.length === 1 ? sameType[0] : undefined) ?? nearest(id, known);
}
