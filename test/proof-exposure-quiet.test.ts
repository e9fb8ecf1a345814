// biome-ignore-all lint/suspicious/noTemplateCurlyInString: strings that only look like templates are what is tested
import { describe, expect, it } from 'vitest';
import { balancer, certificate, goodExposure, ingress, release, strict } from './proof-exposure-world.ts';
import { findingsIn } from './proof-flux-world.ts';
import { findingsOf } from './proof-world.ts';

const told = (text: string) => findingsOf(text).filter(({ code }) => code.startsWith('EXP') || code.startsWith('RTE013'));
const all = (...objects: readonly string[]) => objects.join('\n---\n');
const pool = (name: string, addresses: string, more = '', namespace = 'metallb-system') =>
  `apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {net: ${name}}}\nspec: {addresses: [${addresses}]${more}}`;
const adv = (spec: string, kind = 'L2Advertisement') =>
  `apiVersion: metallb.io/v1beta1\nkind: ${kind}\nmetadata: {name: adv, namespace: metallb-system}\n${spec}`;
const issuer = (name: string, spec: string, namespace = 'shop') =>
  `apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {${spec}}`;
const cluster = (name: string, spec: string) =>
  `apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: ${name}}\nspec: {${spec}}`;
const dns01 =
  'acme: {server: "https://acme.test", privateKeySecretRef: {name: acme}, solvers: [{dns01: {cloudflare: {apiTokenSecretRef: {name: cf, key: token}}}}]}';
