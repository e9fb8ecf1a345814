import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MeshApp, Stack } from '../constructs/app.ts';
import { Bookinfo } from '../constructs/apps/index.ts';
import {
  AddressPool,
  GatewayApiGateway,
  IstioGateway,
  L2Advertisement,
  LoadBalancerExposure,
  MetalLb,
  NginxIngress,
} from '../constructs/exposure/index.ts';
import { Layer } from '../constructs/kit/index.ts';
import { GatewayRelease, Mesh } from '../constructs/mesh/index.ts';
import { hostClashes, hostsOf, modelOf, readWorlds } from '../constructs/proof/index.ts';
import { worldOf } from './proof-world.ts';
import { scratch } from './support/publish.ts';

/** What a world says of names: `NAME ADDRESSES by FORM (OBJECT)`. */
function told(...parts: string[]): string[] {
  return hostsOf(modelOf(worldOf(parts.join('\n---\n')))).map(
    ({ host, addresses, by, at }) => `${host} ${addresses.join('+') || '?'} by ${by} (${at.object.id})`,
  );
}

const gateway = (name: string, hosts: string, more = '') => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: edge}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [${hosts}]${more}}]}
`;
const virtualService = (name: string, hosts: string, gateways = 'edge/site') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec: {hosts: [${hosts}], gateways: [${gateways}], http: [{route: [{destination: {host: shop}}]}]}
`;
const release = (chart: string, values: string, name = chart) => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${name}, namespace: edge}
spec: {chart: {spec: {chart: ${chart}, sourceRef: {kind: HelmRepository, name: x}}}, values: ${values}}
`;
const asked = "annotations: {metallb.io/loadBalancerIPs: '10.34.124.115'}";
const ingress = (name: string, rules: string, more = 'ingressClassName: nginx', annotations = '') => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: shop, annotations: {${annotations}}}
spec: {${more}, rules: [${rules}]}
`;

