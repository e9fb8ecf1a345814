import { accessLogHops } from '../../model/logs/access-logs.ts';
import type { Pipelines, Section } from '../../model/spans/components.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { componentCause, usable, usedNames } from './config-faults.ts';
import { shapeFaults } from './trc019-shape.ts';

export const unusedComponent: Rule = {
  code: 'TRC018',
  title: 'a component is declared and in no pipeline',
  severity: 'warning',
  run: (model) => {
    // What a missing pipeline for access logs leaves behind is told by OBS040.
    const left = new Set(
      accessLogHops(model).flatMap(({ program, receiver }) =>
        program?.pipelines && receiver?.protocol === 'otlp-grpc' && !signalsOf(program.pipelines).has('logs')
          ? [program.pipelines]
          : [],
      ),
    );
    return model.programs.pipelines.flatMap((one) => (left.has(one) ? [] : unusedFaults(one)));
  },
  docs: {
    cause:
      'A receiver, processor, exporter or connector stands in its section, but no pipeline names it; or an extension is not in `service.extensions`. It is not started: a processor `batch` that is only declared batches nothing. What only shows data to people (debug, logging, nop, zpages, pprof) is kept at hand by many and is no finding.',
    fix: 'Name it in a pipeline (in `service.extensions`), or take it out.',
    example:
      'processors: {batch: {}}\nservice:\n  pipelines:\n    traces: {receivers: [otlp], exporters: [otlp_grpc]}   # processors: [batch]',
  },
};

function signalsOf({ pipelines }: Pipelines): ReadonlySet<string | undefined> {
  return new Set([...pipelines.values()].map(({ signal }) => signal));
}

const SECTIONS: readonly Section[] = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'];

// Switched into a pipeline while somebody looks for a fault; no span depends on them.
const AT_HAND = new Set(['debug', 'logging', 'nop', 'zpages', 'pprof']);

function unusedFaults(pipelines: Pipelines): Fault[] {
  if (pipelines.partial || shapeFaults(pipelines).length > 0) return [];
  const used = usedNames(pipelines);
  return SECTIONS.filter((section) => !namesAbsent(pipelines, section, used[section])).flatMap((section) =>
    [...pipelines.components[section].values()]
      .filter(({ id, type }) => !used[section].has(id) && !AT_HAND.has(type))
      .map((component) => ({
        at: component.at,
        message:
          section === 'extensions'
            ? `extension "${component.id}" is declared, but not in service.extensions`
            : `${section.slice(0, -1)} "${component.id}" is declared, but no pipeline names it`,
        hint:
          section === 'extensions'
            ? 'add it to service.extensions, or take it out'
            : 'name it in a pipeline under service.pipelines, or take it out',
        cause: componentCause(component),
      })),
  );
}

/** Whether something of a section is named that it does not declare (TRC017): what nobody names is then most likely what was meant. */
function namesAbsent(pipelines: Pipelines, section: Section, used: ReadonlySet<string>): boolean {
  const known = new Set([...usable(pipelines, section), ...pipelines.components.connectors.keys()]);
  return section !== 'connectors' && [...used].some((id) => !known.has(id));
}
