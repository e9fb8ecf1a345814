import type { IngressPods, IstioComponent, IstioProfile } from '../kit/index.ts';
import { Endpoint, istioProfile } from '../kit/index.ts';

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
  readonly dataplane?: 'sidecar' | 'ambient';
}

/** Who puts Istio into the cluster. */
export type Install = IstioctlInstall | ExistingInstall;

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
  return install.by === 'existing' ? install.dataplane === 'ambient' : brings(install, 'ztunnel');
}

/** The share of requests that istiod samples unless a Telemetry says otherwise, in percent (PILOT_TRACE_SAMPLING, Istio 1.30). */
export function defaultSamplingOf(install: Install): number {
  return install.by === 'existing' ? 1 : profileOf(install).traceSamplingPercent;
}

/**
 * What istioctl would find out at install time only.
 *
 * @throws UserError when there is no such profile
 */
export function checkInstall(install: Install, path: string): void {
  if (install.by === 'istioctl') istioProfile(install.profile ?? 'default', `mesh '${path}'`);
}

function brings(install: IstioctlInstall, component: IstioComponent): boolean {
  return profileOf(install).components.includes(component);
}

function profileOf({ profile = 'default' }: IstioctlInstall) {
  return istioProfile(profile);
}

/** Labels and Service as the gateway charts of istioctl name them (Istio 1.30, manifests/charts/gateways). */
function gatewayPods(way: 'ingress' | 'egress', namespace: string): IngressPods {
  return {
    selector: { istio: `${way}gateway` },
    namespace,
    service: Endpoint.external({ protocol: 'http', host: `istio-${way}gateway.${namespace}.svc.cluster.local`, port: 80 }),
    // As Istio 1.30's gateway charts name it (charts/gateways, serviceaccount.yaml).
    identity: { namespace, serviceAccount: `istio-${way}gateway-service-account` },
  };
}