describe('names at a Gateway of Istio', () => {
  const istio = release('gateway', `{service: {${asked}}}`, 'istio-ingressgateway');

  it('are those of its VirtualServices, at the address that the gateway release asks for', () => {
    const services = [virtualService('a', "'a.site.example', b.site.example"), virtualService('any', "'*'")];
    expect(told(istio, gateway('site', "'*.site.example', alone.example, './Own.Example'"), ...services)).toEqual([
      '*.site.example 10.34.124.115 by istio-gateway (VirtualService/shop/any)',
      'a.site.example 10.34.124.115 by istio-gateway (VirtualService/shop/a)',
      'alone.example 10.34.124.115 by istio-gateway (VirtualService/shop/any)',
      'b.site.example 10.34.124.115 by istio-gateway (VirtualService/shop/a)',
      'own.example 10.34.124.115 by istio-gateway (VirtualService/shop/any)',
    ]);
  });

  it('are its own where no VirtualService takes them', () => {
    expect(told(istio, gateway('site', 'a.site.example'), virtualService('b', 'b.site.example'))).toEqual([
      'a.site.example 10.34.124.115 by istio-gateway (Gateway/edge/site)',
    ]);
  });

  it('are none of the cluster, of other Gateways, of the way out, of another mesh', () => {
    const out = gateway('out', 'api.vendor.example').replace('ingressgateway', 'egressgateway');
    const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: vendor, namespace: shop}
spec: {hosts: [www.vendor.example]}
`;
    expect(
      told(
        gateway('site', "'*'"),
        out,
        entry,
        gateway('other', "'*.other'", ', tls: {mode: AUTO_PASSTHROUGH}'),
        virtualService('in', 'shop, shop.shop.svc.cluster.local, www.vendor.example', 'edge/site, mesh'),
        virtualService('elsewhere', 'a.site.example', 'edge/none'),
      ),
    ).toEqual([]);
  });

  const service = (spec: string, annotations = '') => `
apiVersion: v1
kind: Service
metadata: {name: front, namespace: edge, annotations: {${annotations}}}
spec: {selector: {istio: ingressgateway, app: front}, ports: [{port: 80}], ${spec}}
`;
  const operator = (spec: string) => `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: mesh, namespace: istio-system}
spec: {profile: default, ${spec}}
`;
  it.each<[string, string, string]>([
    ['a Service that asks for one', service('type: LoadBalancer, loadBalancerIP: 10.0.0.1'), '10.0.0.1'],
    [
      'a Service by annotation',
      service('type: LoadBalancer', "metallb.io/loadBalancerIPs: '10.0.0.1, 2001:db8::1'"),
      '10.0.0.1+2001:db8::1',
    ],
    [
      'a Service by the old annotation',
      service('type: LoadBalancer', 'metallb.universe.tf/loadBalancerIPs: 10.0.0.1'),
      '10.0.0.1',
    ],
    ['a Service at outer addresses', service('externalIPs: [10.0.0.1, 10.0.0.2]'), '10.0.0.1+10.0.0.2'],
    ['a release by its value', release('gateway', '{service: {loadBalancerIP: 10.0.0.1}}', 'istio-ingressgateway'), '10.0.0.1'],
    [
      'an IstioOperator file',
      operator(
        "components: {ingressGateways: [{name: istio-ingressgateway, enabled: true, k8s: {serviceAnnotations: {metallb.io/loadBalancerIPs: '10.0.0.1'}}}]}",
      ),
      '10.0.0.1',
    ],
    [
      'an IstioOperator file by its Service',
      operator(
        'components: {ingressGateways: [{name: istio-ingressgateway, enabled: true, k8s: {service: {loadBalancerIP: 10.0.0.1}}}]}',
      ),
      '10.0.0.1',
    ],
    [
      'an IstioOperator file by values',
      operator('values: {gateways: {istio-ingressgateway: {loadBalancerIP: 10.0.0.1}}}'),
      '10.0.0.1',
    ],
    ['nobody', service('type: LoadBalancer'), '?'],
  ])('have the address of %s', (_, maker, address) => {
    expect(told(maker, gateway('site', 'a.site.example'))).toEqual([
      `a.site.example ${address} by istio-gateway (Gateway/edge/site)`,
    ]);
  });
});

describe('gateway pods of your own', () => {
  it('are found by their Service, whatever it selects them by', () => {
    const pods = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: front, namespace: edge}
spec: {selector: {matchLabels: {app: front}}, template: {metadata: {labels: {app: front, istio: ingressgateway}}, spec: {containers: [{name: istio-proxy, image: auto}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: edge}
spec: {selector: {app: front}, type: LoadBalancer, loadBalancerIP: 10.0.0.1, ports: [{port: 80}]}
`;
    expect(told(pods, gateway('site', 'a.site.example'))).toEqual([
      'a.site.example 10.0.0.1 by istio-gateway (Gateway/edge/site)',
    ]);
  });
});

