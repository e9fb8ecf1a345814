import type { PlatformName } from './site.ts';

/** An ingress controller that a platform brings. */
export interface BundledIngress {
  /** Its IngressClass. */
  readonly ingressClass: string;
  /** Where its pods run. */
  readonly namespace: string;
  /** Its Service for ports 80 and 443; left out where it has none, and listens at the nodes' own ports alone. */
  readonly service?: string;
}

/** What follows from the kind of cluster. */
export interface PlatformFacts {
  /**
   * Istio's own word for it (`global.platform`), where it has one: its charts know the folders of CNI plugins by that. Left out: their
   * defaults fit, `/opt/cni/bin` and `/etc/cni/net.d`.
   */
  readonly istioPlatform?: 'k3d';
  /** The ingress controllers that it can bring, by what they run. */
  readonly ingress: { readonly nginx?: BundledIngress; readonly traefik?: BundledIngress };
  /** Who gives Services of type LoadBalancer an address without anything installed, and how that is switched off. Left out: nobody. */
  readonly loadBalancer?: { readonly name: string; readonly disable: string };
}

/**
 * Facts of each kind of cluster. Data only.
 *
 * Sources: Istio 1.30, manifests/helm-profiles (platform-k3d.yaml: `/bin` and `/var/lib/rancher/k3s/agent/etc/cni/net.d`; Istio has no word
 * for RKE2 and kind); RKE2's bundled CNI plugins use Istio's default folders (Rancher, "Additional Steps for Installing Istio on RKE2").
 * RKE2's ingress is nginx up to 1.35, and Traefik in clusters made by 1.36 and later (rancher/rke2#9786); both listen at ports 80 and 443
 * of every node, and nginx has no Service (rancher/rke2-charts, rke2-ingress-nginx and rke2-traefik). RKE2's servicelb is off by default.
 * k3d runs k3s, which brings Traefik and servicelb (k3s-io/k3s, manifests/traefik.yaml). kind brings neither.
 */
export const platforms: Readonly<Record<PlatformName, PlatformFacts>> = {
  rke2: {
    ingress: {
      nginx: { ingressClass: 'nginx', namespace: 'kube-system' },
      traefik: { ingressClass: 'traefik', namespace: 'kube-system', service: 'rke2-traefik' },
    },
  },
  k3d: {
    istioPlatform: 'k3d',
    ingress: { traefik: { ingressClass: 'traefik', namespace: 'kube-system', service: 'traefik' } },
    loadBalancer: { name: 'servicelb', disable: "create the cluster with --k3s-arg '--disable=servicelb@server:*'" },
  },
  kind: { ingress: {} },
  generic: { ingress: {} },
};
