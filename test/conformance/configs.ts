import { parseDocument, stringify } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../constructs/kit/json.ts';
import { label, type StackObject } from './stack.ts';

/** A configuration that lies inside an object, and whose it is. */
export interface EmbeddedConfig {
  readonly of: 'jaeger' | 'collector' | 'loki' | 'prometheus' | 'rules' | 'dashboard' | 'unreadable';
  /** The object, and the key in it. */
  readonly where: string;
  /** The configuration; of an unreadable one, what is wrong. */
  readonly text: string;
}

/** Finds configurations by what they look like, in ConfigMaps, Secrets and the objects of operators. */
export function embeddedConfigs(objects: readonly StackObject[]): EmbeddedConfig[] {
  return objects.flatMap((object) => {
    const where = label(object);
    const spec = isObject(object.json.spec) ? object.json.spec : {};
    switch (object.kind) {
      case 'ConfigMap':
        return textsOf(object.json.data).flatMap(([key, text]) => fromText(`${where}:${key}`, key, text));
      case 'Secret':
        return textsOf(object.json.stringData).flatMap(([key, text]) => fromText(`${where}:${key}`, key, text));
      case 'OpenTelemetryCollector':
        return fromText(where, 'config.yaml', typeof spec.config === 'string' ? spec.config : stringify(spec.config ?? {}));
      case 'PrometheusRule':
        return fromText(where, 'rules.yaml', stringify({ groups: spec.groups ?? [] }));
      case 'GrafanaDashboard':
        return typeof spec.json === 'string' ? fromText(where, 'dashboard.json', spec.json) : [];
      default:
        return [];
    }
  });
}

function textsOf(data: Json | undefined): [string, string][] {
  const entries = isObject(data) ? Object.entries(data) : [];
  return entries.flatMap(([key, text]) => (typeof text === 'string' ? [[key, text] satisfies [string, string]] : []));
}

function fromText(where: string, key: string, text: string): EmbeddedConfig[] {
  const isJson = key.endsWith('.json');
  if (!isJson && !/\.ya?ml$/.test(key)) return [];
  let content: unknown;
  try {
    content = isJson ? JSON.parse(text) : parseYaml(text);
  } catch (error) {
    const [what = ''] = error instanceof Error ? error.message.split('\n') : [];
    return [{ of: 'unreadable', where, text: `not ${isJson ? 'JSON' : 'YAML'}: ${what}` }];
  }
  const of = isObject(content) ? kindOf(content) : undefined;
  return of ? [{ of, where, text }] : [];
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw error;
  return document.toJS();
}

function kindOf(config: JsonObject): EmbeddedConfig['of'] | undefined {
  const { service, extensions, scrape_configs, global, groups, panels, schema_config, limits_config } = config;
  if (isObject(service) && 'pipelines' in service) {
    const names = isObject(extensions) ? Object.keys(extensions) : [];
    return names.some((name) => name.startsWith('jaeger')) ? 'jaeger' : 'collector';
  }
  if (isObject(schema_config) && isObject(limits_config)) return 'loki';
  if (scrape_configs !== undefined || (isObject(global) && 'scrape_interval' in global)) return 'prometheus';
  if (Array.isArray(groups) && groups.length > 0 && groups.every((group: Json) => isObject(group) && 'rules' in group))
    return 'rules';
  return Array.isArray(panels) ? 'dashboard' : undefined;
}

/** The PromQL of a dashboard's JSON, its variables replaced by something of their kind; other query languages are left out. */
export function dashboardQueries(text: string): string[] {
  const queries: string[] = [];
  const visit = (value: Json, inherited: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!isObject(value)) {
      for (const item of value) visit(item, inherited);
      return;
    }
    const { datasource, expr } = value;
    const type = isObject(datasource) && typeof datasource.type === 'string' ? datasource.type : inherited;
    if (typeof expr === 'string' && type === 'prometheus') queries.push(withoutVariables(expr));
    for (const inner of Object.values(value)) visit(inner, type);
  };
  const content: unknown = JSON.parse(text);
  if (isObject(content)) visit(content, '');
  return [...new Set(queries)];
}

function withoutVariables(expr: string): string {
  const variable = String.raw`(?:\$\w+|\$\{[^}]+\}|\[\[\w+\]\])`;
  return expr
    .replace(new RegExp(String.raw`(\[|:|offset\s+)${variable}`, 'g'), (_all, before: string) => `${before}5m`)
    .replace(new RegExp(variable, 'g'), 'x');
}
