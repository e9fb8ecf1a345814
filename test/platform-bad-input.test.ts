import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import {
  AddressPool,
  CertificateIssuer,
  CertManager,
  FluxDelivery,
  GatewayApiGateway,
  GatewayRelease,
  gitRepository,
  HelmRelease,
  IstioGateway,
  IstioIngress,
  L2Advertisement,
  Layer,
  LoadBalancerExposure,
  Mesh,
  type MeshApp,
  MetalLb,
  Nginx,
  NginxIngress,
  NodePortExposure,
  ociRepository,
  Stack,
  type StackProps,
  synthesize,
  TraefikIngress,
} from '../constructs/index.ts';
import { contents } from './support/publish.ts';

// A command line starts a process that compiles the sources.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bad-input-')));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** What a platform team's program starts with, in which all is well. */
function site(app: MeshApp, props: StackProps = {}) {
  const stack = new Stack(app, 'site', { platform: 'rke2', ...props });
  const certManager = new Layer(stack, 'cert-manager', { namespace: 'cert-manager' });
  const metallb = new Layer(stack, 'metallb', { namespace: 'metallb-system' });
  const istio = new Layer(stack, 'istio', { namespace: 'istio-system' });
  const addresses = new Layer(stack, 'addresses', { namespace: metallb, after: [metallb] });
  const issuers = new Layer(stack, 'issuers', { namespace: certManager, after: [certManager] });
  const policy = new Layer(stack, 'mesh', { namespace: istio, after: [istio] });
  const apps = new Layer(stack, 'apps', { namespace: 'apps', after: [policy] });
  const gateways = new Layer(stack, 'gateways', { namespace: istio, after: [istio, addresses] });
  const exposure = new Layer(stack, 'exposure', { namespace: istio, after: [gateways, issuers, apps] });
  new CertManager(certManager, 'cert-manager');
  new MetalLb(metallb, 'metallb');
  const mesh = new Mesh(policy, 'istio', { install: { by: 'helm', in: istio } });
  mesh.enroll(apps);
  const pool = new AddressPool(addresses, 'ip-pool', { addresses: ['10.34.124.115/32'] });
  new L2Advertisement(addresses, 'l2advertise', { pools: [pool] });
  const nginx = new Nginx(apps, 'nginx');
  return { stack, certManager, metallb, istio, addresses, issuers, apps, gateways, exposure, mesh, pool, nginx };
}

type Site = ReturnType<typeof site>;

/** Runs a program to its end, and says what it told. */
function run(change: (at: Site, app: MeshApp) => void, props?: StackProps) {
  const told: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((text) => void told.push(String(text)));
  const before = process.exitCode;
  process.exitCode = undefined;
  synthesize((app) => change(site(app, props), app), { outdir: join(folder, 'dist') });
  const status = process.exitCode ?? 0;
  process.exitCode = before;
  vi.restoreAllMocks();
  return { status, text: told.join('\n') };
}

type Program = (at: Site, app: MeshApp) => void;
type Line = readonly [what: string, change: Program, ...sides: RegExp[]];

const bad = 'Shop_1.site.example';
// biome-ignore format: one line each
const forms: readonly (readonly [what: string, publish: Program])[] = [
  ['Istio’s Gateway', ({ exposure, mesh, gateways, nginx }) => new IstioGateway(exposure, 'way', { pods: new GatewayRelease(gateways, 'gateway', { mesh }).pods }).publish(nginx, { host: bad })],
  ['the Gateway API', ({ exposure, mesh, nginx }) => new GatewayApiGateway(exposure, 'way', { mesh }).publish(nginx, { host: bad })],
  ['Ingresses of Istio', ({ exposure, mesh, gateways, nginx }) => new IstioIngress(exposure, 'way', { pods: new GatewayRelease(gateways, 'gateway', { mesh }).pods }).publish(nginx, { host: bad })],
  ['ingress-nginx', ({ exposure, nginx }) => new NginxIngress(exposure, 'way', { bundled: true, hostAddress: '10.34.124.114' }).publish(nginx, { host: bad })],
  ['Traefik', ({ exposure, nginx }) => new TraefikIngress(exposure, 'way', { bundled: true, hostAddress: '10.34.124.114' }).publish(nginx, { host: bad })],
  ['a load balancer', ({ exposure, nginx }) => new LoadBalancerExposure(exposure, 'way').publish(nginx, { host: bad })],
];
const hosts = forms.map(
  ([by, publish]): Line => [`a host that is no DNS name, by ${by}`, publish, /"Shop_1\.site\.example"/, /site\/exposure\/way/],
);

const flux = (stack: Stack, id = 'flux', url = 'https://git.site.example/mesh.git') =>
  new FluxDelivery(stack, id, { source: gitRepository({ url, branch: 'main' }) });
