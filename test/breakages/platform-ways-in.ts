import { ADDED, add, type Breakage, drop, push, row, set, without } from '../support/breakage.ts';

const pool = 'IPAddressPool/metallb-system/ip-pool';
const advertisement = 'L2Advertisement/metallb-system/l2advertise';
const gateway = 'HelmRelease/istio-system/istio-ingressgateway';
const annotation = (name: string) => `spec.values.service.annotations."metallb.io/${name}"`;
const balancer = (name: string, more: string) =>
  add(
    `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: apps${more}}, spec: {type: LoadBalancer, selector: {app: nginx}, ports: [{name: http, port: 80, targetPort: 8080}]}}`,
  );

/** MetalLB: pools, who announces them, and who asks for an address. */
export function addressBreakages(): Breakage[] {
  const at = 'gateways/istio-ingressgateway';
  // biome-ignore format: one line each
  return [
    row('EXP001', 'addresses/l2advertise', 'the advertisement names a pool of another name', set(advertisement, 'spec.ipAddressPools[0]', 'ip-pools')),
    row('EXP001', at, 'the gateway wants a pool of another name', set(gateway, annotation('address-pool'), 'ippool')),
    row('EXP001', at, 'the pool is renamed, and announced by its new name', set(pool, 'metadata.name', 'gateways'), set(advertisement, 'spec.ipAddressPools[0]', 'gateways')),
    row('EXP002', 'addresses/ip-pool', 'the pool’s addresses are no range', set(pool, 'spec.addresses[0]', '10.34.124.115-')),
    row('EXP002', 'addresses/ip-pool', 'the pool’s range runs backwards', set(pool, 'spec.addresses[0]', '10.34.124.120-10.34.124.115')),
    row('EXP002', 'addresses/ip-pool', 'the pool’s address has a number too large', set(pool, 'spec.addresses[0]', '10.34.124.315/32')),
    row('EXP002', 'addresses/ip-pool', 'the pool’s address has no length', set(pool, 'spec.addresses[0]', '10.34.124.115')),
    row('EXP003', ADDED, 'a second pool holds the same address', add('{apiVersion: metallb.io/v1beta1, kind: IPAddressPool, metadata: {name: more, namespace: metallb-system}, spec: {addresses: [10.34.124.115-10.34.124.120]}}'), push(advertisement, 'spec.ipAddressPools', 'more')),
    row('EXP004', at, 'the gateway wants an address outside every pool', set(gateway, annotation('loadBalancerIPs'), '10.34.124.116')),
    row('EXP004', at, 'the pool has moved to another network', set(pool, 'spec.addresses[0]', '10.34.125.115/32')),
    row('EXP004', ADDED, 'another load balancer wants an address outside every pool', balancer('front', ', annotations: {metallb.io/loadBalancerIPs: 10.34.124.200}')),
    row('EXP005', at, 'a second load balancer wants the gateway’s address', balancer('front', ', annotations: {metallb.io/loadBalancerIPs: 10.34.124.115}')),
    row('EXP006', ADDED, 'a second load balancer, and the pool has one address', balancer('front', '')),
    row('EXP007', 'addresses/ip-pool', 'the pool holds the address of the ingress', set(pool, 'spec.addresses[0]', '10.34.124.114-10.34.124.115')),
    row('EXP007', 'addresses/ip-pool', 'the pool holds the network of the nodes', set(pool, 'spec.addresses[0]', '10.34.124.0/24')),
    row('EXP008', 'addresses/ip-pool', 'nobody announces the pool', without(advertisement)),
    row('EXP008', 'addresses/ip-pool', 'the advertisement is for other pools', set(advertisement, 'spec', { ipAddressPoolSelectors: [{ matchLabels: { of: 'edge' } }] })),
    row('EXP010', 'metallb/namespace', 'MetalLB’s namespace enforces the restricted standard', set('Namespace/metallb-system', 'metadata.labels."pod-security.kubernetes.io/enforce"', 'restricted')),
    row('EXP001', 'addresses/l2advertise', 'the pool stands beside the gateway', set(pool, 'metadata.namespace', 'istio-system')),
    row('EXP011', at, 'a port of the nodes that is out of range', set(gateway, 'spec.values.service.ports', [{ name: 'http2', port: 80, targetPort: 80, nodePort: 8080 }, { name: 'https', port: 443, targetPort: 443 }])),
    row('EXP011', ADDED, 'a port of the nodes twice', add('{apiVersion: v1, kind: Service, metadata: {name: one, namespace: apps}, spec: {type: NodePort, selector: {app: nginx}, ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30080}]}}\n---\n{apiVersion: v1, kind: Service, metadata: {name: two, namespace: apps}, spec: {type: NodePort, selector: {app: hotrod}, ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30080}]}}')),
    row('OBJ002', 'addresses/ip-pool', 'a field of the pool is misspelt', set(pool, 'spec.autoAsign', false)),
    row('OBJ003', 'addresses/ip-pool', 'the pool has no addresses', drop(pool, 'spec.addresses')),
  ];
}

