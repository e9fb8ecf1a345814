import { isObject } from '../../../kit/json.ts';
import { at, text } from '../../json-path.ts';
import type { Config } from '../../read/config.ts';
import { spotOf } from '../../types.ts';
import type { Pipelines } from './components.ts';
import { envOf, imageAt } from './containers.ts';
import { exportersOf } from './exporters.ts';
import { pipelinesReading } from './program-kinds.ts';
import type { Program } from './programs.ts';
import { receiversOf } from './receivers.ts';

/** The collector that the operator makes from an OpenTelemetryCollector (operator 0.158). It fills missing addresses in with 0.0.0.0. */
export function collectorResource(config: Config, pipelines: (config: Config) => Pipelines): Program | undefined {
  const { object } = config;
  if (object.kind !== 'OpenTelemetryCollector' || object.group !== 'opentelemetry.io') return undefined;
  const { name, namespace, json } = object;
  const stated = at(json, 'spec', 'config');
  const read = pipelines(config);
  const env = envOf(object, ['spec'], at(json, 'spec'));
  const variable = (one: string) => env.get(one)?.value;
  const sidecar = text(json, 'spec', 'mode') === 'sidecar';
  return {
    ...{ is: 'collector', name, namespace, object, config, pipelines: read },
    ...{ workload: undefined, container: undefined, image: imageAt(object, ['spec', 'image'], text(json, 'spec', 'image')) },
    whole: !read.partial && (isObject(stated) || typeof stated === 'string') && at(json, 'spec', 'envFrom') === undefined,
    // In a sidecar it shares the labels of the app.
    labels: sidecar ? new Map() : operatorLabels(name, namespace),
    receivers: receiversOf(
      config.value.receivers,
      { localByDefault: false, variable },
      (id) => pipelinesReading(read, id),
      (path) => config.spot(['receivers', ...path]),
    ),
    exporters: exportersOf(read, variable),
    at: spotOf(object, ['spec', 'config']),
  };
}

function operatorLabels(name: string, namespace: string): ReadonlyMap<string, string> {
  return new Map([
    ['app.kubernetes.io/managed-by', 'opentelemetry-operator'],
    ['app.kubernetes.io/instance', `${namespace}.${name}`],
    ['app.kubernetes.io/part-of', 'opentelemetry'],
    ['app.kubernetes.io/component', 'opentelemetry-collector'],
    ['app.kubernetes.io/name', `${name}-collector`],
  ]);
}
