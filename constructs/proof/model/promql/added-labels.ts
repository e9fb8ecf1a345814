import { isObject, type Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, fields, items, strings, text } from '../../json-path.ts';
import type { Config } from '../../read/config.ts';
import type { ProofObject } from '../../types.ts';
import type { Model } from '../model.ts';

/**
 * Labels that something in the input gives to series: relabeling, static and external labels, tags of a Telemetry, dimensions of metrics made
 * of spans, and the labels of pods and Services, which many scrape jobs copy.
 */
export const addedLabels: (model: Model) => ReadonlySet<string> = remember((model) => {
  const found = new Set<string>();
  for (const object of model.objects) for (const label of ofObject(object)) found.add(label);
  for (const config of model.configs) for (const label of ofConfig(config)) found.add(label);
  return found;
});

const ofObject = remember(({ json, kind }: ProofObject): ReadonlySet<string> => {
  const found = new Set<string>();
  const add = (label: string) => found.add(label.replace(/\W/g, '_'));
  for (const path of [
    ['metadata', 'labels'],
    ['spec', 'template', 'metadata', 'labels'],
  ])
    for (const label of strings(json, ...path).keys()) add(label);
  if (SETTING.has(kind)) collect(at(json, 'spec'), add);
  if (kind === 'PrometheusRule')
    for (const group of items(json, 'spec', 'groups')) {
      for (const label of Object.keys(fields(group, 'labels'))) add(label);
      for (const rule of items(group, 'rules')) for (const label of Object.keys(fields(rule, 'labels'))) add(label);
    }
  return found;
});

const ofConfig = remember(({ value }: Config): ReadonlySet<string> => {
  const found = new Set<string>();
  collect(value, (label) => found.add(label.replace(/\W/g, '_')));
  return found;
});

const SETTING: ReadonlySet<string> = new Set([
  ...[
    'Prometheus',
    'PrometheusAgent',
    'ServiceMonitor',
    'PodMonitor',
    'Probe',
    'ScrapeConfig',
    'Telemetry',
    'IstioOperator',
    'Istio',
  ],
  ...['HelmRelease', 'OpenTelemetryCollector', 'TempoMonolithic', 'TempoStack', 'EnvoyFilter'],
]);

/** Keys whose values are names of labels, and keys of maps from labels to values. */
const NAMES: ReadonlySet<string> = new Set([
  'target_label',
  'targetLabel',
  'targetLabels',
  'podTargetLabels',
  'extraStatTags',
  'jobLabel',
]);
const MAPS: ReadonlySet<string> = new Set([
  'labels',
  'external_labels',
  'externalLabels',
  'tagOverrides',
  'static_labels',
  'const_labels',
]);

function collect(json: Json | undefined, add: (label: string) => void): void {
  const open: (Json | undefined)[] = [json];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node)) open.push(...node);
    if (!isObject(node)) continue;
    for (const [key, value] of Object.entries(node)) {
      if (NAMES.has(key)) for (const one of [value].flat()) if (typeof one === 'string') add(one);
      if (MAPS.has(key) && isObject(value)) Object.keys(value).forEach(add);
      // Of a span: the connectors' `{name: http.method}`, Tempo's plain names; an edge has one of each side.
      if (key.endsWith('imensions'))
        for (const one of items(value)) {
          const name = typeof one === 'string' ? one : text(one, 'name');
          if (name !== undefined) for (const side of ['', 'client_', 'server_']) add(`${side}${name}`);
        }
      open.push(value);
    }
  }
}