describe('names at a Gateway of the Gateway API', () => {
  const gatewayApi = (listeners: string, more = '') => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec: {gatewayClassName: istio, listeners: [${listeners}], ${more}}
`;
  const route = (name: string, hostnames: string, parent = 'name: public, namespace: edge') => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}, namespace: shop}
spec: {parentRefs: [{${parent}}], ${hostnames === '' ? '' : `hostnames: [${hostnames}], `}rules: [{backendRefs: [{name: shop, port: 80}]}]}
`;
  const address = 'addresses: [{value: 10.0.0.1}]';

  it('are those of its routes, else of its listeners', () => {
    const listeners = "{name: any, port: 80, protocol: HTTP}, {name: own, port: 81, protocol: HTTP, hostname: '*.site.example'}";
    expect(
      told(
        gatewayApi(`${listeners}, {name: alone, port: 82, protocol: HTTP, hostname: alone.example}`, address),
        route('a', 'a.site.example, a.other.example', 'name: public, namespace: edge, sectionName: own'),
        route('b', 'b.other.example', 'name: public, namespace: edge, sectionName: any'),
        route('all', '', 'name: public, namespace: edge, sectionName: own'),
        route('mesh', 'c.site.example', "group: '', kind: Service, name: shop"),
      ),
    ).toEqual([
      '*.site.example 10.0.0.1 by gateway-api (HTTPRoute/shop/all)',
      'a.site.example 10.0.0.1 by gateway-api (HTTPRoute/shop/a)',
      'alone.example 10.0.0.1 by gateway-api (Gateway/edge/public)',
      'b.other.example 10.0.0.1 by gateway-api (HTTPRoute/shop/b)',
    ]);
  });

  const one = '{name: http, port: 80, protocol: HTTP}';
  const front = `
apiVersion: v1
kind: Service
metadata: {name: front, namespace: edge}
spec: {selector: {app: front}, type: LoadBalancer, loadBalancerIP: 10.0.0.9, ports: [{port: 80}]}
`;
  it.each<[string, string, string]>([
    ['what its Service is annotated with', gatewayApi(one, `infrastructure: {${asked}}`), '10.34.124.115'],
    ['its own annotation', gatewayApi(one).replace('namespace: edge}', `namespace: edge, ${asked}}`), '10.34.124.115'],
    [
      'the Service that it names',
      `${gatewayApi(one, 'addresses: [{type: Hostname, value: front.edge.svc.cluster.local}]')}---${front}`,
      '10.0.0.9',
    ],
    ['nobody', gatewayApi(one), '?'],
  ])('have the address of %s', (_, maker, found) => {
    expect(told(maker, route('a', 'a.site.example'))).toEqual([`a.site.example ${found} by gateway-api (HTTPRoute/shop/a)`]);
  });

  it('are none at a waypoint', () => {
    const waypoint = gatewayApi('{name: mesh, port: 15008, protocol: HBONE, hostname: a.site.example}').replace(
      ': istio,',
      ': istio-waypoint,',
    );
    expect(told(waypoint)).toEqual([]);
  });
});

