import type { ImageMirror } from '../../constructs/index.ts';

/** What differs from one site to the next. */
export interface PlatformSite {
  /** DNS domain of every host: `bookinfo.istio-dxlab.DOMAIN`. */
  readonly domain: string;
  /** Where the platform's own ingress listens: the address of a node. */
  readonly ingressAddress: string;
  /** Istio's gateway: an address of the nodes' network that nothing else has. */
  readonly gatewayAddress: string;
  /** Every image and chart comes from here. Left out: from the public registries. */
  readonly mirror?: ImageMirror & { readonly pullSecret: string };
  /** Where Flux reads the committed manifests, and a Secret with which it may. */
  readonly git: { readonly url: string; readonly branch: string; readonly secret: string };
  /** A ClusterSecretStore that External Secrets reads, and what lies where in it. */
  readonly secrets: {
    readonly store: string;
    readonly grafanaAdmin: string;
    readonly mirrorLogin: string;
    readonly prometheusUsers: string;
  };
  /** Where people on call read docs/alerts.md. */
  readonly runbooks: string;
  /** A Secret in cert-manager's namespace with the site's own CA. */
  readonly ca: string;
}

/** The site of the tutorial, with names that are nobody's. */
export const dxlab: PlatformSite = {
  domain: 'site.example',
  ingressAddress: '10.34.124.114',
  gatewayAddress: '10.34.124.115',
  mirror: { registry: 'harbor.site.example/mesh', pullSecret: 'harbor' },
  git: { url: 'https://git.site.example/platform/mesh.git', branch: 'main', secret: 'mesh-git' },
  secrets: {
    store: 'site',
    grafanaAdmin: 'platform/grafana',
    mirrorLogin: 'platform/harbor',
    prometheusUsers: 'platform/prometheus',
  },
  runbooks: 'https://git.site.example/platform/mesh/docs/alerts.md',
  ca: 'site-ca',
};
