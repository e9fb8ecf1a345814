import {
  AddressPool,
  CertificateIssuer,
  GatewayRelease,
  IstioGateway,
  L2Advertisement,
  type Layer,
  type Mesh,
  type Published,
  type SecretKey,
  TraefikIngress,
} from '../../constructs/index.ts';
import type { PlatformSite } from './site.ts';

/** The layers of the ways in. */
export interface WayInLayers {
  readonly addresses: Layer;
  readonly issuers: Layer;
  readonly gateways: Layer;
  readonly exposure: Layer;
}

/**
 * Two ways in, on two addresses: the platform's own ingress at the node's, Istio's gateway at one that MetalLB gives. Every host has a
 * certificate of the site's CA.
 *
 * `TraefikIngress`, `NginxIngress` and `GatewayApiGateway` publish alike: another one is one line.
 */
export function waysIn({ addresses, issuers, gateways, exposure }: WayInLayers, mesh: Mesh, site: PlatformSite) {
  const { domain, ingressAddress, gatewayAddress } = site;
  const pool = new AddressPool(addresses, 'ip-pool', { addresses: [`${gatewayAddress}/32`], reserved: [ingressAddress] });
  new L2Advertisement(addresses, 'l2advertise', { pools: [pool] });
  const tls = { issuer: new CertificateIssuer(issuers, 'site', { by: { ca: { secret: site.ca } } }) };

  const release = new GatewayRelease(gateways, 'istio-ingressgateway', { mesh, address: pool.address(gatewayAddress) });
  const gateway = new IstioGateway(exposure, 'gateway', { pods: release.pods });
  const ingress = new TraefikIngress(exposure, 'ingress', { bundled: true, hostAddress: ingressAddress });
  return {
    /** `NAME.istio-dxlab.DOMAIN` */
    throughMesh: (name: string, page: Published) => gateway.publish(page, { host: `${name}.istio-dxlab.${domain}`, tls }),
    /** `NAME.dxlab.DOMAIN` */
    besideMesh: (name: string, page: Published, login?: SecretKey) =>
      ingress.publish(page, { host: `${name}.dxlab.${domain}`, tls, ...(login ? { login } : {}) }),
  };
}
