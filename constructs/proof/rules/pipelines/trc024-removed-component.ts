import { component as catalogued, isOlder, removedIn } from '../../../kit/collector-components.ts';
import { at, text } from '../../json-path.ts';
import { type Component, KIND_OF, type Section } from '../../model/spans/components.ts';
import type { Program } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { componentCause } from './config-faults.ts';
import { buildOf } from './distribution.ts';

export const removedComponent: Rule = {
  code: 'TRC024',
  title: 'a component or setting that the collector no longer has',
  severity: 'error',
  run: (model) => model.programs.all.flatMap((program) => [...removedFaults(program), ...metricsAddress(program)]),
  docs: {
    cause:
      'The image’s release has removed the component: the exporters logging (0.111), jaeger (0.86), opencensus and loki, the opencensus receiver. Or the setting: `service.telemetry.metrics.address` is not read any more. The collector does not start. Where only a configuration is shown, or a v1alpha1 resource whose operator chooses the image, it is a warning.',
    fix: 'Use what took its place: debug for logging, OTLP for jaeger and opencensus, otlp_http to /otlp for Loki, `readers` for the metrics address.',
    example: 'exporters:\n  jaeger: {endpoint: "jaeger-collector:14250"}   # otlp_grpc: {endpoint: "jaeger-collector:4317"}',
  },
};

const SECTIONS: readonly Section[] = ['receivers', 'processors', 'exporters', 'extensions'];

/** The components of a program that are gone from its release. */
export function removedFaults(program: Program): Fault[] {
  const { pipelines } = program;
  const build = buildOf(program);
  if (!pipelines || build.is === 'own') return [];
  const version = build.is === 'released' ? build.version : undefined;
  // The operators of the old API had collectors of their day.
  const isOld = build.is === 'operator' && text(program.object.json, 'apiVersion') === 'opentelemetry.io/v1alpha1';
  const isGuess = build.is === 'unstated' || isOld;
  return SECTIONS.flatMap((section) =>
    [...pipelines.components[section].values()].flatMap((component) => {
      const fault = removedFault(component, version);
      return fault ? [isGuess ? { ...fault, severity: 'warning' as const } : fault] : [];
    }),
  );
}

function removedFault(component: Component, version: string | undefined): Fault | undefined {
  const { section, id, written, at: spot } = component;
  const kind = KIND_OF[section];
  const gone = catalogued(kind, written)?.removed && removedIn(kind, written, version);
  return (
    gone && {
      at: spot,
      message: `${kind} "${id}" is gone since ${gone.in}`,
      hint: `use ${gone.instead}`,
      cause: componentCause(component),
    }
  );
}

// Deprecated by 0.111; the collector 0.155 refuses it.
const REFUSED = '0.155.0';

function metricsAddress(program: Program): Fault[] {
  const { config, pipelines } = program;
  const path = ['service', 'telemetry', 'metrics', 'address'];
  if (!config || !pipelines || at(config.value, ...path) === undefined) return [];
  const build = buildOf(program);
  const refused = build.is === 'released' && !isOlder(build.version, REFUSED);
  if (build.is === 'released' && isOlder(build.version, '0.111.0')) return [];
  return [
    {
      at: config.spot(path),
      severity: refused ? 'error' : 'warning',
      message: refused
        ? 'service.telemetry.metrics.address is gone'
        : 'service.telemetry.metrics.address is deprecated, and newer collectors refuse it',
      hint: 'use service.telemetry.metrics.readers: [{pull: {exporter: {prometheus: {host: 0.0.0.0, port: 8888}}}}]',
      cause: `metrics address ${config.object.id} ${config.key ?? ''}`,
    },
  ];
}
