import { describe, expect, it } from 'vitest';
import { prove } from '../constructs/proof/index.ts';
import { balancer, certificate, goodExposure, ingress, release, strict } from './proof-exposure-world.ts';
import { findingsIn } from './proof-flux-world.ts';
import { findingsOf, type Mutation, replaced, worldOf } from './proof-world.ts';

const END = 'destination: {host: web, port: {number: 80}}}]}]\n';
const more = (...objects: readonly string[]) => ({ part: END, by: `${END}---\n${objects.join('\n---\n')}\n` });
const issuerRef = 'issuerRef: {name: site-ca, kind: ClusterIssuer}';
const ip = 'metallb.io/loadBalancerIPs';
const policy = (name: string, namespace: string, spec: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {${spec}}`;
const nginxClass =
  'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: k8s.io/ingress-nginx}';
const nginx = (metadata: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: controller, namespace: shop}\nspec:\n  selector: {matchLabels: {app: controller}}\n  template:\n    metadata: {labels: {app: controller${metadata}}}\n    spec: {containers: [{name: controller, image: 'registry.k8s.io/ingress-nginx/controller:v1.15.1'}]}`;

const POOLS: readonly Mutation[] = [
  {
    what: 'an advertisement of a pool that is not there, which leaves its own without any',
    part: 'ipAddressPools: [ip-pool, others]',
    by: 'ipAddressPools: [ip-pol, others]',
    ...{ code: 'EXP001', object: 'L2Advertisement/metallb-system/l2advertise', hint: 'did you mean "ip-pool"?' },
  },
  {
    what: 'an advertisement of a pool unlike all others',
    ...more(
      'apiVersion: metallb.io/v1beta1\nkind: BGPAdvertisement\nmetadata: {name: bgp, namespace: metallb-system}\nspec: {ipAddressPools: [datacenter]}',
    ),
    ...{ code: 'EXP001', object: 'BGPAdvertisement/metallb-system/bgp', severity: 'warning' },
    hint: 'name a pool, or add IPAddressPool datacenter; there is ip-pool, others',
  },
  {
    what: 'a Service that asks for a pool that is not there',
    ...more(balancer('public', 'metallb.io/address-pool: other')),
    ...{ code: 'EXP001', object: 'Service/shop/public', hint: 'did you mean "others"?' },
  },
  {
    what: 'an address without a prefix',
    part: '10.34.124.115/32',
    by: '10.34.124.115',
    ...{ code: 'EXP002', object: 'IPAddressPool/metallb-system/ip-pool', hint: 'for one address write 10.34.124.115/32' },
  },
  ...["'10.34.124.129-10.34.124.120'", '10.34.124.0/33', "'fc00::/129'", "'10.34.124.1-fc00::1'", '10.34.124.300/32'].map(
    (by): Mutation => ({
      ...{ what: `addresses ${by}`, part: '10.34.124.115/32', by, code: 'EXP002' },
      object: 'IPAddressPool/metallb-system/ip-pool',
      hint: 'write 10.34.124.115/32, or 10.34.124.115-10.34.124.120',
    }),
  ),
  {
    what: 'pools that overlap',
    part: '10.34.124.115/32',
    by: '10.34.124.115-10.34.124.120',
    ...{ code: 'EXP003', object: 'IPAddressPool/metallb-system/others', hint: 'let each address be in one pool, once' },
  },
  {
    what: 'an address twice in one pool, IPv6',
    part: "'fc00:f853:ccd:e793::/124'",
    by: "'fc00:f853:ccd:e793::/124', 'fc00:f853:0ccd:e793:0:0:0:5/128'",
    ...{ code: 'EXP003', object: 'IPAddressPool/metallb-system/others', hint: 'let each address be in one pool, once' },
  },
  {
    what: 'a release that asks for an address outside',
    part: `${ip}: 10.34.124.115`,
    by: `${ip}: 10.34.124.116`,
    ...{
      code: 'EXP004',
      object: 'HelmRelease/istio-ingress/istio-ingressgateway',
      hint: 'ask for an address of a pool, or add it to one',
    },
  },
  {
    what: 'loadBalancerIP outside',
    ...more(balancer('public', '', 'loadBalancerIP: 10.34.125.1, ')),
    ...{ code: 'EXP004', object: 'Service/shop/public', hint: 'ask for an address of a pool, or add it to one' },
  },
  {
    what: 'an address of another pool than is asked for',
    ...more(balancer('public', `metallb.io/address-pool: ip-pool, ${ip}: 10.34.124.121`)),
    ...{ code: 'EXP004', object: 'Service/shop/public', hint: 'ask for pool others, or for none' },
  },
  {
    what: 'something that is no address',
    ...more(balancer('public', `${ip}: 10.34.124.121/32`)),
    ...{ code: 'EXP004', object: 'Service/shop/public', hint: 'write one address, without a prefix' },
  },
  {
    what: 'a Gateway of the Gateway API at an address outside',
    ...more(
      'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: shop}\nspec: {gatewayClassName: istio, addresses: [{value: 10.34.125.1}], listeners: [{name: http, port: 80, protocol: HTTP}]}',
    ),
    ...{ code: 'EXP004', object: 'Gateway/shop/edge', hint: 'ask for an address of a pool, or add it to one' },
  },
  {
    what: 'two that ask for one address',
    ...more(balancer('public', `${ip}: 10.34.124.115`)),
    ...{ code: 'EXP005', object: 'HelmRelease/istio-ingress/istio-ingressgateway' },
    hint: 'ask for another address, or give both the same annotation metallb.io/allow-shared-ip',
  },
  {
    what: 'keys that differ',
    ...more(
      balancer('one', `${ip}: 10.34.124.121, metallb.io/allow-shared-ip: a`),
      balancer('two', `${ip}: 10.34.124.121, metallb.io/allow-shared-ip: b`),
    ),
    ...{ code: 'EXP005', object: 'Service/shop/two', hint: 'give both the same metallb.io/allow-shared-ip' },
  },
  {
    what: 'a shared address with the same port',
    ...more(
      balancer('one', `${ip}: 10.34.124.121, metallb.io/allow-shared-ip: a`),
      balancer('two', `${ip}: 10.34.124.121, metallb.io/allow-shared-ip: a`),
    ),
    ...{ code: 'EXP005', object: 'Service/shop/two', hint: 'give each ports of its own, or another address' },
  },
  {
    what: 'a second load balancer, and one address',
    ...more(balancer('public', '')),
    ...{ code: 'EXP006', object: 'Service/shop/public' },
    hint: 'add addresses to the pool, share one by metallb.io/allow-shared-ip, or make it a ClusterIP',
  },
  {
    what: 'the release of Traefik, and one address',
    ...more(release('traefik')),
    ...{ code: 'EXP006', object: 'HelmRelease/ingress/traefik' },
    hint: 'add addresses to the pool, share one by metallb.io/allow-shared-ip, or make it a ClusterIP',
  },
  {
    what: 'the address of the nodes’ ingress in a pool',
    part: '10.34.124.115/32',
    by: '10.34.124.114/31',
    ...{ code: 'EXP007', object: 'IPAddressPool/metallb-system/ip-pool' },
    hint: 'take 10.34.124.114 out of the pool: MetalLB gives away every address of it',
  },
  {
    what: 'a pool that nothing announces',
    part: 'ipAddressPools: [ip-pool, others]',
    by: 'ipAddressPools: [ip-pool]',
    ...{ code: 'EXP008', object: 'IPAddressPool/metallb-system/others', severity: 'warning' },
    hint: 'add an L2Advertisement with ipAddressPools: [others]',
  },
  {
    what: 'the old prefix',
    part: `{${ip}: `,
    by: '{metallb.universe.tf/loadBalancerIPs: ',
    ...{
      code: 'EXP009',
      object: 'HelmRelease/istio-ingress/istio-ingressgateway',
      severity: 'info',
      hint: 'write the prefix metallb.io',
    },
  },
  {
    what: 'a namespace that refuses the speakers',
    part: 'enforce: privileged',
    by: 'enforce: restricted',
    ...{ code: 'EXP010', object: 'Namespace/metallb-system', hint: 'write privileged' },
  },
];

const PORTS: readonly Mutation[] = [
  {
    what: 'a NodePort out of range',
    part: 'nodePort: 30080',
    by: 'nodePort: 8080',
    ...{ code: 'EXP011', object: 'Service/shop/web', hint: 'take a port of 30000-32767, or leave it out' },
  },
  {
    what: 'a NodePort that is taken, by a chart',
    ...more(release('traefik', 'service: {type: NodePort}, ports: {web: {nodePort: 30080}}')),
    ...{ code: 'EXP011', object: 'HelmRelease/ingress/traefik', hint: 'take another port, or leave it out' },
  },
  {
    what: 'a NodePort twice in one Service',
    part: 'nodePort: 30080}]',
    by: 'nodePort: 30080}, {name: more, port: 81, targetPort: 8080, nodePort: 30080}]',
    ...{ code: 'EXP011', object: 'Service/shop/web', hint: 'take another port, or leave it out' },
  },
];

const INGRESSES: readonly Mutation[] = [
  {
    what: 'no class',
    part: '  ingressClassName: traefik\n',
    by: '',
    ...{ code: 'EXP012', object: 'Ingress/shop/web', severity: 'warning', hint: 'name one: traefik' },
  },
  {
    what: 'a class that is misspelt',
    part: 'ingressClassName: traefik\n',
    by: 'ingressClassName: treafik\n',
    ...{ code: 'REF003', object: 'Ingress/shop/web', hint: 'did you mean "traefik"?' },
  },
  {
    what: 'a class that a release makes, misspelt',
    ...more(
      release('traefik', 'service: {type: ClusterIP}, ingressClass: {name: internal-lb}'),
      ingress('own', 'ingressClassName: internal-bl'),
    ),
    ...{ code: 'EXP013', object: 'Ingress/shop/own', hint: 'did you mean "internal-lb"?' },
  },
  {
    what: 'a class that nobody makes',
    part: 'ingressClassName: traefik\n',
    by: 'ingressClassName: internal\n',
    ...{ code: 'EXP013', object: 'Ingress/shop/web', severity: 'warning', hint: 'name a class that is there; there is traefik' },
  },
  {
    what: 'ingress-nginx',
    ...more(release('ingress-nginx', 'controller: {service: {type: ClusterIP}}')),
    ...{ code: 'EXP014', object: 'HelmRelease/ingress/ingress-nginx', severity: 'warning' },
    hint: 'move the hosts to the Gateway API, Istio’s gateway or Traefik',
  },
  {
    what: 'class nginx, once for all',
    ...more(ingress('one', 'ingressClassName: nginx'), ingress('two', 'ingressClassName: nginx')),
    ...{ code: 'EXP014', object: 'Ingress/shop/one', severity: 'info' },
    hint: 'move the hosts to the Gateway API, Istio’s gateway or Traefik',
  },
  {
    what: 'the same host and path twice',
    ...more(ingress('shop', 'ingressClassName: traefik')),
    ...{ code: 'EXP015', object: 'Ingress/shop/shop', hint: 'give each a host or a path of its own' },
  },
  {
    what: 'a backend that is not there',
    part: 'service: {name: web, port: {name: http}}',
    by: 'service: {name: wob, port: {name: http}}',
    ...{ code: 'REF001', object: 'Ingress/shop/web', hint: 'did you mean "web"?' },
  },
  {
    what: 'a port that the backend does not have',
    part: 'service: {name: web, port: {name: http}}',
    by: 'service: {name: web, port: {number: 8080}}',
    ...{ code: 'REF004', object: 'Ingress/shop/web', hint: 'did you mean 80?' },
  },
];

const CERTIFICATES: readonly Mutation[] = [
  {
    what: 'the gateway’s certificate in the namespace of the Gateway',
    part: 'metadata: {name: mesh, namespace: istio-ingress}',
    by: 'metadata: {name: mesh, namespace: shop}',
    ...{ code: 'EXP017', object: 'Gateway/shop/front', hint: 'move the Certificate to namespace istio-ingress' },
  },
  {
    what: 'the Ingress’ certificate elsewhere',
    part: 'metadata: {name: shop, namespace: shop}\nspec: {secretName',
    by: 'metadata: {name: shop, namespace: istio-ingress}\nspec: {secretName',
    ...{ code: 'EXP017', object: 'Ingress/shop/web', hint: 'move the Certificate to namespace shop' },
  },
  {
    what: 'a Secret that is misspelt',
    part: 'credentialName: mesh-tls',
    by: 'credentialName: mesh-tsl',
    ...{ code: 'EXP017', object: 'Gateway/shop/front', hint: 'did you mean "mesh-tls"?' },
  },
  {
    what: 'a certificate for another host',
    part: 'secretName: shop-tls, dnsNames: [shop.site.example]',
    by: 'secretName: shop-tls, dnsNames: [www.site.example]',
    ...{ code: 'EXP018', object: 'Ingress/shop/web', hint: 'add shop.site.example to its dnsNames' },
  },
  {
    what: 'a wildcard that ends a label too early',
    part: "dnsNames: ['*.mesh.example']",
    by: "dnsNames: ['*.example']",
    ...{ code: 'EXP018', object: 'Gateway/shop/front', hint: 'add web.mesh.example to its dnsNames' },
  },
  {
    what: 'an issuer that is misspelt',
    part: `dnsNames: [shop.site.example], ${issuerRef}`,
    by: 'dnsNames: [shop.site.example], issuerRef: {name: side-ca, kind: ClusterIssuer}',
    ...{ code: 'EXP019', object: 'Certificate/shop/shop', hint: 'did you mean "site-ca"?' },
  },
  {
    what: 'an issuer without its kind',
    part: `dnsNames: [shop.site.example], ${issuerRef}`,
    by: 'dnsNames: [shop.site.example], issuerRef: {name: site-ca}',
    ...{ code: 'EXP019', object: 'Certificate/shop/shop', hint: 'name the kind: ClusterIssuer' },
  },
  {
    what: 'an Issuer of another namespace',
    ...more(
      'apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: own, namespace: istio-ingress}\nspec: {selfSigned: {}}',
      ingress('own', 'ingressClassName: traefik', ', annotations: {cert-manager.io/issuer: own}'),
    ),
    ...{ code: 'EXP019', object: 'Ingress/shop/own' },
    hint: 'an Issuer serves its own namespace: add one there, or make it a ClusterIssuer',
  },
  {
    what: 'an annotation with an issuer that is misspelt',
    ...more(ingress('own', 'ingressClassName: traefik', ', annotations: {cert-manager.io/cluster-issuer: letsencrpyt}')),
    ...{ code: 'EXP019', object: 'Ingress/shop/own', hint: 'did you mean "letsencrypt"?' },
  },
  {
    what: 'two Certificates for one Secret',
    ...more(certificate('again', `secretName: shop-tls, dnsNames: [shop.site.example], ${issuerRef}`)),
    ...{
      code: 'EXP020',
      object: 'Certificate/shop/again',
      hint: 'give each a Secret of its own, or put all names into one Certificate',
    },
  },
  {
    what: 'a wildcard by HTTP-01',
    ...more(
      certificate('wild', `secretName: wild, dnsNames: ['*.site.example'], issuerRef: {name: letsencrypt, kind: ClusterIssuer}`),
    ),
    ...{ code: 'EXP021', object: 'Certificate/shop/wild', hint: 'add a solver of type dns01, or name each host' },
  },
  {
    what: 'a Certificate of another namespace by reference, without a grant',
    ...more(
      'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: shop}\nspec: {gatewayClassName: other, listeners: [{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: mesh-tls, namespace: istio-ingress}]}}]}',
    ),
    ...{ code: 'RTE013', object: 'Gateway/shop/edge' },
    hint: 'add a ReferenceGrant to namespace istio-ingress: from Gateway in shop, to Secret',
  },
];

const MESH: readonly Mutation[] = [
  {
    what: 'an Ingress of unknown pods before a STRICT mesh',
    ...more(strict),
    ...{ code: 'EXP022', object: 'Ingress/shop/web', severity: 'warning' },
    hint: 'publish the host at Istio’s gateway, or make the port PERMISSIVE with portLevelMtls',
  },
  {
    what: 'ambient beside injection',
    part: '{istio-injection: enabled}',
    by: '{istio-injection: enabled, istio.io/dataplane-mode: ambient}',
    ...{ code: 'TRC054', object: 'Namespace/shop', severity: 'warning', hint: 'keep one of the two labels' },
  },
  {
    what: 'a policy that keeps the gateway from its route',
    ...more(
      policy(
        'web',
        'shop',
        'podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 8080}]}]',
      ),
    ),
    ...{ code: 'TRC049', object: 'NetworkPolicy/shop/web' },
    hint: 'add an ingress rule for istio-ingressgateway of namespace istio-ingress with port 8080',
  },
  {
    what: 'a policy that keeps the API server from a webhook',
    ...more(
      release('cert-manager', '', 'cert-manager'),
      policy('all', 'cert-manager', 'podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]'),
    ),
    ...{ code: 'EXP023', object: 'NetworkPolicy/cert-manager/all', severity: 'warning' },
    hint: 'add an ingress rule with port 10250 and without from',
  },
];

describe('ways in: one fault gives one finding', () => {
  it('finds nothing in the good world', () => {
    expect(findingsOf(goodExposure)).toEqual([]);
  });

  it.each([...POOLS, ...PORTS, ...INGRESSES, ...CERTIFICATES, ...MESH])(
    '$what',
    ({ part, by, code, object, hint, severity = 'error' }) => {
      const found = findingsOf(replaced(goodExposure, part, by));
      expect(found).toMatchObject([{ code, object, severity }]);
      expect(found[0]?.hint).toBe(hint);
    },
  );
});

describe('a STRICT mesh behind an Ingress', () => {
  const world = (...objects: readonly string[]) => [goodExposure, strict, nginxClass, ...objects].join('\n---\n');
  const own = (annotations: string) => ingress('own', 'ingressClassName: nginx', annotations);
  const told = (text: string) =>
    findingsOf(text).flatMap(({ code, severity, object }) =>
      code === 'EXP022' && object === 'Ingress/shop/own' ? [severity] : [],
    );

  it('is an error for a controller without a sidecar', () => {
    expect(told(world(nginx(', sidecar.istio.io/inject: "false"'), own('')))).toEqual(['error']);
  });

  it('is an error for class nginx, shown or not: without annotations it fails with a sidecar as well', () => {
    expect(told(world(own('')))).toEqual(['error']);
  });

  it('asks a controller with a sidecar for its annotations', () => {
    const upstream = 'nginx.ingress.kubernetes.io/service-upstream: "true"';
    expect(told(world(nginx(''), own('')))).toEqual(['warning']);
    expect(told(world(nginx(''), own(`, annotations: {${upstream}}`)))).toEqual(['warning']);
    const both = `${upstream}, nginx.ingress.kubernetes.io/upstream-vhost: web.shop.svc.cluster.local`;
    expect(told(world(nginx(''), own(`, annotations: {${both}}`)))).toEqual([]);
    expect(told(world(own(`, annotations: {${upstream}}`)))).toEqual([]);
  });

  it('is fine where the port is PERMISSIVE', () => {
    const port = strict.replace(
      'STRICT}}',
      'STRICT}, portLevelMtls: {8080: {mode: PERMISSIVE}}, selector: {matchLabels: {app: web}}}',
    );
    expect(told(world(own('')).replace(strict, port))).toEqual([]);
  });
});

describe('what clashes across folders is only a warning', () => {
  const gateway = (at: string) =>
    `apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: ip-pool, namespace: metallb-system}\nspec: {addresses: [10.0.0.1/32]}\n---\n${balancer('public', `${ip}: ${at}`, '')}\n---\napiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata: {name: all, namespace: metallb-system}\n`;
  it('says nothing of an object that is stated twice, which OBJ001 does', () => {
    const found = findingsIn({ 'staging/a.yaml': gateway('10.0.0.1'), 'prod/a.yaml': gateway('10.0.0.1') });
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(found.filter(({ code }) => code.startsWith('EXP'))).toEqual([]);
  });
});

describe('two environments', () => {
  const pool = (name: string) =>
    `apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: ${name}, namespace: metallb-system}\nspec: {addresses: [10.0.0.1/32]}`;
  it('are told to be checked apart', () => {
    const apart = findingsIn({ 'staging/a.yaml': pool('staging'), 'prod/a.yaml': pool('prod') });
    expect(apart).toMatchObject([{ code: 'EXP003', severity: 'warning', hint: 'two environments? check each folder by itself' }]);
    const beside = findingsIn({ 'prod/a.yaml': pool('staging'), 'prod/b.yaml': pool('prod') });
    expect(beside).toMatchObject([{ code: 'EXP003', severity: 'error' }]);
  });
});

describe('hosts at two addresses', () => {
  it('names both', () => {
    const route = goodExposure
      .replace('hosts: [web.mesh.example]}]', 'hosts: [web.mesh.example, shop.mesh.example]}]')
      .replace('  hosts: [web.mesh.example]\n  gateways', '  hosts: [web.mesh.example, shop.mesh.example]\n  gateways');
    const other = ingress('shop', 'ingressClassName: traefik', ', annotations: {meshwright.dev/address: 10.34.124.114}');
    const found = findingsOf(`${route}\n---\n${other.replaceAll('shop.site.example', 'shop.mesh.example')}`);
    expect(found).toMatchObject([{ code: 'EXP016', severity: 'warning' }]);
    expect(found[0]?.message).toContain('10.34.124.114');
    expect(found[0]?.message).toContain('10.34.124.115');
  });
});

describe('a synth', () => {
  it('holds all: a pool of a file alone need not be announced, one of a synth must', () => {
    const pool =
      'apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: p, namespace: metallb-system}\nspec: {addresses: [10.0.0.1/32]}';
    const world = worldOf(pool);
    expect(prove(world)).toEqual([]);
    const made = world.objects.map((one) => ({ ...one, origin: { ...one.origin, construct: 'site/addresses/p' } }));
    expect(prove({ ...world, objects: made })).toMatchObject([{ code: 'EXP008' }]);
  });
});

describe('what Flux applies to one cluster', () => {
  const step = (name: string) =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {interval: 10m, path: ./${name}, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}`;
  const pool =
    'apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: p, namespace: metallb-system}\nspec: {addresses: [10.0.0.1/32]}\n---\napiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata: {name: p, namespace: metallb-system}\n';
  it('lives together, whatever the folders', () => {
    const files = {
      'addresses/pool.yaml': pool,
      'apps/one.yaml': balancer('one', `${ip}: 10.0.0.1`),
      'more/two.yaml': balancer('two', `${ip}: 10.0.0.1`),
    };
    expect(findingsIn(files)).toMatchObject([{ code: 'EXP005', severity: 'warning' }]);
    const flux = ['addresses', 'apps', 'more'].map(step).join('\n---\n');
    expect(findingsIn({ ...files, 'flux/steps.yaml': flux })).toMatchObject([{ code: 'EXP005', severity: 'error' }]);
  });

  it('tells a class that is nearly a usual one, where the input shows no controller', () => {
    expect(findingsOf(ingress('own', 'ingressClassName: treafik'))).toMatchObject([{ code: 'EXP013', severity: 'warning' }]);
    expect(findingsOf(ingress('own', 'ingressClassName: internal'))).toEqual([]);
  });
});