describe('names at an ingress controller', () => {
  it('have the address that their Ingress says, or another of the same class', () => {
    expect(
      told(
        ingress('a', '{host: a.site.example}, {host: B.Site.Example}', undefined, "meshwright.dev/address: '10.34.124.114'"),
        ingress('c', '{host: c.site.example}'),
        ingress('d', '{host: d.site.example}', 'ingressClassName: other'),
        ingress('e', '{host: e.site.example}', 'x: 1', 'kubernetes.io/ingress.class: nginx'),
        ingress('f', '{http: {paths: []}}', 'ingressClassName: other'),
      ),
    ).toEqual([
      '* ? by ingress (Ingress/shop/f)',
      'a.site.example 10.34.124.114 by ingress (Ingress/shop/a)',
      'b.site.example 10.34.124.114 by ingress (Ingress/shop/a)',
      'c.site.example 10.34.124.114 by ingress (Ingress/shop/c)',
      'd.site.example ? by ingress (Ingress/shop/d)',
      'e.site.example 10.34.124.114 by ingress (Ingress/shop/e)',
    ]);
  });

  const istioClass =
    'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: istio.io/ingress-controller}\n';
  it.each<[string, string]>([
    ['ingress-nginx', release('ingress-nginx', `{controller: {service: {${asked}}}}`)],
    [
      'ingress-nginx of another class',
      release('ingress-nginx', `{controller: {ingressClassResource: {name: nginx}, service: {loadBalancerIP: 10.34.124.115}}}`),
    ],
    ['Traefik', release('traefik', `{ingressClass: {name: nginx}, service: {${asked}}}`)],
    [
      'Traefik by its Service',
      release('traefik', '{ingressClass: {name: nginx}, service: {spec: {loadBalancerIP: 10.34.124.115}}}'),
    ],
    ['Istio', `${istioClass}---${release('gateway', `{service: {${asked}}}`, 'istio-ingressgateway')}`],
  ])('have the address of the release of %s', (_, maker) => {
    expect(told(maker, ingress('a', '{host: a.site.example}'))).toEqual([
      'a.site.example 10.34.124.115 by ingress (Ingress/shop/a)',
    ]);
  });

  const kiali = (spec: string) => `
apiVersion: kiali.io/v1alpha1
kind: Kiali
metadata: {name: kiali, namespace: istio-system}
spec: {${spec}}
`;
  const known = ingress('a', '{host: a.site.example}', undefined, "meshwright.dev/address: '10.34.124.114'");
  const prometheus = `{grafana: {ingress: {enabled: true, ingressClassName: nginx, hosts: [grafana.site.example]}}, prometheus: {ingress: {enabled: true, ingressClassName: nginx, hosts: [prometheus.site.example]}}, alertmanager: {ingress: {enabled: false, hosts: [alerts.site.example]}}}`;
  it.each<[string, string, string[]]>([
    [
      "Kiali's own rules",
      kiali(
        'deployment: {ingress: {enabled: true, class_name: other, override_yaml: {spec: {ingressClassName: nginx, rules: [{host: kiali.site.example}]}}}}',
      ),
      ['kiali.site.example 10.34.124.114 by ingress (Kiali/istio-system/kiali)'],
    ],
    [
      "Kiali's name",
      kiali('deployment: {ingress: {enabled: true}}, server: {web_fqdn: kiali.site.example}'),
      ['kiali.site.example 10.34.124.114 by ingress (Kiali/istio-system/kiali)'],
    ],
    ['a Kiali without ingress', kiali('server: {web_fqdn: kiali.site.example}'), []],
    [
      'a Kiali of its operator chart',
      release(
        'kiali-operator',
        '{cr: {create: true, spec: {deployment: {ingress: {enabled: true}}, server: {web_fqdn: kiali.site.example}}}}',
      ),
      ['kiali.site.example 10.34.124.114 by ingress (HelmRelease/edge/kiali-operator)'],
    ],
    [
      'kube-prometheus-stack',
      release('kube-prometheus-stack', prometheus),
      [
        'grafana.site.example 10.34.124.114 by ingress (HelmRelease/edge/kube-prometheus-stack)',
        'prometheus.site.example 10.34.124.114 by ingress (HelmRelease/edge/kube-prometheus-stack)',
      ],
    ],
  ])('are also those of %s', (_, maker, expected) => {
    expect(told(known, maker).filter((one) => !one.startsWith('a.site.example'))).toEqual(expected);
  });
});

describe('names of a Service', () => {
  it('are those of ExternalDNS', () => {
    const service = `
apiVersion: v1
kind: Service
metadata: {name: jaeger, namespace: tracing, annotations: {external-dns.alpha.kubernetes.io/hostname: 'jaeger.site.example, traces.site.example'}}
spec: {type: LoadBalancer, loadBalancerIP: 10.0.0.3, ports: [{port: 80}]}
`;
    expect(told(service)).toEqual([
      'jaeger.site.example 10.0.0.3 by load-balancer (Service/tracing/jaeger)',
      'traces.site.example 10.0.0.3 by load-balancer (Service/tracing/jaeger)',
    ]);
    expect(told(service.replace('LoadBalancer', 'ClusterIP'))).toEqual([]);
  });
});

describe('a name that two exposures claim', () => {
  const nginx = ingress('a', '{host: a.site.example}', undefined, "meshwright.dev/address: '10.34.124.114'");
  const istio = (host: string) => [release('gateway', `{service: {${asked}}}`, 'istio-ingressgateway'), gateway('site', host)];
  const clashes = (...parts: string[]) => hostClashes(modelOf(worldOf(parts.join('\n---\n'))));

  it('is told, with both', () => {
    expect(clashes(nginx, ...istio('A.site.example'))).toMatchObject([
      {
        host: 'a.site.example',
        claims: [
          { addresses: ['10.34.124.114'], by: 'ingress' },
          { addresses: ['10.34.124.115'], by: 'istio-gateway' },
        ],
      },
    ]);
  });

  it('is fine at one address, at none that is known, under any name, and side by side', () => {
    expect(clashes(nginx, nginx.replace('name: a,', 'name: b,'))).toEqual([]);
    expect(clashes(nginx, gateway('site', 'a.site.example'))).toEqual([]);
    expect(clashes(nginx.replace('host: a.site.example', 'http: {}'), ...istio("'*'"))).toEqual([]);
    expect(clashes(nginx, ...istio('b.site.example'))).toEqual([]);
    expect(clashes(nginx.replace('.114', '.115'), ...istio('a.site.example'))).toEqual([]);
  });
});

