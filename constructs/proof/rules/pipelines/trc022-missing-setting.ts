import { isObject, type Json } from '../../../kit/json.ts';
import { at, fields, number, text } from '../../json-path.ts';
import { type Component, isOpen, type Pipelines, type Section } from '../../model/spans/components.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { componentCause } from './config-faults.ts';

export const missingSetting: Rule = {
  code: 'TRC022',
  title: 'a component lacks a setting that it does not start without',
  severity: 'error',
  run: (model) => model.programs.pipelines.flatMap(settingFaults),
  docs: {
    cause:
      'Most components work without settings (`batch:` and `debug:` may stay empty), some do not: otlp and jaeger receivers need `protocols`, exporters an endpoint, memory_limiter a check_interval and a limit. The collector checks every declared component, used or not, and does not start.',
    fix: 'Complete the component, or take it out.',
    example: 'receivers:\n  otlp:   # protocols: {grpc: {}, http: {}}\nexporters:\n  otlp_grpc:   # endpoint: "jaeger:4317"',
  },
};

interface Need {
  /** Whether the settings have it. */
  readonly has: (settings: Json) => boolean;
  readonly what: string;
  readonly hint: string;
}

const some = (settings: Json, ...path: string[]) => {
  const node = at(settings, ...path);
  return typeof node === 'string'
    ? node !== ''
    : isObject(node)
      ? Object.keys(node).length > 0
      : Array.isArray(node) && node.length > 0;
};
const protocols = (known: string): Need => ({
  has: (settings) => some(settings, 'protocols'),
  what: 'protocols',
  hint: `add protocols: ${known}`,
});
const endpoint = (example: string): Need => ({
  has: (settings) => text(settings, 'endpoint') !== undefined,
  what: 'an endpoint',
  hint: `add endpoint: ${example}`,
});
const list = (key: string): Need => ({
  has: (settings) => some(settings, key),
  what: key,
  hint: `add ${key}, or take the processor out`,
});
const isSet = (settings: Json, key: string) => text(settings, key) !== undefined || (number(settings, key) ?? 0) > 0;

// Collector 0.155 and 0.111, contrib 0.159, Jaeger 2.20: what their configurations refuse to do without.
const NEEDS: ReadonlyMap<string, readonly Need[]> = new Map<string, readonly Need[]>([
  ['receivers otlp', [protocols('{grpc: {}, http: {}}')]],
  ['receivers jaeger', [protocols('{grpc: {}, thrift_http: {}}')]],
  ['receivers skywalking', [protocols('{grpc: {}}')]],
  [
    'processors memory_limiter',
    [
      { has: (one) => isSet(one, 'check_interval'), what: 'a check_interval', hint: 'add check_interval: 1s' },
      {
        has: (one) => isSet(one, 'limit_mib') || isSet(one, 'limit_percentage'),
        what: 'a limit',
        hint: 'add limit_percentage: 80, or limit_mib',
      },
    ],
  ],
  ['processors resource', [list('attributes')]],
  ['processors attributes', [list('actions')]],
  ['exporters otlp_grpc', [endpoint('HOST:4317')]],
  [
    'exporters otlp_http',
    [
      {
        has: (one) => Object.keys(fields(one)).some((key) => key.endsWith('endpoint') && text(one, key) !== undefined),
        what: 'an endpoint',
        hint: 'add endpoint: http://HOST:4318',
      },
    ],
  ],
  ['exporters zipkin', [endpoint('http://HOST:9411/api/v2/spans')]],
  ['exporters prometheus', [endpoint('0.0.0.0:8889')]],
  [
    'exporters load_balancing',
    [{ has: (one) => some(one, 'resolver'), what: 'a resolver', hint: 'add resolver: {dns: {hostname: HOST}}' }],
  ],
  ['exporters file', [{ has: (one) => isSet(one, 'path'), what: 'a path', hint: 'add path' }]],
  [
    'exporters jaeger_storage_exporter',
    [
      {
        has: (one) => isSet(one, 'trace_storage'),
        what: 'a trace_storage',
        hint: 'add trace_storage: the name of a backend of jaeger_storage',
      },
    ],
  ],
  [
    'extensions jaeger_storage',
    [{ has: (one) => some(one, 'backends'), what: 'backends', hint: 'add backends: {main: {memory: {max_traces: 100000}}}' }],
  ],
]);
const SECTIONS: readonly Section[] = ['receivers', 'processors', 'exporters', 'extensions'];

/** The components without a setting that they need, and with settings that are no map. */
export function settingFaults({ config, components }: Pipelines): Fault[] {
  // Values of a chart are laid over its own.
  if (config.partial) return [];
  return SECTIONS.flatMap((section) => [...components[section].values()].flatMap((component) => componentFault(component) ?? []));
}

function componentFault(component: Component): Fault | undefined {
  const { section, id, type, value, at: spot } = component;
  const what = `${section.slice(0, -1)} "${id}"`;
  const cause = componentCause(component);
  if (isOpen(value)) return undefined;
  if (value !== null && !isObject(value)) {
    const given = Array.isArray(value) ? 'a list' : JSON.stringify(value);
    return {
      at: spot,
      message: `${what} is ${given}, must be a map of settings`,
      hint: 'write its settings below it, or {} for none',
      cause,
    };
  }
  const missing = (NEEDS.get(`${section} ${type}`) ?? []).find((need) => !need.has(value));
  return missing && { at: spot, message: `${what} has no ${missing.what.replace(/^an? /, '')}`, hint: missing.hint, cause };
}
