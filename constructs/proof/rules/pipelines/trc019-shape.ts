import { isObject, type Json } from '../../../kit/json.ts';
import { nearest } from '../../../kit/nearest.ts';
import { at } from '../../json-path.ts';
import type { Pipeline, Pipelines } from '../../model/spans/components.ts';
import type { Rule } from '../../rule.ts';
import type { Fault, Path } from '../../types.ts';

export const shape: Rule = {
  code: 'TRC019',
  title: 'a collector configuration has not the shape of one',
  severity: 'error',
  run: (model) =>
    model.programs.pipelines.flatMap((pipelines) =>
      shapeFaults(pipelines).filter((fault) => !fault.bySchema || !hasSchema(pipelines)),
    ),
  docs: {
    cause:
      'A collector needs `service.pipelines` with at least one pipeline, and each pipeline at least one receiver and one exporter. Sections are maps by component name, the parts of a pipeline are lists of names, and a pipeline is named after its signal: traces, metrics, logs. Otherwise the collector does not start.',
    fix: 'Complete the configuration; for a pipeline that shall throw away what it gets, use the exporter nop.',
    example: 'service:\n  pipelines:\n    traces: {receivers: [otlp], processors: [batch], exporters: []}',
  },
};

/** A fault of shape. `bySchema` when the schema of an OpenTelemetryCollector v1beta1 tells it too. */
export type ShapeFault = Fault & { readonly bySchema: boolean };

const SECTIONS = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'];
const PARTS = ['receivers', 'processors', 'exporters'] as const;
const SIGNALS = ['traces', 'metrics', 'logs', 'profiles'];

/** What is not of the shape that the collector reads. */
export function shapeFaults(pipelines: Pipelines): ShapeFault[] {
  const { config } = pipelines;
  if (pipelines.partial) return [];
  const { value } = config;
  const fault = faults(pipelines);
  const sections = SECTIONS.filter((key) => value[key] !== undefined && value[key] !== null && !isObject(value[key]));
  if (sections.length > 0)
    return sections.map((key) =>
      fault([key], `${key} must be a map of components by name`, 'write each component as a key: its settings, or {}', true),
    );
  const { service } = value;
  if (!isObject(service)) {
    const place = service === undefined ? [] : ['service'];
    return [fault(place, 'there is no service, so the collector runs nothing', 'add service.pipelines', true)];
  }
  const listed = at(service, 'extensions');
  const extensions =
    listed === undefined || listed === null || Array.isArray(listed)
      ? []
      : [fault(['service', 'extensions'], 'service.extensions must be a list of names', 'write [health_check]', true)];
  const found = at(service, 'pipelines');
  if (isObject(found) && Object.keys(found).length > 0)
    return [
      ...extensions,
      ...[...pipelines.pipelines.values()].flatMap((one) => pipelineFaults(pipelines, one, at(found, one.id))),
    ];
  const place = found === undefined ? ['service'] : ['service', 'pipelines'];
  const hint = 'add service.pipelines.traces with receivers and exporters';
  return [...extensions, fault(place, 'there is no pipeline, so the collector runs nothing', hint, !isObject(found))];
}

function pipelineFaults(pipelines: Pipelines, pipeline: Pipeline, value: Json | undefined): ShapeFault[] {
  const { id, signal } = pipeline;
  const path = ['service', 'pipelines', id];
  const fault = faults(pipelines);
  if (!SIGNALS.includes(signal)) {
    const near = nearest(signal, SIGNALS);
    const hint = near === undefined ? 'name it traces, metrics or logs, with /NAME for a second one' : `did you mean "${near}"?`;
    return [fault(path, `pipeline "${id}" is named after no signal`, hint, false)];
  }
  if (value !== null && value !== undefined && !isObject(value)) {
    const message = `pipeline ${id} must be a map with receivers, processors and exporters`;
    return [fault(path, message, 'write {receivers: [...], exporters: [...]}', true)];
  }
  const lists = PARTS.filter((part) => {
    const list = at(value, part);
    return list !== undefined && list !== null && !(Array.isArray(list) && list.every((one) => typeof one === 'string'));
  });
  if (lists.length > 0)
    return lists.map((part) =>
      fault([...path, part], `${part} of pipeline ${id} must be a list of names`, 'write [otlp] rather than otlp', true),
    );
  const twice = PARTS.flatMap((part) => {
    const ids = pipeline[part].map((ref) => ref.id);
    const again = ids.findIndex((one, i) => ids.indexOf(one) < i);
    return again < 0
      ? []
      : [fault([...path, part, again], `pipeline ${id} names ${ids[again]} twice`, 'take one of them out', false)];
  });
  const empty = (['receivers', 'exporters'] as const).filter((part) => pipeline[part].length === 0);
  if (empty.length === 0) return twice;
  const message = `pipeline ${id} has no ${empty.join(' and no ')}`;
  const bySchema = isObject(value) && empty.some((part) => at(value, part) === undefined);
  return [...twice, fault(path, message, `add ${empty.join(' and ')}, or take the pipeline out`, bySchema)];
}

function faults({ config }: Pipelines): (path: Path, message: string, hint: string, bySchema: boolean) => ShapeFault {
  return (path, message, hint, bySchema) => ({ at: config.spot(path), message, hint, bySchema });
}

/** Whether the configuration is checked against a schema: as an object of a custom resource, not as a text. */
function hasSchema({ config }: Pipelines): boolean {
  return config.object.kind === 'OpenTelemetryCollector' && config.key === undefined;
}
