import { isObject, type Json, type JsonObject } from '../../kit/json.ts';
import { objectName } from '../apply-order.ts';
import { textAt, valueAt, withNames, withValue } from './values.ts';

/** Where a workload holds its pods' spec. */
const podSpecs: Readonly<Record<string, string>> = {
  Pod: 'spec',
  CronJob: 'spec.jobTemplate.spec.template.spec',
  ...Object.fromEntries(
    ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'ReplicationController', 'Job'].map((kind) => [
      kind,
      'spec.template.spec',
    ]),
  ),
};
/** Where a resource of Istio holds a module of WebAssembly. */
const modules: Readonly<Record<string, string>> = { WasmPlugin: 'spec', TrafficExtension: 'spec.wasm' };
const kubernetes = /^(v1|apps\/|batch\/)/;

/**
 * An object with the Secret that its pods pull with: on every ServiceAccount, so that the sidecars of pods pull too, and on pods whose
 * ServiceAccount stands nowhere among the objects. Kiali's resource, a module of WebAssembly and Flux's sources have a key of their own.
 *
 * @param accounts `NAMESPACE/NAME` of each ServiceAccount among the objects
 */
export function withPullSecret(json: JsonObject, secret: string, accounts: ReadonlySet<string>): JsonObject {
  const { apiVersion, kind, namespace } = objectName(json);
  if (kind === 'ServiceAccount' && apiVersion === 'v1') return withNames(json, 'imagePullSecrets', [secret], 'objects');
  if (kind === 'Kiali' && apiVersion.startsWith('kiali.io/'))
    return withNames(json, 'spec.deployment.image_pull_secrets', [secret], 'names');
  const module = apiVersion.startsWith('extensions.istio.io/') ? modules[kind] : undefined;
  if (module !== undefined) return withModuleSecret(json, module, secret);
  const path = kubernetes.test(apiVersion) ? podSpecs[kind] : undefined;
  const spec = path === undefined ? undefined : valueAt(json, path);
  if (path === undefined || !isObject(spec)) return json;
  const account = textAt(spec, 'serviceAccountName') ?? 'default';
  if (accounts.has(`${namespace ?? ''}/${account}`)) return json;
  return withNames(json, `${path}.imagePullSecrets`, [secret], 'objects');
}

/**
 * The ServiceAccount of a collector that the OpenTelemetry operator runs, with the Secret: the account that the operator would make
 * cannot be told of it. It has the same name, `NAME-collector`, and with it the same identity. Undefined where the collector has one already, or runs as a
 * sidecar (opentelemetry-operator 0.158: it makes none when `spec.serviceAccount` is said, and binds its roles to that one).
 */
export function collectorAccount(json: JsonObject, secret: string): JsonObject | undefined {
  const { apiVersion, kind, namespace, name } = objectName(json);
  const isCollector = apiVersion.startsWith('opentelemetry.io/') && kind === 'OpenTelemetryCollector';
  if (!isCollector || textAt(json, 'spec.serviceAccount') !== undefined || textAt(json, 'spec.mode') === 'sidecar')
    return undefined;
  const metadata = { name: `${name}-collector`, ...(namespace ? { namespace } : {}) };
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata, imagePullSecrets: [{ name: secret }] };
}

function withModuleSecret(json: JsonObject, at: string, secret: string): JsonObject {
  const isPulled = isModuleOfRegistry(valueAt(json, `${at}.url`));
  return isPulled && valueAt(json, `${at}.imagePullSecret`) === undefined
    ? withValue(json, `${at}.imagePullSecret`, secret)
    : json;
}

/** `NAMESPACE/NAME` of each ServiceAccount. */
export function serviceAccounts(objects: readonly JsonObject[]): Set<string> {
  const names = objects.map(objectName).filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'ServiceAccount');
  return new Set(names.map(({ namespace, name }) => `${namespace ?? ''}/${name}`));
}

function isModuleOfRegistry(url: Json | undefined): boolean {
  return typeof url === 'string' && (url.startsWith('oci://') || !url.includes('://'));
}
