import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { clusterScoped, type JsonObject } from '../../kit/index.ts';
import { allowPrivilegedPods } from '../../kit/pod-security.ts';
import { cniValues, globalValues, type InstallContent } from './content.ts';
import { isAmbient, type SailInstall, sailVersion } from './install.ts';
import { istiodValues } from './istiod-settings.ts';

/**
 * Makes the Sail operator's objects (sail-operator 1.30, sailoperator.io/v1). They are written as plain objects: the mesh config may say
 * more than the generated classes know, which would drop it; the proof checks them against the same CRDs.
 */
export function installBySail(mesh: Construct, install: SailInstall, content: InstallContent): void {
  const { rootNamespace: namespace, config, templates } = content;
  const { in: layer, hub, istiodEnv, istiod = {}, updateStrategy, revision: name = 'default' } = install;
  const version = sailVersion(install);
  const profile = isAmbient(install) ? { profile: 'ambient' } : {};
  // The operator itself says where istiod lives.
  const global = globalValues(mesh, { namespace: 'istio-system', hub });
  const pilot = istiodValues(istiod, istiodEnv, mesh.node.path);

  object(layer, 'sail-istio', 'Istio', name, () => ({
    version,
    namespace,
    ...profile,
    ...(updateStrategy ? { updateStrategy: { type: updateStrategy } } : {}),
    values: { ...global, ...(Object.keys(pilot).length > 0 ? { pilot } : {}), ...templates, meshConfig: config() },
  }));
  if (!isAmbient(install)) return;
  allowPrivilegedPods(layer);
  const folders = cniValues(install);
  const cni = { ...global, ...(Object.keys(folders).length > 0 ? { cni: folders } : {}) };
  const values = (some: JsonObject) => (Object.keys(some).length > 0 ? { values: some } : {});
  object(layer, 'sail-istio-cni', 'IstioCNI', 'default', () => ({ version, namespace, ...profile, ...values(cni) }));
  const targetRef = { kind: 'Istio', name };
  object(layer, 'sail-ztunnel', 'ZTunnel', 'default', () => ({ version, namespace, targetRef, ...values(global) }));
}

function object(scope: Construct, id: string, kind: string, name: string, spec: () => JsonObject): void {
  const props = { apiVersion: 'sailoperator.io/v1', kind, metadata: { name } };
  clusterScoped(new ApiObject(scope, id, { ...props, spec: Lazy.any({ produce: spec }) }));
}