const ingress = (namespace: string, name: string) => `Ingress/${namespace}/${name}`;
const certificate = (namespace: string, host: string) => `Certificate/${namespace}/${host}-site-example-tls`;
const bookinfo = certificate('istio-system', 'bookinfo-istio-dxlab');
const hotrod = certificate('apps', 'hotrod-dxlab');
const credential = 'spec.servers[1].tls.credentialName';

/** Certificates: who issues them, for whom, and where they are read. */
export function certificateBreakages(): Breakage[] {
  const door = 'exposure/gateway/bookinfo';
  const beside = 'exposure/ingress/hotrod';
  // biome-ignore format: one line each
  return [
    row('EXP017', door, 'the gateway’s certificate is in the namespace of the app', set(bookinfo, 'metadata.namespace', 'apps')),
    row('EXP017', beside, 'an ingress’ certificate is in the namespace of the gateway', set(hotrod, 'metadata.namespace', 'istio-system')),
    row('EXP017', door, 'the Gateway names a Secret that nobody makes', set('Gateway/istio-system/bookinfo-gateway', credential, 'bookinfo-tls')),
    row('EXP017', door, 'the Gateway’s Secret is misspelt', set('Gateway/istio-system/bookinfo-gateway', credential, 'bookinfo-istio-dxlab-site-exmple-tls')),
    row('EXP017', beside, 'the Ingress’ Secret is misspelt', set(ingress('apps', 'hotrod'), 'spec.tls[0].secretName', 'hotrod-dxlab-site-example-tsl')),
    row('EXP017', door, 'a Certificate writes another Secret', set(bookinfo, 'spec.secretName', 'bookinfo-tls')),
    row('EXP018', door, 'the Gateway takes the certificate of another host', set('Gateway/istio-system/bookinfo-gateway', credential, 'nginx-istio-dxlab-site-example-tls')),
    row('EXP018', '(exposure/gateway/bookinfo/tls|exposure/gateway/bookinfo)', 'the certificate is for the domain alone', set(bookinfo, 'spec.dnsNames[0]', 'istio-dxlab.site.example')),
    row('EXP018', '(exposure/ingress/hotrod/tls|exposure/ingress/hotrod)', 'the certificate’s wildcard is of another depth', set(hotrod, 'spec.dnsNames[0]', '*.site.example')),
    row('EXP019', 'exposure/gateway/bookinfo/tls', 'the issuer is misspelt', set(bookinfo, 'spec.issuerRef.name', 'sites')),
    row('EXP019', 'exposure/gateway/bookinfo/tls', 'the issuer is taken for one of the namespace', drop(bookinfo, 'spec.issuerRef.kind')),
    row('EXP019', 'exposure', 'the issuer stands in one namespace', set('ClusterIssuer/site', 'kind', 'Issuer'), set('Issuer/default/site', 'metadata.namespace', 'cert-manager')),
    row('EXP020', 'exposure', 'two Certificates write one Secret', set(certificate('apps', 'nginx-dxlab'), 'spec.secretName', 'hotrod-dxlab-site-example-tls'), set(ingress('apps', 'nginx'), 'spec.tls[0].secretName', 'hotrod-dxlab-site-example-tls'), push(certificate('apps', 'nginx-dxlab'), 'spec.dnsNames', 'hotrod.dxlab.site.example'), push(hotrod, 'spec.dnsNames', 'nginx.dxlab.site.example')),
    row('EXP021', 'exposure/gateway/bookinfo/tls', 'a wildcard by HTTP-01', set('ClusterIssuer/site', 'spec', { acme: { server: 'https://acme.site.example/directory', email: 'ops@site.example', privateKeySecretRef: { name: 'acme' }, solvers: [{ http01: { ingress: { ingressClassName: 'traefik' } } }] } }), push(bookinfo, 'spec.dnsNames', '*.istio-dxlab.site.example')),
    row('OBJ003', 'exposure/gateway/bookinfo/tls', 'a Certificate without a Secret', drop(bookinfo, 'spec.secretName')),
    row('REF013', 'exposure/gateway', 'two Gateways take one host by TLS', set('Gateway/istio-system/nginx-gateway', 'spec.servers[1].hosts[0]', 'bookinfo.istio-dxlab.site.example'), push(certificate('istio-system', 'nginx-istio-dxlab'), 'spec.dnsNames', 'bookinfo.istio-dxlab.site.example')),
  ];
}

const strict = (namespace: string) =>
  `{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: default, namespace: ${namespace}}, spec: {mtls: {mode: STRICT}}}`;
const paths = 'spec.rules[0].http.paths[0].backend.service';

