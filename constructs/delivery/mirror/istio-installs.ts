import type { ChartImage, ChartImages } from '../../kit/helm/chart-images.ts';
import { type IstioComponent, istioProfiles } from '../../kit/istio-profiles.ts';
import { isObject, type JsonObject } from '../../kit/json.ts';
import { versions } from '../../kit/versions.ts';
import type { ChartFacts } from './chart-values.ts';
import { textAt, valueAt } from './values.ts';

/**
 * What istioctl or the Sail operator installs by one resource, as if its `spec` were values of a chart. Undefined for other kinds.
 *
 * Sources: Istio 1.30, manifests/charts (`HUB/NAME:TAG-VARIANT`); sail-operator 1.30, whose own digests count only while no hub is said,
 * and which installs ztunnel with the ambient profile.
 */
export function istioInstall(json: JsonObject): ChartFacts | undefined {
  const { apiVersion, kind, spec } = json;
  if (typeof apiVersion !== 'string' || !isObject(spec)) return undefined;
  const group = apiVersion.split('/')[0];
  if (group === 'install.istio.io' && kind === 'IstioOperator') return { version: versions.istio, brings: byIstioctl(spec) };
  if (group !== 'sailoperator.io') return undefined;
  const version = textAt(spec, 'version') ?? versions.istio;
  if (kind === 'Istio')
    return {
      version,
      brings: bySail([
        ['pilot', 'pilot'],
        ['proxyv2', 'global.proxy'],
      ]),
    };
  if (kind === 'IstioCNI') return { version, brings: bySail([['install-cni', 'cni']]) };
  if (kind === 'ZTunnel') return { version, brings: bySail([['ztunnel', 'ztunnel']], '-distroless') };
  return undefined;
}

function byIstioctl(spec: JsonObject): ChartImages {
  const profile = textAt(spec, 'profile') ?? 'default';
  const usual: readonly IstioComponent[] =
    Object.entries(istioProfiles).find(([name]) => name === profile)?.[1].components ?? istioProfiles.default.components;
  const has = (component: IstioComponent, key: string) => {
    const said = valueAt(spec, `components.${key}.enabled`);
    return typeof said === 'boolean' ? said : usual.includes(component);
  };
  const image = (name: string, at: string): ChartImage => ({
    image: `registry.istio.io/release/${name}:{version}`,
    keys: { hub: 'hub', whole: `values.${at}.image`, tag: 'tag', variant: 'values.global.variant' },
  });
  return {
    images: [
      ...(has('istiod', 'pilot') ? [image('pilot', 'pilot')] : []),
      image('proxyv2', 'global.proxy'),
      ...(has('cni', 'cni') ? [image('install-cni', 'cni')] : []),
      ...(has('ztunnel', 'ztunnel') ? [image('ztunnel', 'ztunnel')] : []),
    ],
    pullSecrets: [{ key: 'values.global.imagePullSecrets', as: 'names' }],
  };
}

function bySail(images: readonly (readonly [name: string, at: string])[], variant = ''): ChartImages {
  return {
    images: images.map(([name, at]) => ({
      image: `registry.istio.io/release/${name}:{version}${variant}`,
      keys: {
        hub: 'values.global.hub',
        whole: `values.${at}.image`,
        tag: 'values.global.tag',
        variant: 'values.global.variant',
      },
    })),
    pullSecrets: [{ key: 'values.global.imagePullSecrets', as: 'names' }],
  };
}
