import { type IngressPods, type IstioComponent, type IstioProfile, istioProfile, type Layer, versions } from '../../kit/index.ts';
import type { IstiodSettings } from './istiod-settings.ts';
import { gatewayPods } from './profile-gateways.ts';

/** How pods take part: with a proxy of their own, or by ztunnel on each node. */
export type Dataplane = 'sidecar' | 'ambient';

/** Installed with `istioctl install -f` from the file that the mesh writes: `istioctl/istio-operator.yaml`. */
export interface IstioctlInstall {
  readonly by: 'istioctl';
  /** What it enables is told by `npx meshwright profiles NAME`. @default 'default' */
  readonly profile?: IstioProfile;
  /** Installs beside other revisions, and enrols namespaces by `istio.io/rev`. @default none */
  readonly revision?: string;
  /** Where the images come from. @default 'registry.istio.io/release' */
  readonly hub?: string;
  /** Istio's version, the images' tag. @default the catalog's */
  readonly version?: string;
  /** Environment variables of istiod, which are its feature flags: `{ PILOT_ENABLE_IP_AUTOALLOCATE: 'true' }`. @default none */
  readonly istiodEnv?: Readonly<Record<string, string>>;
}

/** What an install that stands in the cluster as objects can be told. */
export interface InstallInLayer {
  /**
   * Where its objects stand: a layer of the mesh's root namespace, which the mesh's own layer comes `after`. It brings the CRDs of the
   * mesh's Telemetry and PeerAuthentication, so it cannot be the same one.
   */
  readonly in: Layer;
  /** Whether namespaces can be ambient: with the CNI agent and ztunnel on each node. @default 'sidecar' */
  readonly dataplane?: Dataplane;
  /** Istio's version: one semantic version, without `v`. @default the catalog's */
  readonly version?: string;
  /** Where the images come from. @default 'registry.istio.io/release' */
  readonly hub?: string;
  /** Environment variables of istiod, which are its feature flags: `{ PILOT_ENABLE_IP_AUTOALLOCATE: 'true' }`. @default none */
  readonly istiodEnv?: Readonly<Record<string, string>>;
  /** How many istiods run, and what each asks for. @default the chart's: 1 to 5, 500m CPU and 2Gi */
  readonly istiod?: IstiodSettings;
  /** Where the nodes keep their CNI plugins; only in ambient mode. @default as the stack's platform does */
  readonly cni?: CniFolders;
}

/** Where the nodes of a cluster keep their CNI plugins: absolute paths. */
export interface CniFolders {
  /** '/opt/cni/bin' */
  readonly pluginFolder: string;
  /** '/etc/cni/net.d' */
  readonly configFolder: string;
}

/**
 * Installed by Flux from Istio's Helm charts: releases `istio-base` and `istiod`, in ambient mode `istio-cni` and `ztunnel` too, each once
 * the one before it is ready. No gateway comes with it: make a `GatewayRelease`.
 */
export interface HelmInstall extends InstallInLayer {
  readonly by: 'helm';
  /** The name of this istiod, after which its objects are named: `istiod-REVISION`. @default none */
  readonly revision?: string;
}

/**
 * Installed by the Sail operator (1.30), from an object `Istio`, in ambient mode `IstioCNI` and `ZTunnel` too. The operator's own layer
 * comes before: a `SailOperator`, or one that runs already. No gateway comes with it: make a `GatewayRelease`.
 */
export interface SailInstall extends InstallInLayer {
  readonly by: 'sail';
  /** The name of the `Istio` object; unless it is 'default', of its istiod too: `istiod-REVISION`. @default 'default' */
  readonly revision?: string;
  /**
   * What a new version does. You can pass one of:
   * - `InPlace`: istiod is replaced;
   * - `RevisionBased`: a second istiod starts beside it, by the name `REVISION-v1-30-3`; namespaces enrolled by the mesh follow at the same
   *   synth, their pods once they restart.
   *
   * @default 'InPlace'
   */
  readonly updateStrategy?: 'InPlace' | 'RevisionBased';
}

/**
 * Installed already, by somebody else. Nothing is installed; the mesh's options are the claim of what that installation is
 * configured to do, and the proof holds the stack against it.
 */
export interface ExistingInstall {
  readonly by: 'existing';
  /** @default none */
  readonly revision?: string;
  /** The gateway pods that let traffic in. @default none */
  readonly ingress?: IngressPods;
  /** The gateway pods that let traffic out. @default none */
  readonly egress?: IngressPods;
  /** Whether it runs in ambient mode. @default 'sidecar' */
  readonly dataplane?: Dataplane;
}

/** Who puts Istio into the cluster. */
export type Install = IstioctlInstall | HelmInstall | SailInstall | ExistingInstall;

/** The gateway pods that let traffic in; undefined when the install brings none. */
export function ingressOf(install: Install, rootNamespace: string): IngressPods | undefined {
  if (install.by === 'existing') return install.ingress;
  return brings(install, 'ingress-gateway') ? gatewayPods('ingress', rootNamespace) : undefined;
}

/** The gateway pods that let traffic out; undefined when the install brings none. */
export function egressOf(install: Install, rootNamespace: string): IngressPods | undefined {
  if (install.by === 'existing') return install.egress;
  return brings(install, 'egress-gateway') ? gatewayPods('egress', rootNamespace) : undefined;
}

/** Whether the install can run namespaces without sidecars. */
export function isAmbient(install: Install): boolean {
  return install.by === 'istioctl' ? brings(install, 'ztunnel') : install.dataplane === 'ambient';
}

/** The share of requests that istiod samples unless a Telemetry says otherwise, in percent (PILOT_TRACE_SAMPLING, Istio 1.30). */
export function defaultSamplingOf(install: Install): number {
  return install.by === 'istioctl' ? profileOf(install).traceSamplingPercent : 1;
}

/** The name that istiod's objects end in, and that namespaces and pods choose it by; undefined for the default one. */
export function revisionOf(install: Install): string | undefined {
  if (install.by === 'sail' && install.updateStrategy === 'RevisionBased') {
    // Sail operator 1.30, getActiveRevisionName.
    return `${install.revision ?? 'default'}-${sailVersion(install).replaceAll('.', '-')}`;
  }
  return install.revision === 'default' ? undefined : install.revision;
}

/** The version as the Sail operator spells it. */
export function sailVersion({ version = versions.istio }: SailInstall): string {
  return `v${version}`;
}

function brings(install: Install, component: IstioComponent): boolean {
  return install.by === 'istioctl' && profileOf(install).components.includes(component);
}

function profileOf({ profile = 'default' }: IstioctlInstall) {
  return istioProfile(profile);
}