/** The platform's own ingress, beside the mesh, and the gateway into it. */
export function doorBreakages(stack: string): Breakage[] {
  const beside = (page: string) => `exposure/ingress/${page}`;
  // biome-ignore format: one line each
  return [
    row('EXP013', beside('hotrod'), 'an Ingress’ class is misspelt', set(ingress('apps', 'hotrod'), 'spec.ingressClassName', 'traefk')),
    row('REF001', beside('hotrod'), 'an Ingress’ Service is misspelt', set(ingress('apps', 'hotrod'), `${paths}.name`, 'hotrods')),
    row('REF004', beside('hotrod'), 'an Ingress’ port is that of another Service', set(ingress('apps', 'hotrod'), `${paths}.port.number`, 80)),
    row('REF004', beside('nginx'), 'an Ingress names a port that has no name of that kind', set(ingress('apps', 'nginx'), `${paths}.port`, { name: 'web' })),
    row('REF004', beside('grafana'), 'Grafana’s Ingress has the container’s port', set(ingress('monitoring', 'grafana'), `${paths}.port.number`, 3000)),
    row('REF001', beside('grafana'), 'Grafana’s Ingress names a chart of its own', set(ingress('monitoring', 'grafana'), `${paths}.name`, 'grafana')),
    row('REF001', beside('prometheus'), 'Prometheus’ Ingress names the operator’s object', set(ingress('monitoring', 'prometheus'), `${paths}.name`, 'prometheus')),
    row('REF004', beside('kiali'), 'Kiali’s Ingress has the port of its metrics’ path', set(ingress('istio-system', 'kiali'), `${paths}.port.number`, 20002)),
    row('REF001', beside('hotrod'), 'the Service behind an Ingress is gone', without('Service/apps/hotrod')),
    row('REF001', beside('kiali'), 'an Ingress stands in another namespace than its Service', set(ingress('istio-system', 'kiali'), 'metadata.namespace', 'monitoring'), set(certificate('istio-system', 'kiali-dxlab'), 'metadata.namespace', 'monitoring')),
    row('EXP015', 'exposure/ingress', 'two Ingresses take one host', set(ingress('apps', 'nginx'), 'spec.rules[0].host', 'hotrod.dxlab.site.example'), drop(ingress('apps', 'nginx'), 'spec.tls')),
    row('EXP016', 'exposure', 'one host at both addresses', set(ingress('apps', 'nginx'), 'spec.rules[0].host', 'nginx.istio-dxlab.site.example'), drop(ingress('apps', 'nginx'), 'spec.tls')),
    row('OBJ005', beside('hotrod'), 'an Ingress’ path type is misspelt', set(ingress('apps', 'hotrod'), 'spec.rules[0].http.paths[0].pathType', 'prefix')),
    row('REF007', 'exposure/gateway/bookinfo', 'the Gateway selects pods that no release makes', set('Gateway/istio-system/bookinfo-gateway', 'spec.selector.istio', 'gateway')),
    row('REF007', 'exposure/gateway', 'the gateway’s release has another name, and so its pods another label', set(gateway, 'spec.releaseName', 'istio-gateway')),
    row('HLM004', 'gateways/istio-ingressgateway', 'the gateway waits for istiod no more', drop(gateway, 'spec.dependsOn'), drop(`Kustomization/flux-system/${stack}-gateways`, `spec.dependsOn[name=${stack}-istio]`)),
    row('REF003', 'exposure/gateway/bookinfo', 'a route names no Gateway of that name', set('VirtualService/istio-system/bookinfo', 'spec.gateways[0]', 'bookinfo')),
    row('REF014', 'exposure/gateway/bookinfo', 'a route is for the host beside the mesh', set('VirtualService/istio-system/bookinfo', 'spec.hosts[0]', 'bookinfo.dxlab.site.example')),
    row('REF004', 'exposure/gateway/nginx', 'a route has the container’s port', set('VirtualService/istio-system/nginx', 'spec.http[0].route[0].destination.port.number', 8080)),
    row('REF001', 'exposure/gateway/nginx', 'a route’s Service is misspelt', set('VirtualService/istio-system/nginx', 'spec.http[0].route[0].destination.host', 'ngnix.apps.svc.cluster.local')),
    row('RTE017', 'exposure/gateway/nginx', 'a route without destinations', set('VirtualService/istio-system/nginx', 'spec.http[0].route', [])),
  ];
}

/** The ingress is outside the mesh: pods behind it that take mutual TLS alone, or policies that know no such sender. */
export function strictBreakages(): Breakage[] {
  // biome-ignore format: one line each
  return [
    row('EXP022', 'exposure/ingress/hotrod', 'the apps take mutual TLS alone', add(strict('apps'))),
    row('EXP022', 'exposure/ingress/hotrod', 'the whole mesh takes mutual TLS alone', add(strict('istio-system'))),
  ];
}
