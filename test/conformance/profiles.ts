import { parseAllDocuments, parse as parseYaml } from 'yaml';
import {
  type IstioComponent,
  type IstioProfileFacts,
  istioProfile,
  istioProfileNames,
} from '../../constructs/kit/istio-profiles.ts';
import { isObject, type Json, type JsonObject } from '../../constructs/kit/json.ts';
import type { Rig } from './rig.ts';
import { linesOf, onPath, run } from './run.ts';
import { type Outcome, skipped, verdict } from './tally.ts';

/** Compares what the library says of each built-in profile with what `istioctl manifest generate` renders of it. */
export async function profiles(rig: Rig | undefined): Promise<Outcome[]> {
  if (!onPath('istioctl')) return [skipped('profiles: istioctl manifest generate', 'istioctl is not on PATH')];
  const usual = await render('default', rig);
  const outcomes: Outcome[] = [];
  for (const name of istioProfileNames) {
    const what = `profile ${name}: istioctl manifest generate`;
    const objects = name === 'default' ? usual : await render(name, rig);
    if (typeof objects === 'string' || typeof usual === 'string') outcomes.push(verdict(what, [String(objects)]));
    else outcomes.push(verdict(what, differences(istioProfile(name), told(objects), meshConfigOf(usual))));
  }
  return outcomes;
}

/** @returns the objects, or what istioctl said when it failed */
async function render(profile: string, rig: Rig | undefined): Promise<JsonObject[] | string> {
  const manifests = rig ? ['--manifests', rig.manifests] : [];
  const { code, stdout, stderr } = await run('istioctl', ['manifest', 'generate', '--set', `profile=${profile}`, ...manifests]);
  if (code !== 0) return linesOf(stderr).join(' ');
  return parseAllDocuments(stdout)
    .map((document): unknown => document.toJS())
    .filter(isObject);
}

/** What a render tells of the facts. */
interface Told {
  readonly components: readonly IstioComponent[];
  /** Of the CNI agent and ztunnel. */
  readonly agentsIn: readonly string[];
  /** Undefined without an istiod. */
  readonly sampling: number | undefined;
  readonly ingressPorts: readonly number[];
  /** Empty where no istiod would read it. */
  readonly meshConfig: JsonObject;
  readonly policy: boolean;
}

const signs: Readonly<Record<IstioComponent, string>> = {
  base: 'CustomResourceDefinition',
  istiod: 'Deployment istiod',
  cni: 'DaemonSet istio-cni-node',
  ztunnel: 'DaemonSet ztunnel',
  'ingress-gateway': 'Deployment istio-ingressgateway',
  'egress-gateway': 'Deployment istio-egressgateway',
};

function told(objects: readonly JsonObject[]): Told {
  const named = new Map(objects.map((one) => [`${one.kind} ${nameOf(one)}`, one]));
  const hasCrds = objects.some(({ kind }) => kind === signs.base);
  const components: IstioComponent[] = [];
  for (const one of ['base', 'istiod', 'cni', 'ztunnel', 'ingress-gateway', 'egress-gateway'] as const)
    if (one === 'base' ? hasCrds : named.has(signs[one])) components.push(one);
  const agents = objects.filter(({ kind }) => kind === 'DaemonSet');
  const ports = at(named.get('Service istio-ingressgateway'), 'spec', 'ports');
  const containers = at(named.get(signs.istiod), 'spec', 'template', 'spec', 'containers');
  const env = Array.isArray(containers) ? at(containers[0], 'env') : undefined;
  const share = Array.isArray(env) ? env.find((one) => at(one, 'name') === 'PILOT_TRACE_SAMPLING') : undefined;
  return {
    components,
    agentsIn: [...new Set(agents.map((one) => String(at(one, 'metadata', 'namespace'))))],
    sampling: share === undefined ? undefined : Number(at(share, 'value')),
    ingressPorts: Array.isArray(ports) ? ports.map((one) => Number(at(one, 'port'))) : [],
    meshConfig: meshConfigOf(objects),
    policy: objects.some(({ kind }) => kind === 'ValidatingAdmissionPolicy'),
  };
}

function differences(facts: IstioProfileFacts, real: Told, usual: JsonObject): string[] {
  const hasIstiod = real.components.includes('istiod');
  const agentsIn = facts.nodeAgentsIn ?? 'istio-system';
  const stable = at(facts.values, 'experimental', 'stableValidationPolicy') === true;
  return [
    ...differs('components', facts.components, real.components),
    ...differs('nodeAgentsIn', real.agentsIn.length > 0 ? [agentsIn] : [], real.agentsIn),
    ...(hasIstiod ? differs('traceSamplingPercent', facts.traceSamplingPercent, real.sampling) : []),
    ...differs('ingressPorts', facts.ingressPorts, real.ingressPorts),
    ...(hasIstiod ? differs('meshConfig', facts.meshConfig, without(real.meshConfig, usual)) : []),
    ...differs('values.experimental.stableValidationPolicy', stable, real.policy),
  ];
}

function differs(what: string, ours: unknown, theirs: unknown): string[] {
  const [a, b] = [sorted(ours), sorted(theirs)];
  return a === b ? [] : [`${what} is ${a} here, ${b} as istioctl renders it`];
}

/** Keys in one order, lists of words too: neither says anything. */
function sorted(value: unknown): string {
  const list = Array.isArray(value) && value.every((one) => typeof one === 'string') ? [...value].sort() : value;
  return String(
    JSON.stringify(list, (_, one: unknown) =>
      isObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
    ),
  );
}

/** What a mesh config has besides another, key by key. */
function without(config: JsonObject, usual: JsonObject): JsonObject {
  const rest = Object.entries(config).flatMap(([key, value]): [string, Json][] => {
    const known = usual[key];
    if (sorted(value) === sorted(known)) return [];
    return [[key, isObject(value) && isObject(known) ? without(value, known) : value]];
  });
  return Object.fromEntries(rest);
}

function meshConfigOf(objects: readonly JsonObject[]): JsonObject {
  const map = objects.find((one) => one.kind === 'ConfigMap' && nameOf(one) === 'istio');
  const text = at(map, 'data', 'mesh');
  const config: unknown = typeof text === 'string' ? parseYaml(text) : undefined;
  return isObject(config) ? config : {};
}

function nameOf(object: JsonObject): Json | undefined {
  return at(object, 'metadata', 'name');
}

function at(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>((found, key) => (isObject(found) ? found[key] : undefined), value);
}