/** The site of the tutorial: nginx at a node's address, gateways at those of MetalLB's. */
function site(outdir: string): void {
  const app = new MeshApp({ outdir });
  const stack = new Stack(app, 'platform', { platform: 'rke2' });
  const metallb = new Layer(stack, 'metallb', { namespace: 'metallb-system' });
  const addresses = new Layer(stack, 'addresses', { namespace: metallb, after: [metallb] });
  const istio = new Layer(stack, 'istio', { namespace: 'istio-system' });
  const meshLayer = new Layer(stack, 'mesh', { namespace: istio, after: [istio] });
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [meshLayer] });
  const exposure = new Layer(stack, 'exposure', { namespace: 'edge', after: [addresses, apps] });
  new MetalLb(metallb, 'metallb');
  const pool = new AddressPool(addresses, 'ip-pool', {
    addresses: ['10.34.124.115-10.34.124.118'],
    reserved: ['10.34.124.114'],
  });
  new L2Advertisement(addresses, 'l2advertise', { pools: [pool] });
  const mesh = new Mesh(meshLayer, 'istio', { install: { by: 'helm', in: istio } });
  mesh.enroll(apps);
  const bookinfo = new Bookinfo(apps, 'bookinfo');
  const { pods } = new GatewayRelease(exposure, 'istio-ingressgateway', { mesh, address: pool.address('10.34.124.115') });
  new IstioGateway(exposure, 'istio', { pods }).publish(bookinfo, { host: 'bookinfo.istio-lab.site.example' });
  const address = pool.address('10.34.124.117');
  new GatewayApiGateway(exposure, 'public', { mesh, address }).publish(bookinfo, { host: '*.api-lab.site.example' });
  new GatewayApiGateway(exposure, 'pending', { mesh }).publish(bookinfo, { host: 'bookinfo.soon.site.example' });
  new NginxIngress(exposure, 'nginx', { bundled: true, hostAddress: '10.34.124.114' }).publish(bookinfo, {
    host: 'bookinfo.lab.site.example',
  });
  new LoadBalancerExposure(exposure, 'lb').publish(bookinfo, {
    host: 'bookinfo.lb.site.example',
    address: pool.address('10.34.124.116'),
  });
  app.synth();
}

