import { isObject, type Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at } from '../../json-path.ts';
import type { MeshConfig } from '../../model/mesh/mesh-config.ts';
import type { Model } from '../../model/model.ts';
import { type SchemaProblem, validate } from '../../schemas.ts';
import { type Fault, type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import { expressionProblems } from './crd-expressions.ts';
import { operatorProblems } from './operator.ts';

/** A way in which an object differs from the schema of its kind. */
export type SchemaProblemKind = SchemaProblem['problem'];

interface PlacedFault {
  readonly problem: SchemaProblemKind;
  /** It concerns a name, label or annotation. */
  readonly naming: boolean;
  readonly fault: Fault;
}

/** The faults of one kind among all that the schemas tell, or those about names, labels and annotations. */
export function schemaFaults(model: Model, wanted: SchemaProblemKind | 'naming'): Fault[] {
  return faultsOf(model)
    .filter((one) => (wanted === 'naming' ? one.naming : !one.naming && one.problem === wanted))
    .map((one) => one.fault);
}

const faultsOf = remember((model: Model): readonly PlacedFault[] => [
  ...model.objects.flatMap(objectFaults),
  ...model.meshConfigs.flatMap(meshConfigFaults),
]);

/** A stack and its variants share most of their objects. */
const objectFaults = remember((object: ProofObject): readonly PlacedFault[] => {
  const isOperator = object.group === 'install.istio.io' && object.kind === 'IstioOperator';
  const problems = isOperator ? operatorProblems(object) : validate(object.json);
  if (!Array.isArray(problems)) return [];
  return [...problems, ...expressionProblems(object)]
    .filter((problem) => !isPlaceholder(at(object.json, ...problem.path)))
    .filter((problem) => !isExperimental(object, problem) && !isEncrypted(object, problem))
    .map((problem) => placed(problem, spotOf(object, problem.path)));
});

// Fields of the experimental channel of Gateway API 1.6, which a cluster may well have; the schemas are of the standard channel.
const EXPERIMENTAL = new Set([
  'retry',
  'sessionPersistence',
  'externalAuth',
  'useDefaultGateways',
  'defaultScope',
  'cors',
  'allowedListeners',
]);

function isExperimental({ group }: ProofObject, { problem, path }: SchemaProblem): boolean {
  return group === 'gateway.networking.k8s.io' && problem === 'unknown-field' && EXPERIMENTAL.has(String(path.at(-1)));
}

/** What SOPS adds to a file that it encrypts, and the values it has encrypted: Flux puts back what was there before the API server sees it. */
function isEncrypted({ json }: ProofObject, { path }: SchemaProblem): boolean {
  if (!isObject(json.sops) || typeof json.sops.mac !== 'string') return false;
  const value = at(json, ...path);
  return path[0] === 'sops' || (typeof value === 'string' && value.startsWith('ENC['));
}

/** A value that Flux or envsubst fills in before anybody else reads it, or `_`, a name that kustomize replaces (`namespace`). */
export function isPlaceholder(value: Json | undefined): boolean {
  return typeof value === 'string' && (value === '_' || /\$\{\w+/.test(value));
}

function placed(problem: SchemaProblem, spot: Spot, message = problem.message): PlacedFault {
  const naming = problem.problem === 'not-allowed' && problem.path.includes('metadata');
  // The message names the place already.
  return {
    problem: problem.problem,
    naming,
    fault: { at: { ...spot, field: '' }, message, hint: problem.hint ?? WHAT_TO_DO[problem.problem] },
  };
}

// Which values are allowed is said in the message.
const WHAT_TO_DO: Readonly<Record<SchemaProblemKind, string>> = {
  'unknown-field': 'remove it, or correct its name',
  'missing-field': 'add it',
  'wrong-type': 'give it a value of that type',
  'not-allowed': '',
};

// Where the mesh config lies in a Sail `Istio`: the one published schema of it.
const IN_SAIL: Path = ['spec', 'values', 'meshConfig'];

/** A mesh config outside a Sail `Istio` has no schema of its own: it is checked in the place it would have there. */
const meshConfigFaults = remember((mesh: MeshConfig): readonly PlacedFault[] => {
  if (mesh.config.object.group === 'sailoperator.io') return [];
  const spec = { version: 'v1.30.3', namespace: 'istio-system', values: { meshConfig: mesh.value } };
  const problems = validate({ apiVersion: 'sailoperator.io/v1', kind: 'Istio', metadata: { name: 'default' }, spec });
  if (!Array.isArray(problems)) return [];
  const place = mesh.spot([]).field;
  return problems.flatMap((problem) => {
    const path = problem.path.slice(IN_SAIL.length);
    if (isTolerated(problem, path, at(mesh.value, ...path))) return [];
    return [placed(problem, mesh.spot(path), `${place}: ${problem.message.replaceAll(`${IN_SAIL.join('.')}.`, '')}`)];
  });
});

// Gone from the schema, still in old files, and ignored without harm.
const RETIRED = new Set([
  ...['mixerCheckServer', 'mixerReportServer', 'disablePolicyChecks', 'policyCheckFailOpen', 'sidecarToTelemetrySessionAffinity'],
  ...[
    'enableClientSidePolicyCheck',
    'disableMixerHttpReports',
    'disableReportBatch',
    'reportBatchMaxEntries',
    'reportBatchMaxTime',
  ],
  ...['authPolicy', 'rdsRefreshDelay', 'enableSdsTokenMount', 'sdsUdsPath', 'sdsRefreshDelay', 'sdsUseK8sSaJwt', 'thriftConfig'],
  ...['parentShutdownDuration', 'connectTimeout', 'lightstep', 'opencensus', 'openCensusAgent', 'stackdriver'],
]);

/** What Istio's reader (protobuf JSON) takes although the schema does not: numbers as text, enums by number. */
function isTolerated(problem: SchemaProblem, path: Path, value: Json | undefined): boolean {
  const last = path.at(-1);
  if (problem.problem === 'unknown-field') return typeof last === 'string' && RETIRED.has(last);
  if (problem.problem !== 'wrong-type') return false;
  const { wanted = [] } = problem;
  if (typeof value === 'number') return wanted.includes('enum');
  const isNumber = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
  return isNumber && (wanted.includes('integer') || wanted.includes('number'));
}

const known = new Map<string, boolean>();

/** Whether an API version and kind are among those that the schemas know. */
export function hasSchema(apiVersion: Json | undefined, kind: string): boolean {
  if (typeof apiVersion !== 'string') return false;
  const key = `${apiVersion}/${kind}`;
  const found = known.get(key) ?? Array.isArray(validate({ apiVersion, kind }));
  known.set(key, found);
  return found;
}