const gateway = (spec: string, metadata = '') =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: shop${metadata}}\nspec: {${spec}}`;
const service = (name: string, spec: string, metadata = '') =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop${metadata}}\nspec: {${spec}}`;
const ip = 'metallb.io/loadBalancerIPs';
const policy = (spec: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: hook, namespace: cert-manager}\nspec: {${spec}}`;
const istioGateway = (credential: string, selector = 'istio: ingressgateway') =>
  `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: front, namespace: shop}\nspec: {selector: {${selector}}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: ${credential}}, hosts: [shop.site.example]}]}`;

describe('addresses that are right', () => {
  it.each([
    ['a pool in a file of its own', pool('a', '192.168.10.0/24, 192.168.9.1-192.168.9.5, fc00:f853:0ccd:e799::/124')],
    ['an advertisement of all pools', all(pool('a', '10.0.0.0/28'), adv('spec: {}'), balancer('b', ''))],
    ['an advertisement without a spec', all(pool('a', '10.0.0.0/28'), adv(''), balancer('b', ''))],
    [
      'by labels',
      all(pool('a', '10.0.0.0/28'), adv('spec: {ipAddressPoolSelectors: [{matchLabels: {net: a}}]}', 'BGPAdvertisement')),
    ],
    ['an advertisement in a file of its own', adv('spec: {ipAddressPools: [first-pool]}')],
    ['pools of another family', all(pool('a', '10.0.0.0/28'), pool('b', '"::a00:0/124"'))],
    ['pools side by side', all(pool('a', '10.0.0.0/25'), pool('b', '10.0.0.128-10.0.0.255'), adv('spec: {}'))],
    ['an address that Flux fills in', all(pool('a', '"${LB_RANGE}"'), adv('spec: {}'), balancer('b', `${ip}: 10.1.1.1`))],
    ['an address of a cloud, without pools', balancer('b', '', 'loadBalancerIP: 203.0.113.7, ')],
    [
      'a Service of another class',
      all(
        pool('a', '10.0.0.1/32'),
        adv('spec: {}'),
        balancer('b', '', 'loadBalancerClass: tailscale, loadBalancerIP: 100.64.0.1, '),
      ),
    ],
    [
      'two families at once',
      all(pool('a', '10.0.0.0/28, "fc00::/124"'), adv('spec: {}'), balancer('b', `${ip}: "10.0.0.1,fc00::1"`)),
    ],
    [
      'an address that two share by key and ports',
      all(
        pool('a', '10.0.0.1/32'),
        adv('spec: {}'),
        service(
          'dns-tcp',
          'type: LoadBalancer, ports: [{port: 53, protocol: TCP}]',
          `, annotations: {${ip}: 10.0.0.1, metallb.io/allow-shared-ip: dns}`,
        ),
        service(
          'dns-udp',
          'type: LoadBalancer, ports: [{port: 53, protocol: UDP}]',
          `, annotations: {${ip}: 10.0.0.1, metallb.io/allow-shared-ip: dns}`,
        ),
      ),
    ],
    [
      'a shared pool of one',
      all(
        pool('a', '10.0.0.1/32'),
        adv('spec: {}'),
        ...['a', 'b'].map((name, i) =>
          service(name, `type: LoadBalancer, ports: [{port: ${80 + i}}]`, ', annotations: {metallb.io/allow-shared-ip: one}'),
        ),
      ),
    ],
    [
      'two pools for two',
      all(pool('a', '10.0.0.1/32'), pool('b', '10.0.0.2/32'), adv('spec: {}'), balancer('one', ''), balancer('two', '')),
    ],
    [
      'a pool for some, and others elsewhere',
      all(
        pool('a', '10.0.0.1/32', ', serviceAllocation: {namespaces: [kube-system]}'),
        adv('spec: {}'),
        balancer('one', ''),
        balancer('two', ''),
      ),
    ],
    [
      'gateways of ClusterIP',
      all(
        pool('a', '10.0.0.1/32'),
        adv('spec: {}'),
        balancer('one', ''),
        release('gateway', 'service: {type: ClusterIP}'),
        release('traefik', 'service: {enabled: false}'),
        gateway(
          'gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]',
          ', annotations: {networking.istio.io/service-type: ClusterIP}',
        ),
      ),
    ],
    [
      'a namespace without Pod Security',
      all('apiVersion: v1\nkind: Namespace\nmetadata: {name: metallb-system}', release('metallb', '', 'metallb-system')),
    ],
    [
      'ports for TCP and UDP, and 0 for any',
      service(
        'dns',
        'type: NodePort, ports: [{name: t, port: 53, protocol: TCP, nodePort: 30053}, {name: u, port: 53, protocol: UDP, nodePort: 30053}, {name: a, port: 80, nodePort: 0}]',
      ),
    ],
  ])('%s', (_, text) => {
    expect(told(text)).toEqual([]);
  });
});

describe('Ingresses that are right', () => {
  const nginx = (more = '') => ingress('own', 'ingressClassName: nginx', more);
  it.each([
    ['no class on k3s, whose Traefik is not in the input', ingress('own', '')],
    [
      'no class, with a default',
      all(
        goodExposure.replace(
          '{name: traefik}\nspec: {controller',
          '{name: traefik, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}\nspec: {controller',
        ),
        ingress('own', ''),
      ),
    ],
    ['no class, with the chart of Traefik', all(release('traefik', 'service: {type: ClusterIP}'), ingress('own', ''))],
    [
      'the class of the chart of Traefik',
      all(release('traefik', 'service: {type: ClusterIP}'), ingress('own', 'ingressClassName: traefik')),
    ],
    [
      'a class by the old annotation',
      all(goodExposure, ingress('own', '', ', annotations: {kubernetes.io/ingress.class: traefik}')),
    ],
    ['the class of a cloud beside others', all(goodExposure, ingress('own', 'ingressClassName: alb'))],
    [
      'F5’s controller of class nginx',
      all(
        'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: nginx.org/ingress-controller}',
        nginx(),
      ),
    ],
    [
      'a canary',
      all(
        goodExposure,
        ingress('shop', 'ingressClassName: traefik', ', annotations: {nginx.ingress.kubernetes.io/canary: "true"}'),
      ),
    ],
    [
      'another path of the host',
      all(goodExposure, ingress('shop', 'ingressClassName: traefik').replace('path: /,', 'path: /api,')),
    ],
    ['the host in two classes', all(goodExposure, ingress('shop', 'ingressClassName: alb'))],
    [
      'a STRICT mesh behind Istio’s own class',
      // istiod reads the Secret beside its gateway.
      all(
        goodExposure
          .replace('ingressClassName: traefik\n', 'ingressClassName: istio\n')
          .replace(
            'kind: Certificate\nmetadata: {name: shop, namespace: shop}',
            'kind: Certificate\nmetadata: {name: shop, namespace: istio-ingress}',
          ),
        strict,
      ),
    ],
    ['a STRICT mesh elsewhere', all(goodExposure, strict.replace('namespace: shop', 'namespace: other'))],
    [
      'a backend outside the STRICT mesh',
      all(
        goodExposure.replace('labels: {app: web}}\n    spec', 'labels: {app: web, sidecar.istio.io/inject: "false"}}\n    spec'),
        strict,
      ),
    ],
  ])('%s', (_, text) => {
    expect(told(text)).toEqual([]);
  });
});

describe('certificates that are right', () => {
  it('lies beside the pods of Istio’s gateway for an Ingress of istiod', () => {
    const pods = `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: edge, namespace: edge}\nspec:\n  selector: {matchLabels: {istio: ingressgateway}}\n  template:\n    metadata: {labels: {istio: ingressgateway}, annotations: {inject.istio.io/templates: gateway}}\n    spec: {containers: [{name: istio-proxy, image: auto}]}`;
    const served = ingress('own', 'tls: [{hosts: [own.site.example], secretName: own-tls}]\n  ingressClassName: istio');
    const made = (namespace: string) =>
      certificate('own', 'secretName: own-tls, dnsNames: [own.site.example], issuerRef: {name: x}', namespace);
    const codes = (...objects: readonly string[]) =>
      told(all(...objects)).flatMap(({ code, message }) => (code === 'EXP017' ? [message] : []));
    expect(codes(pods, served, made('edge'))).toEqual([]);
    expect(codes(served, made('edge'))).toEqual([]);
    expect(codes(pods, served, made('shop'))).toEqual([expect.stringContaining('is read in namespace edge')]);
  });

  it.each([
    [
      'ingress-shim',
      all(
        cluster('letsencrypt', dns01),
        ingress(
          'own',
          'tls: [{hosts: [own.site.example], secretName: own-tls}]',
          ', annotations: {cert-manager.io/cluster-issuer: letsencrypt}',
        ),
      ),
    ],
    [
      'an issuer that is not in the input',
      certificate('c', 'secretName: c, dnsNames: [c.example], issuerRef: {name: letsencrypt-prod, kind: ClusterIssuer}'),
    ],
    [
      'an issuer of another group',
      all(
        issuer('own', 'selfSigned: {}'),
        certificate(
          'c',
          'secretName: c, dnsNames: [c.example], issuerRef: {name: owm, kind: AWSPCAIssuer, group: awspca.cert-manager.io}',
        ),
      ),
    ],
    [
      'an Issuer of the namespace',
      all(issuer('own', 'selfSigned: {}'), certificate('c', 'secretName: c, dnsNames: [c.example], issuerRef: {name: own}')),
    ],
    [
      'a wildcard by DNS-01',
      all(
        cluster('letsencrypt', dns01),
        certificate(
          'c',
          "secretName: c, dnsNames: ['*.c.example', c.example], issuerRef: {name: letsencrypt, kind: ClusterIssuer}",
        ),
      ),
    ],
    [
      'a wildcard where one of the solvers can',
      all(
        cluster('letsencrypt', dns01.replace('solvers: [', 'solvers: [{http01: {ingress: {}}}, ')),
        certificate('c', "secretName: c, dnsNames: ['*.c.example'], issuerRef: {name: letsencrypt, kind: ClusterIssuer}"),
      ),
    ],
    ['a Secret by hand', istioGateway('httpbin-credential')],
    [
      'a Secret by hand, and gateway and Certificates of others',
      all(
        release('gateway', 'name: istio-ingressgateway, service: {type: ClusterIP}'),
        istioGateway('httpbin-credential'),
        certificate('c', 'secretName: other, dnsNames: [c.example], issuerRef: {name: x}', 'ingress'),
      ),
    ],
    [
      'a Certificate where the gateway’s pods are',
      all(
        release('gateway', 'name: istio-ingressgateway, service: {type: ClusterIP}'),
        istioGateway('shop-tls'),
        certificate('c', "secretName: shop-tls, dnsNames: ['*.site.example'], issuerRef: {name: x}", 'ingress'),
      ),
    ],
    [
      'a gateway whose pods are not in the input',
      all(
        istioGateway('shop-tls', 'istio: other'),
        certificate('c', 'secretName: shop-tls, dnsNames: [shop.site.example], issuerRef: {name: x}', 'istio-system'),
      ),
    ],
    [
      'a Secret that Reflector copies',
      all(
        certificate(
          'c',
          "secretName: c-tls, dnsNames: ['*.site.example'], issuerRef: {name: x}, secretTemplate: {annotations: {reflector.v1.k8s.emberstack.com/reflection-allowed: 'true'}}",
          'cert-manager',
        ),
        ingress('own', 'tls: [{hosts: [own.site.example], secretName: c-tls}]'),
      ),
    ],
    [
      'an ExternalSecret',
      all(
        'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: c-tls, namespace: shop}\nspec: {}',
        certificate('c', 'secretName: c-tls, dnsNames: [c.example], issuerRef: {name: x}', 'other'),
        ingress('own', 'tls: [{hosts: [own.site.example], secretName: c-tls}]'),
      ),
    ],
    [
      'a wildcard host with the certificates of its hosts',
      all(
        certificate('c', 'secretName: c-tls, dnsNames: [a.site.example, b.site.example], issuerRef: {name: x}'),
        gateway(
          "gatewayClassName: other, listeners: [{name: https, port: 443, protocol: HTTPS, hostname: '*.site.example', tls: {certificateRefs: [{name: c-tls}]}}]",
        ),
      ),
    ],
    [
      'several certificates of a listener',
      all(
        certificate('c', 'secretName: c-tls, dnsNames: [a.site.example], issuerRef: {name: x}'),
        gateway(
          'gatewayClassName: other, listeners: [{name: https, port: 443, protocol: HTTPS, hostname: b.site.example, tls: {certificateRefs: [{name: c-tls}, {name: d-tls}]}}]',
        ),
      ),
    ],
    [
      'names that Flux fills in',
      all(
        certificate('c', "secretName: c-tls, dnsNames: ['*.${DOMAIN}'], issuerRef: {name: x}"),
        ingress('own', 'tls: [{hosts: [own.site.example], secretName: c-tls}]'),
      ),
    ],
    [
      'a reference with its grant',
      all(
        certificate('c', 'secretName: c-tls, dnsNames: [a.site.example], issuerRef: {name: x}', 'certs'),
        gateway(
          'gatewayClassName: other, listeners: [{name: https, port: 443, protocol: HTTPS, hostname: a.site.example, tls: {certificateRefs: [{name: c-tls, namespace: certs}]}}]',
        ),
        'apiVersion: gateway.networking.k8s.io/v1\nkind: ReferenceGrant\nmetadata: {name: g, namespace: certs}\nspec: {from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: shop}], to: [{group: "", kind: Secret}]}',
      ),
    ],
  ])('%s', (_, text) => {
    expect(told(text)).toEqual([]);
  });
});

describe('policies about webhooks that are right', () => {
  const released = release('cert-manager', '', 'cert-manager');
  it.each([
    ['a port open to all', policy('podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: 10250}]}]')],
    [
      'a block of addresses',
      policy('podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]'),
    ],
    ['all namespaces', policy('podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {}}]}]')],
    ['a port by its name', policy('podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: https}]}]')],
    ['what leaves alone', policy('podSelector: {}, policyTypes: [Egress], egress: []')],
    ['other pods', policy('podSelector: {matchLabels: {app.kubernetes.io/name: cainjector}}, policyTypes: [Ingress]')],
  ])('%s', (_, text) => {
    expect(told(all(released, text))).toEqual([]);
  });
});

describe('two clusters in one repository', () => {
  it('may have the same Ingress, host and certificate', () => {
    const site = all(
      ingress('own', 'ingressClassName: traefik'),
      certificate('c', 'secretName: c, dnsNames: [c.example], issuerRef: {name: x}'),
      service('web', 'type: NodePort, ports: [{port: 80, nodePort: 30080}]'),
    );
    const found = findingsIn({ 'clusters/a/site.yaml': site, 'clusters/b/site.yaml': site });
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(found.filter(({ code }) => code.startsWith('EXP'))).toEqual([]);
  });
});
