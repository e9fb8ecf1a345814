import type { IngressPods } from '../kit/index.ts';
import { Endpoint } from '../kit/index.ts';

/** Istio's built-in profiles (Istio 1.30, `istioctl profile list`). */
export type IstioProfile =
  | 'default'
  | 'demo'
  | 'minimal'
  | 'ambient'
  | 'remote'
  | 'empty'
  | 'preview'
  | 'stable'
  | 'openshift'
  | 'openshift-ambient';

/** Installed with `istioctl install -f` from the file that the mesh writes: `istioctl/istio-operator.yaml`. */
export interface IstioctlInstall {
  readonly by: 'istioctl';
  /** @default 'default' */
  readonly profile?: IstioProfile;
  /** Installs beside other revisions, and enrols namespaces by `istio.io/rev`. @default none */
  readonly revision?: string;
  /** Where the images come from. @default 'registry.istio.io/release' */
  readonly hub?: string;
  /** Istio's version, the images' tag. @default the catalog's */
  readonly version?: string;
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
  /** Whether it runs in ambient mode. @default 'sidecar' */
  readonly dataplane?: 'sidecar' | 'ambient';
}

/** Who puts Istio into the cluster. */
export type Install = IstioctlInstall | ExistingInstall;

/** Which profiles bring an ingress gateway (facts: istioctl's profiles of Istio 1.30). */
const withIngress: ReadonlySet<IstioProfile> = new Set(['default', 'demo', 'preview', 'stable', 'openshift']);

/** The gateway pods that an install brings; undefined when it brings none. */
export function ingressOf(install: Install, rootNamespace: string): IngressPods | undefined {
  if (install.by === 'existing') return install.ingress;
  if (!withIngress.has(install.profile ?? 'default')) return undefined;
  return {
    selector: { istio: 'ingressgateway' },
    namespace: rootNamespace,
    service: Endpoint.external({ protocol: 'http', host: `istio-ingressgateway.${rootNamespace}.svc.cluster.local`, port: 80 }),
  };
}

/** Whether the install can run namespaces without sidecars. */
export function isAmbient(install: Install): boolean {
  if (install.by === 'existing') return install.dataplane === 'ambient';
  return install.profile === 'ambient' || install.profile === 'openshift-ambient';
}