const source = { kind: 'HelmRepository', name: 'metalb' } as const;

// biome-ignore format: one line each
const lines: readonly Line[] = [
  ['an address outside every pool', ({ pool }) => pool.address('10.34.124.116'), /10\.34\.124\.116/, /ip-pool/],
  ['an address that is none', ({ pool }) => pool.address('10.34.124.300'), /10\.34\.124\.300/, /ip-pool/],
  ['one address for two Services', ({ pool, mesh, gateways, exposure, nginx }) => { new GatewayRelease(gateways, 'gateway', { mesh, address: pool.address('10.34.124.115') }); new LoadBalancerExposure(exposure, 'way').publish(nginx, { address: pool.address('10.34.124.115') }); }, /10\.34\.124\.115/, /ip-pool/],
  ['two pools with one address', ({ addresses }) => new AddressPool(addresses, 'more', { addresses: ['10.34.124.112/29'] }), /10\.34\.124\.112\/29/, /ip-pool/],
  ['a pool that holds the address of the ingress', ({ addresses, exposure, nginx }) => { const pool = new AddressPool(addresses, 'more', { addresses: ['10.34.124.114/32'] }); new L2Advertisement(addresses, 'l2more', { pools: [pool] }); new TraefikIngress(exposure, 'way', { bundled: true, hostAddress: '10.34.124.114' }).publish(nginx, { host: 'a.site.example' }); }, /10\.34\.124\.114/, /more/, /way/],
  ['an address pool before MetalLB', ({ stack, metallb }) => new AddressPool(new Layer(stack, 'early', { namespace: metallb }), 'more', { addresses: ['10.0.0.1/32'] }), /early/, /metallb/],
  ['two layers that own one namespace', ({ stack }) => new Layer(stack, 'more', { namespace: 'apps' }), /apps/, /more/],
  ['two layers that wait for each other', ({ stack }) => { const [a, b] = [new Chart(stack, 'one'), new Chart(stack, 'two')]; a.addDependency(b); b.addDependency(a); flux(stack); }, /stack site/, /one after two after one/],
  ['a layer that waits for one of another stack', ({ apps }, app) => new Layer(new Stack(app, 'other'), 'late', { namespace: 'late', after: [apps] }), /other/, /site/],
  ['a release whose source is misspelt', ({ metallb, stack }) => { flux(stack); new HelmRelease(metallb, 'more', { chart: 'metallb', source }); }, /HelmRelease\/metallb-system\/more/, /metalb/, /did you mean "metallb"/],
  ['a release whose source is of another kind', ({ certManager, stack }) => { flux(stack); new HelmRelease(certManager, 'more', { chart: 'metallb', source: { kind: 'HelmRepository', name: 'cert-manager' } }); }, /HelmRelease\/cert-manager\/more/, /OCIRepository\/cert-manager\/cert-manager is named by spec\.chartRef/],
  ['a release whose source is in another namespace', ({ istio, stack }) => { flux(stack); new HelmRelease(istio, 'more', { chart: 'metallb', source: { kind: 'HelmRepository', name: 'metallb' } }); }, /HelmRelease\/istio-system\/more/, /did you mean namespace metallb-system/],
  ['a release without a version that is one', ({ metallb }) => new HelmRelease(metallb, 'more', { chart: 'metallb', version: '1.30' }), /site\/metallb\/more/, /"1\.30"/],
  ['a release of a range of versions', ({ metallb }) => new HelmRelease(metallb, 'more', { chart: 'metallb', version: '^0.16.0' }), /site\/metallb\/more/, /"\^0\.16\.0"/, /no range/],
  ['a release of the newest version', ({ metallb }) => new HelmRelease(metallb, 'more', { chart: 'metallb', version: '*' }), /site\/metallb\/more/, /"\*"/],
  ['a gateway of a version that is none', ({ gateways, mesh }) => new GatewayRelease(gateways, 'gateway', { mesh, version: 'latest' }), /site\/gateways\/gateway/, /"latest"/],
  ['a release whose name is none', ({ metallb }) => new HelmRelease(metallb, 'More', { chart: 'metallb' }), /"?'?More/],
  ['two releases of one name', ({ metallb }) => { new HelmRelease(metallb, 'a', { chart: 'metallb', name: 'more' }); new HelmRelease(metallb, 'b', { chart: 'metallb', name: 'more' }); }, /site\/metallb\/a/, /site\/metallb\/b/],
  ['a port of the nodes below the range', ({ exposure, nginx }) => new NodePortExposure(exposure, 'way').publish(nginx, { port: 8080 }), /8080/, /30000 to 32767/, /site\/exposure\/way/],
  ['a port of the nodes above the range', ({ exposure, nginx }) => new NodePortExposure(exposure, 'way').publish(nginx, { port: 32768 }), /32768/, /30000 to 32767/],
  ['a port of the nodes of a gateway out of range', ({ gateways, mesh }) => new GatewayRelease(gateways, 'gateway', { mesh, service: { type: 'NodePort', ports: { 80: 8080 } } }), /8080/, /site\/gateways\/gateway/],
  ['a port of the nodes for two pages', ({ exposure, apps, nginx }) => { new NodePortExposure(exposure, 'way').publish(nginx, { port: 30080 }); new NodePortExposure(exposure, 'more').publish(new Nginx(apps, 'other'), { port: 30080 }); }, /30080/, /site\/exposure\/way/, /site\/exposure\/more/],
  ['a port of the nodes for a page and a gateway', ({ exposure, gateways, mesh, nginx }) => { new NodePortExposure(exposure, 'way').publish(nginx, { port: 30080 }); new GatewayRelease(gateways, 'gateway', { mesh, service: { type: 'NodePort', ports: { 80: 30080 } } }); }, /EXP011/, /30080/, /nginx-nodeport/, /gateway/],
  ['a port of the nodes for two gateways', ({ gateways, mesh }) => { for (const id of ['one', 'two']) new GatewayRelease(gateways, id, { mesh, service: { type: 'NodePort', ports: { 80: 30080 } } }); }, /EXP011/, /30080/, /one/, /two/],
  ['one host at two ways in of one kind', ({ exposure, apps, nginx }) => { const way = new TraefikIngress(exposure, 'way', { bundled: true, hostAddress: '10.34.124.114' }); way.publish(nginx, { host: 'a.site.example' }); way.publish(new Nginx(apps, 'other'), { host: 'a.site.example' }); }, /a\.site\.example/, /page 'nginx'/],
  ['one host at two addresses', ({ exposure, gateways, mesh, pool, nginx }) => { const host = 'a.site.example'; new TraefikIngress(exposure, 'beside', { bundled: true, hostAddress: '10.34.124.114' }).publish(nginx, { host }); new IstioGateway(exposure, 'way', { pods: new GatewayRelease(gateways, 'gateway', { mesh, address: pool.address('10.34.124.115') }).pods }).publish(nginx, { host }); }, /EXP016/, /a\.site\.example/, /10\.34\.124\.114/, /10\.34\.124\.115/],
  ['a certificate for every host', ({ exposure, gateways, mesh, issuers, nginx }) => new IstioGateway(exposure, 'way', { pods: new GatewayRelease(gateways, 'gateway', { mesh }).pods }).publish(nginx, { host: '*', tls: { issuer: new CertificateIssuer(issuers, 'ca', { by: { selfSigned: true } }) } }), /\*/, /site\/exposure\/way/],
  ['an issuer of another namespace', ({ exposure, gateways, mesh, issuers, nginx }) => new IstioGateway(exposure, 'way', { pods: new GatewayRelease(gateways, 'gateway', { mesh }).pods }).publish(nginx, { host: 'a.site.example', tls: { issuer: new CertificateIssuer(issuers, 'ca', { by: { selfSigned: true }, scope: 'namespace' }) } }), /cert-manager/, /istio-system/],
  ['an issuer before cert-manager', ({ stack, certManager }) => new CertificateIssuer(new Layer(stack, 'early', { namespace: certManager }), 'ca', { by: { selfSigned: true } }), /early/, /cert-manager/],
  ['a Secret whose name is none', ({ exposure, gateways, mesh, nginx }) => new IstioGateway(exposure, 'way', { pods: new GatewayRelease(gateways, 'gateway', { mesh }).pods }).publish(nginx, { host: 'a.site.example', tls: { secret: 'My secret' } }), /My secret/, /site\/exposure\/way\/nginx/],
  ['a second cert-manager', ({ issuers }) => new CertManager(issuers, 'more'), /site\/cert-manager\/cert-manager/, /site\/issuers\/more/],
  ['a second MetalLB', ({ metallb }) => new MetalLb(metallb, 'more'), /site\/metallb\/metallb/, /site\/metallb\/more/],
  ['two deliveries', ({ stack }) => { flux(stack); flux(stack, 'again'); }, /flux/, /again/],
  ['a delivery with a login in its address', ({ stack }) => flux(stack, 'flux', 'https://git:hunter2@git.site.example/mesh.git'), /login|password|credential/, /git\.site\.example/],
  ['a delivery from nowhere', ({ stack }) => flux(stack, 'flux', 'git.site.example/mesh'), /git\.site\.example\/mesh/],
  ['a delivery from a registry by http', ({ stack }) => new FluxDelivery(stack, 'flux', { source: ociRepository({ url: 'https://harbor.site.example/mesh', tag: 'v1' }) }), /https:\/\/harbor\.site\.example\/mesh/, /oci:\/\//],
  ['a page of a namespace that comes later', ({ stack, exposure }) => new TraefikIngress(exposure, 'way', { bundled: true, hostAddress: '10.34.124.114' }).publish(new Nginx(new Layer(stack, 'late', { namespace: 'late', after: [exposure] }), 'late'), { host: 'a.site.example' }), /late/, /site\/exposure\/way/],
  ['a mesh before its install', ({ stack, istio }) => new Mesh(new Layer(stack, 'early', { namespace: 'early' }), 'more', { install: { by: 'helm', in: istio } }), /early/, /istio/],
];

// biome-ignore format: one line each
const mirrors: readonly (readonly [what: string, mirror: string])[] = [
  ['a scheme', 'https://harbor.site.example/mesh'],
  ['a slash at its end', 'harbor.site.example/mesh/'],
  ['a capital', 'harbor.site.example/Mesh'],
  ['a tag', 'harbor.site.example/mesh:v1'],
  ['a blank', 'harbor.site.example/my mesh'],
  ['nothing', ''],
  ['a login', 'mesh:hunter2@harbor.site.example/mesh'],
];

/** A program that ends with status 1, one message in our words that names all sides, and the output as it was. */
function refuses(program: () => ReturnType<typeof run>, ...sides: readonly RegExp[]) {
  const before = contents(folder);
  const { status, text } = program();
  expect({ status, text }).toEqual({ status: 1, text: expect.stringMatching(/(^|\n)error: ([a-z'"]|Issuer ')/) });
  for (const side of sides) expect(text).toMatch(side);
  expect(text).not.toMatch(/^\s+at .*:\d+/m);
  expect(contents(folder)).toEqual(before);
  return { text };
}

describe('a program that', () => {
  beforeAll(() => {
    expect(run(() => undefined)).toEqual({ status: 0, text: expect.stringContaining('site written') });
  });

  it.each([...hosts, ...lines].map(([what, change, ...sides]) => ({ what, change, sides })))('has $what', ({ change, sides }) => {
    refuses(() => run(change), ...sides);
  });

  it.each(mirrors)('has a mirror with %s', (_, mirror) => {
    const { text } = refuses(() => run(() => undefined, { mirror }), /mirror of 'site'|'site'/);
    expect(text).toContain(JSON.stringify(mirror));
  });
});

/** What a command says, run in the scratch folder beside its `dist`. */
function meshwright(...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1' };
  const command = [inject('cli'), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8', env });
  return { status, stdout, lines: stderr.trimEnd().split('\n') };
}

describe('a command line that', () => {
  beforeAll(() => {
    mkdirSync(join(folder, 'empty'));
    mkdirSync(join(folder, 'notes'));
    writeFileSync(join(folder, 'notes/readme.md'), '# no YAML\n');
    writeFileSync(join(folder, 'broken.yaml'), 'kind: Service\nkind: Service\n');
    writeFileSync(join(folder, 'open.yaml'), 'kind: Service\nspec: [\n');
  });

  it.each(['images', 'hosts'])('asks %s for what cannot be read', (command) => {
    const lines: readonly (readonly [args: readonly string[], line: RegExp])[] = [
      [['sites'], /^meshwright: no such path: sites.*did you mean "site"\?$/],
      [['no/such/folder'], /^meshwright: no such path: no\/such\/folder/],
      [['empty'], /^meshwright: nothing to check in empty: no Kubernetes object found$/],
      [['notes'], /^meshwright: nothing to check in notes: no Kubernetes object found$/],
      [['broken.yaml'], /broken\.yaml:2: not readable as YAML: map keys must be unique/],
      [['open.yaml'], /open\.yaml:\d+: not readable as YAML/],
      [['site', '--format', 'tabel'], /option '--format <\w+>' argument 'tabel' is invalid\. Allowed choices are .*json/],
      [['site', '--fromat', 'json'], /unknown option '--fromat'/],
      [[], /missing required argument 'path'/],
    ];
    for (const [args, line] of lines) {
      const said = meshwright(command, ...args);
      expect(said, args.join(' ')).toEqual({ status: 2, stdout: '', lines: [expect.stringMatching(line)] });
    }
  });

  it('asks for commands into a mirror that is none', () => {
    for (const mirror of ['https://harbor.site.example/mesh', 'harbor.site.example/mesh/', 'harbor.site.example/Mesh']) {
      const said = meshwright('images', 'site', '--format', 'skopeo', '--mirror', mirror);
      expect(said, mirror).toEqual({ status: 2, stdout: '', lines: [expect.stringContaining(mirror)] });
    }
    const said = meshwright('images', 'site', '--format', 'skopeo');
    expect(said).toMatchObject({ status: 2, stdout: '' });
    expect(said.lines.at(-1)).toMatch(/site has no mirror to copy to: give one with --mirror/);
  });
});
