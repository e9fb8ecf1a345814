import { isObject, type Json, type JsonObject } from '../../kit/json.ts';
import { remember, rememberText } from '../../kit/remember.ts';
import { at, fields, text } from '../json-path.ts';
import { fieldName, type Path, type ProofObject, type Spot, spotOf } from '../types.ts';
import { configsOfCharts } from './charts.ts';
import { type Config, type ConfigKind, fieldConfig } from './config.ts';
import { isFault, readYaml } from './yaml.ts';

/** A configuration in a ConfigMap that nobody can read. */
export interface BrokenConfig {
  readonly at: Spot;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Finds every configuration that some object holds. */
export function configsOf(objects: readonly ProofObject[]): { configs: Config[]; broken: BrokenConfig[] } {
  const configs: Config[] = [];
  const broken: BrokenConfig[] = [];
  for (const object of objects) {
    for (const one of configsIn(object)) {
      if ('value' in one) configs.push(one);
      else broken.push(one);
    }
  }
  configs.push(...configsOfCharts(objects));
  return { configs, broken };
}

/** The mesh config that an existing install is said to have. */
export const claimedConfig = remember((claim: ProofObject): Config => fieldConfig('mesh', claim, ['mesh'], { verbatim: true }));

const configsIn = remember((object: ProofObject): readonly (Config | BrokenConfig)[] =>
  object.kind === 'ConfigMap' && object.group === '' ? configsOfConfigMap(object) : configsOfResource(object),
);

function configsOfResource(object: ProofObject): (Config | BrokenConfig)[] {
  const { group, kind, json } = object;
  if (group === 'opentelemetry.io' && kind === 'OpenTelemetryCollector') {
    if (typeof at(json, 'spec', 'config') !== 'string') return [fieldConfig('collector', object, ['spec', 'config'])];
    const read = embedded('collector', object, ['spec', 'config']);
    if (!read) return [];
    return ['value' in read ? { ...read, verbatim: false } : read];
  }
  if (group === 'kiali.io' && kind === 'Kiali') return [fieldConfig('kiali', object, ['spec'])];
  if (group === 'sailoperator.io' && kind === 'Istio') return [fieldConfig('mesh', object, ['spec', 'values', 'meshConfig'])];
  return [];
}

const MESH_CONFIG_MAP = /^istio(-[a-z0-9-]+)?$/;

function configsOfConfigMap(object: ProofObject): (Config | BrokenConfig)[] {
  const isMesh = MESH_CONFIG_MAP.test(object.name) && text(object.json, 'data', 'mesh') !== undefined;
  return Object.entries(fields(object.json, 'data')).flatMap(([key, value]) => {
    if (typeof value !== 'string' || (!isMesh && !hasSign(value))) return [];
    const mesh = isMesh && key === 'mesh';
    const read = embedded(mesh ? 'mesh' : undefined, object, ['data', key]);
    return read && ('value' in read || mesh || /\.ya?ml$/.test(key)) ? [read] : [];
  });
}

const hasSign = rememberText((source) => SIGNS.test(source));
/** Words that stand in the configurations looked for: most ConfigMaps hold something else and need no parsing. */
const SIGNS = /(^|["{\n])\s*"?(pipelines|exporters|distributor|scrape_configs|datasources|external_services)"?\s*:/;

function recognize(value: JsonObject): ConfigKind | undefined {
  if (isObject(at(value, 'service', 'pipelines')) || (isObject(value.receivers) && isObject(value.exporters)))
    return at(value, 'extensions', 'jaeger_query') === undefined ? 'collector' : 'jaeger';
  if (isObject(at(value, 'distributor', 'receivers')) || (isObject(value.distributor) && isObject(at(value, 'storage', 'trace'))))
    return 'tempo';
  if (Array.isArray(value.scrape_configs)) return 'prometheus';
  if (Array.isArray(value.datasources) && value.apiVersion !== undefined) return 'datasources';
  if (isObject(value.external_services)) return 'kiali';
  return undefined;
}

/** Reads YAML held by a string field. Undefined when it is none of the configurations looked for. */
function embedded(known: ConfigKind | undefined, object: ProofObject, path: Path): Config | BrokenConfig | undefined {
  const source = text(object.json, ...path);
  if (source === undefined) return undefined;
  const parsed = readYaml(source);
  if (isFault(parsed)) {
    if (parsed.template && known !== 'mesh') return undefined;
    const at: Spot = { ...spotOf(object, path), line: () => object.origin.line(path, parsed.line) };
    return { at, message: parsed.message, hint: parsed.hint };
  }
  const [document] = parsed;
  const value: Json | undefined = document?.value;
  if (!document || !isObject(value))
    return known !== undefined
      ? { at: spotOf(object, path), message: 'expected a map', hint: 'write settings there, one key a line' }
      : undefined;
  const kind = known ?? recognize(value);
  if (!kind) return undefined;
  const spot = (innerPath: Path): Spot => ({
    object,
    field: [fieldName(path), fieldName(innerPath)].filter((part) => part !== '').join(': '),
    line: () => object.origin.line(path, document.line(innerPath) ?? 1),
  });
  const key = path.at(-1);
  return { kind, value, object, verbatim: true, partial: false, spot, ...(typeof key === 'string' ? { key } : {}) };
}

/** Reads what one key of a ConfigMap holds, known to be of a kind because a program is started with it. Undefined when it cannot be read. */
export function configIn(kind: ConfigKind, object: ProofObject, key: string): Config | undefined {
  const read = embedded(kind, object, ['data', key]);
  return read && 'value' in read ? read : undefined;
}