describe('meshwright hosts', () => {
  const main = resolve(import.meta.dirname, '../cli/main.ts');
  const run = (cwd: string, ...args: string[]) => {
    const tsx = resolve(import.meta.dirname, '../node_modules/tsx/dist/loader.mjs');
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', tsx, main, 'hosts', ...args], {
      cwd,
      encoding: 'utf8',
    });
    return { stdout, stderr, status };
  };

  it('lists a stack for people, and for DNS', () => {
    const folder = scratch();
    site(join(folder, 'dist'));
    const { stdout, status } = run(folder, 'platform');
    expect(status).toBe(0);
    expect(stdout.split('\n').map((line) => line.trimEnd().split(/ {2,}/))).toEqual([
      ['HOST', 'ADDRESS', 'BY', 'OBJECT'],
      ['*.api-lab.site.example', '10.34.124.117', 'gateway-api', 'HTTPRoute/bookinfo/bookinfo'],
      ['bookinfo.istio-lab.site.example', '10.34.124.115', 'istio-gateway', 'VirtualService/edge/bookinfo'],
      ['bookinfo.lab.site.example', '10.34.124.114', 'ingress', 'Ingress/bookinfo/bookinfo'],
      ['bookinfo.lb.site.example', '10.34.124.116', 'load-balancer', 'Service/bookinfo/bookinfo-loadbalancer'],
      ['bookinfo.soon.site.example', 'unknown', 'gateway-api', 'HTTPRoute/bookinfo/bookinfo-pending'],
      [''],
    ]);
    const hosts = run(folder, 'platform', '--format', 'hosts');
    const lines = ['115 bookinfo.istio-lab', '114 bookinfo.lab', '116 bookinfo.lb'].map(
      (one) => `10.34.124.${one}.site.example\n`,
    );
    expect(hosts.stdout).toBe(lines.join(''));
    expect(hosts.stderr).toMatch(/\*\.api-lab\.site\.example of HTTPRoute\/bookinfo\/bookinfo is a wildcard/);
    expect(hosts.stderr).toMatch(/bookinfo\.soon\.site\.example of HTTPRoute\/bookinfo\/bookinfo-pending has no address/);
    expect(run(folder, 'platform', '--format', 'dns').stdout.split('\n').slice(0, 2)).toEqual([
      '*.api-lab.site.example. IN A 10.34.124.117',
      'bookinfo.istio-lab.site.example. IN A 10.34.124.115',
    ]);
  });

  it('lists any YAML, and tells what it cannot', () => {
    const folder = scratch();
    const both = "meshwright.dev/address: '10.0.0.1,2001:db8::1'";
    const file = join(folder, 'site.yaml');
    const clash = ingress('b', '{host: a.site.example}', 'ingressClassName: x', 'meshwright.dev/address: 10.0.0.2');
    const rules = "{host: a.site.example}, {host: '*.site.example'}, {http: {}}";
    writeFileSync(file, [ingress('a', rules, undefined, both), clash].join('---'));
    const { stdout, stderr, status } = run(folder, file, '--format', 'dns');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([
      '*.site.example. IN A 10.0.0.1',
      '*.site.example. IN AAAA 2001:db8::1',
      'a.site.example. IN A 10.0.0.1',
      'a.site.example. IN AAAA 2001:db8::1',
      'a.site.example. IN A 10.0.0.2',
    ]);
    expect(stderr).toMatch(
      /a\.site\.example is claimed by Ingress\/shop\/a at 10\.0\.0\.1, 2001:db8::1 and Ingress\/shop\/b at 10\.0\.0\.2/,
    );
    expect(stderr).toMatch(/\* of Ingress\/shop\/a takes any name/);
    expect(JSON.parse(run(folder, file, '--format', 'json').stdout)[1]).toEqual({
      host: '*.site.example',
      addresses: ['10.0.0.1', '2001:db8::1'],
      by: 'ingress',
      object: 'Ingress/shop/a',
      field: 'spec.rules[1].host',
      file,
      line: 5,
    });
  });

  it('says when there is nothing, and what it cannot use', () => {
    const folder = scratch();
    mkdirSync(join(folder, 'dist'));
    const file = join(folder, 'x.yaml');
    writeFileSync(file, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n');
    expect(run(folder, file)).toEqual({
      stdout: '',
      stderr: expect.stringMatching(/nothing in .*x\.yaml is reached/),
      status: 0,
    });
    expect(run(folder, 'none')).toMatchObject({ stderr: expect.stringMatching(/no such path: none/), status: 2 });
    expect(run(folder, file, '--format', 'zone')).toMatchObject({ stderr: expect.stringMatching(/Allowed choices/), status: 2 });
  });

  it('is for one stack', () => {
    const folder = scratch();
    const app = new MeshApp({ outdir: join(folder, 'dist') });
    for (const name of ['a', 'b']) new Bookinfo(new Layer(new Stack(app, name), 'apps', { namespace: 'bookinfo' }), 'bookinfo');
    app.synth();
    expect(run(folder, 'dist')).toMatchObject({ stderr: expect.stringMatching(/several stacks, .*: name one/), status: 2 });
    expect(readWorlds([join(folder, 'dist')])).toHaveLength(2);
  });
});
