import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { App } from 'cdk8s';
import { describe, expect, inject, it } from 'vitest';
import { istioProfile, istioProfileNames, Layer } from '../constructs/kit/index.ts';
import { type ExistingInstall, type Install, type IstioctlInstall, Mesh } from '../constructs/mesh/index.ts';
import { modelOf, readWorlds } from '../constructs/proof/index.ts';
import { Jaeger } from '../constructs/tracing/index.ts';

const root = resolve(import.meta.dirname, '..');
const program = [inject('cli'), 'profiles'];

function profiles(...args: string[]): string {
  return execFileSync(process.execPath, [...program, ...args], { cwd: root, encoding: 'utf8' });
}

function mesh(install: Install, id = 'mesh'): Mesh {
  return new Mesh(new Layer(new App(), id, { namespace: 'istio-system' }), 'istio', { install });
}

describe('meshwright profiles', () => {
  it('lists every profile with what it enables, in 80 columns', () => {
    const lines = profiles().split('\n');
    for (const name of istioProfileNames) expect(lines.filter((line) => line.startsWith(`${name} `))).toHaveLength(2);
    expect(lines.find((line) => line.startsWith('demo '))?.split(/ {2,}/)).toEqual([
      ...['demo', 'yes', 'yes', '-', '-', 'yes', 'yes', '100 %', 'yes'],
    ]);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('tells all of one', () => {
    const told = JSON.parse(profiles('ambient', '--json'));
    expect(told).toMatchObject({
      profile: 'ambient',
      components: { base: true, istiod: true, cni: true, ztunnel: true, 'ingress-gateway': false, 'egress-gateway': false },
      values: { pilot: { env: { PILOT_ENABLE_AMBIENT: 'true' } } },
    });
    expect(profiles('ambient')).toContain('  ztunnel: true\n');
  });

  it('compares two', () => {
    expect(profiles('openshift', 'default')).toBe(
      [
        'openshift -> default',
        '  components.cni: true -> false',
        '  nodeAgentsIn: kube-system -> unset',
        '  values.global.platform: openshift -> unset',
        '',
      ].join('\n'),
    );
    expect(profiles('minimal', 'minimal')).toBe('minimal and minimal enable the same\n');
    expect(JSON.parse(profiles('default', 'minimal', '--json'))).toEqual({
      a: 'default',
      b: 'minimal',
      differences: [
        { path: 'components.ingress-gateway', a: true, b: false },
        { path: 'ingressPorts', a: [15021, 80, 443], b: null },
      ],
    });
  });

  it('keeps to 80 columns whatever is compared', () => {
    for (const name of ['demo', 'openshift-ambient', 'remote'])
      expect(
        profiles('empty', name)
          .split('\n')
          .filter((line) => line.length > 80),
      ).toEqual([]);
  });

  it.each([
    [['demmo'], `there is no profile "demmo": did you mean 'demo'?; allowed are default, demo,`],
    [['default', 'ambeint'], `there is no profile "ambeint": did you mean 'ambient'?`],
    [['external'], `there is no profile "external": it was removed from Istio, use 'remote'`],
    [['nothing-like-it'], `there is no profile "nothing-like-it": take another; allowed are`],
  ])('refuses %j', (args, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...program, ...args], { cwd: root, encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('an install', () => {
  it('brings the gateways of its profile', () => {
    const brings = istioProfileNames.map((profile) => {
      const { ingress, egress } = mesh({ by: 'istioctl', profile });
      return [profile, ingress?.selector.istio, egress?.service.host] as const;
    });
    const host = 'istio-egressgateway.istio-system.svc.cluster.local';
    expect(brings.filter(([, ingress]) => ingress === 'ingressgateway').map(([name]) => name)).toEqual([
      ...['default', 'demo', 'preview', 'stable', 'openshift'],
    ]);
    expect(brings.filter(([, , egress]) => egress === host).map(([name]) => name)).toEqual(['demo']);
  });

  it.each(istioProfileNames)('is seen by the proof with the gateways of %s', (profile) => {
    const file = {
      apiVersion: 'install.istio.io/v1alpha1',
      kind: 'IstioOperator',
      metadata: { name: 'mesh', namespace: 'istio-system' },
      spec: { profile },
    };
    const [world] = readWorlds(['-'], { stdin: () => JSON.stringify(file) });
    const made = world ? modelOf(world).workloads.map((one) => one.labels.get('istio')) : [];
    const { components } = istioProfile(profile);
    expect(made.includes('ingressgateway')).toBe(components.includes('ingress-gateway'));
    expect(made.includes('egressgateway')).toBe(components.includes('egress-gateway'));
  });

  it('refuses a profile that Istio does not have', () => {
    const unknown: IstioctlInstall = JSON.parse('{"by":"istioctl","profile":"external"}');
    expect(() => mesh(unknown)).toThrow(
      /no profile "external", named by mesh 'mesh\/istio': it was removed from Istio, use 'remote'/,
    );
  });

  it('enrols namespaces by what the profile runs', () => {
    const app = new App();
    const layer = new Layer(app, 'apps', { namespace: 'shop' });
    mesh({ by: 'istioctl', profile: 'openshift-ambient' }).enroll(layer);
    expect(layer.namespaceLabel('istio.io/dataplane-mode')).toBe('ambient');
  });

  it('takes every option of an existing one', () => {
    const pods = mesh({ by: 'istioctl', profile: 'demo' });
    const { ingress, egress } = pods;
    if (!ingress || !egress) throw new Error('the demo profile brings both');
    const every: Required<ExistingInstall> = { by: 'existing', revision: 'green', ingress, egress, dataplane: 'ambient' };
    const there = mesh(every);
    expect([there.ingress, there.egress]).toEqual([ingress, egress]);
    expect(there.scrapeJobs[0]).toMatchObject({ service: 'istiod-green' });
  });

  it('samples by the profile when nobody says a share', () => {
    const share = (profile: IstioctlInstall['profile'], samplingPercent?: number) => {
      const layer = new Layer(new App(), 'a', { namespace: 'istio-system' });
      const to = new Jaeger(layer, 'jaeger');
      const tracing = samplingPercent === undefined ? { to } : { to, samplingPercent };
      return new Mesh(layer, 'istio', { install: { by: 'istioctl', ...(profile && { profile }) }, tracing }).samplingPercent;
    };
    expect([share(undefined), share('demo'), share('demo', 5)]).toEqual([1, 100, 5]);
  });
});
