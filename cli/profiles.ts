import { Command } from 'commander';
import {
  type IstioComponent,
  type IstioProfileFacts,
  istioComponents,
  istioProfile,
  istioProfileNames,
} from '../constructs/kit/istio-profiles.ts';
import { byCodeUnit, isObject, type Json, type JsonObject } from '../constructs/kit/json.ts';
import { toYaml } from '../constructs/kit/yaml.ts';

/** What a profile enables, for people and machines. */
interface Described extends JsonObject {
  readonly profile: string;
}

/** One setting in which two profiles differ; undefined where one of them does not have it. */
interface Difference {
  readonly path: string;
  readonly a: Json | undefined;
  readonly b: Json | undefined;
}

/** `meshwright profiles`: what Istio's built-in profiles enable, and in what two of them differ. */
export function profilesCommand(): Command {
  return new Command('profiles')
    .description("what Istio's built-in profiles enable, and how two of them differ")
    .argument('[a]', 'this one alone, with all it sets')
    .argument('[b]', 'compare it with this one')
    .option('--json', 'print JSON')
    .action((a: string | undefined, b: string | undefined, { json }: { readonly json?: true }) => {
      process.stdout.write(a === undefined ? list(json) : b === undefined ? one(describe(a), json) : compare(a, b, json));
    });
}

function list(json: true | undefined): string {
  if (json) return asJson(istioProfileNames.map(describe));
  const rows = istioProfileNames.map((name) => rowOf(name, istioProfile(name)));
  const purposes = istioProfileNames.map((name) => `${name.padEnd(width)}${istioProfile(name).purpose}`);
  return [columns, ...rows, '', ...purposes, ''].join('\n');
}

const width = 19;
const heads: Readonly<Record<IstioComponent, string>> = {
  base: 'base',
  istiod: 'istiod',
  cni: 'cni',
  ztunnel: 'ztunnel',
  'ingress-gateway': 'ingress',
  'egress-gateway': 'egress',
};
const columns = `${'profile'.padEnd(width)}${istioComponents.map((one) => heads[one]).join('  ')}  traces  logs`;

function rowOf(name: string, { components, traceSamplingPercent, meshConfig }: IstioProfileFacts): string {
  const cells = istioComponents.map((one) => (components.includes(one) ? 'yes' : '-').padEnd(heads[one].length));
  // Without an istiod of its own nobody here decides the share.
  const share = components.includes('istiod') ? `${traceSamplingPercent} %` : '-';
  return `${name.padEnd(width)}${cells.join('  ')}  ${share.padEnd(6)}  ${meshConfig.accessLogFile === undefined ? '-' : 'yes'}`;
}

function one(described: Described, json: true | undefined): string {
  return json ? asJson(described) : toYaml(described);
}

function compare(a: string, b: string, json: true | undefined): string {
  const [before, after] = [flat(describe(a)), flat(describe(b))];
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => path !== 'profile');
  const differences = paths
    .map((path): Difference => ({ path, a: before.get(path), b: after.get(path) }))
    .filter((one) => JSON.stringify(one.a) !== JSON.stringify(one.b));
  if (json) return asJson({ a, b, differences: differences.map(({ path, ...sides }) => ({ path, ...withNull(sides) })) });
  if (differences.length === 0) return `${a} and ${b} enable the same\n`;
  return [`${a} -> ${b}`, ...differences.flatMap(linesOf), ''].join('\n');
}

/** On one line where it fits a terminal of 80 columns. */
function linesOf({ path, a, b }: Difference): string[] {
  const short = `  ${path}: ${show(a)} -> ${show(b)}`;
  return short.length <= 80 ? [short] : [`  ${path}:`, `    ${show(a)} ->`, `    ${show(b)}`];
}

function show(value: Json | undefined): string {
  return value === undefined ? 'unset' : typeof value === 'string' ? value : JSON.stringify(value);
}

function withNull({ a, b }: Omit<Difference, 'path'>): { a: Json; b: Json } {
  return { a: a ?? null, b: b ?? null };
}

function describe(name: string): Described {
  const { purpose, components, nodeAgentsIn, traceSamplingPercent, ingressPorts, meshConfig, values } = istioProfile(name);
  return {
    profile: name,
    purpose,
    components: Object.fromEntries(istioComponents.map((one) => [one, components.includes(one)])),
    ...(nodeAgentsIn === undefined ? {} : { nodeAgentsIn }),
    ...(components.includes('istiod') ? { traceSamplingPercent } : {}),
    ...(ingressPorts.length > 0 ? { ingressPorts: [...ingressPorts] } : {}),
    ...(Object.keys(meshConfig).length > 0 ? { meshConfig } : {}),
    ...(Object.keys(values).length > 0 ? { values } : {}),
  };
}

/** Each setting by its path. Items of a list stand under their name, else their number; a list of plain values is one value. */
function flat(described: Described): Map<string, Json> {
  const { purpose: _, ...settings } = described;
  const found = new Map<string, Json>();
  const visit = (value: Json, path: readonly string[]): void => {
    if (Array.isArray(value) && value.some(isObject)) {
      for (const [i, item] of value.entries()) {
        const { name, ...rest } = isObject(item) ? item : {};
        visit(rest, [...path, typeof name === 'string' ? name : String(i)]);
      }
    } else if (isObject(value)) for (const key of Object.keys(value).sort(byCodeUnit)) visit(value[key] ?? null, [...path, key]);
    else found.set(path.join('.'), value);
  };
  visit(settings, []);
  return found;
}

function asJson(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
