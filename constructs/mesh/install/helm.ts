import type { Construct } from 'constructs';
import { HelmRelease, type HelmReleaseProps } from '../../kit/index.ts';
import { allowPrivilegedPods } from '../../kit/pod-security.ts';
import { cniValues, globalValues, type InstallContent } from './content.ts';
import { type HelmInstall, isAmbient, revisionOf } from './install.ts';
import { istiodValues } from './istiod-settings.ts';

/**
 * Makes the releases of Istio's charts, each after the one it needs (Istio 1.30, "Install with Helm").
 *
 * @returns the release of istiod, which injects gateways: they come after it
 */
export function installByHelm(mesh: Construct, install: HelmInstall, content: InstallContent): HelmRelease {
  const { rootNamespace: namespace, config, templates } = content;
  const { in: layer, version, hub, istiodEnv, istiod: settings = {} } = install;
  const name = revisionOf(install);
  const revision = name === undefined ? {} : { revision: name };
  const release = (id: string, props: HelmReleaseProps) =>
    new HelmRelease(layer, id, { ...(version === undefined ? {} : { version }), ...props });
  const global = globalValues(mesh, { namespace, hub });

  const base = release('istio-base', {
    chart: 'base',
    values: {
      // Which istiod checks the resources of all.
      ...(name === undefined ? {} : { defaultRevision: name }),
      ...(namespace === 'istio-system' ? {} : { global: { istioNamespace: namespace } }),
    },
  });
  const own = istiodValues(settings, istiodEnv, mesh.node.path);
  const istiod = release(name === undefined ? 'istiod' : `istiod-${name}`, {
    chart: 'istiod',
    after: [base],
    values: () => ({ ...profileOf(install), ...revision, ...global, ...own, ...templates, meshConfig: config() }),
  });
  if (isAmbient(install)) {
    allowPrivilegedPods(layer);
    const cni = release('istio-cni', {
      chart: 'cni',
      after: [istiod],
      values: { ...profileOf(install), ...revision, ...global, ...cniValues(install) },
    });
    // Its chart knows no other place for istiod's namespace than its own key.
    const home = namespace === 'istio-system' ? {} : { istioNamespace: namespace };
    release('ztunnel', { chart: 'ztunnel', after: [cni], values: { ...revision, ...home, ...global } });
  }
  return istiod;
}

/** The charts' own set of values for ambient mode: feature flags of istiod and of the CNI agent, and their slim images. */
function profileOf(install: HelmInstall) {
  return isAmbient(install) ? { profile: 'ambient' } : {};
}
