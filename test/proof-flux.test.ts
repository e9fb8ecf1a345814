import { ApiObject } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { FluxDelivery, gitRepository, Layer, MeshApp, MetalLb, Stack } from '../constructs/index.ts';
import { prove } from '../constructs/proof/index.ts';
import { rules } from '../constructs/proof/rules/index.ts';
import { renderStack } from '../constructs/render.ts';
import { worldsOf } from '../constructs/worlds.ts';
import { type Break, broken, findingsIn, goodRepository } from './proof-flux-world.ts';

const INFRA = 'clusters/prod/infrastructure.yaml';
const APPS = 'clusters/prod/apps.yaml';
const K = (name: string) => `Kustomization/flux-system/${name}`;

const table: readonly Break[] = [
  {
    what: 'a Kustomization that waits for a misspelt one',
    ...{ file: APPS, part: '{name: infra-configs}', by: '{name: infra-config}' },
    ...{ code: 'FLX001', object: K('apps'), hint: 'did you mean "infra-configs"?' },
  },
  {
    what: 'a Kustomization that waits for one of another repository',
    ...{ file: APPS, part: '{name: mesh}]', by: '{name: mesh}, {name: storage}]' },
    ...{
      code: 'FLX001',
      object: K('apps'),
      hint: 'name a Kustomization of namespace flux-system, or add it; there is infra-configs, infra-controllers, mesh',
      severity: 'warning',
    },
  },
  {
    what: 'a HelmRelease that waits for one of another namespace',
    ...{
      file: 'infrastructure/controllers/opentelemetry.yaml',
      part: '{name: cert-manager, namespace: cert-manager}',
      by: '{name: cert-manager}',
    },
    ...{ code: 'FLX001', object: 'HelmRelease/otel-system/opentelemetry-operator', hint: 'did you mean namespace cert-manager?' },
  },
  {
    what: 'a source that is misspelt',
    ...{ file: 'infrastructure/controllers/cert-manager.yaml', part: 'name: jetstack', by: 'name: jetstak' },
    ...{ code: 'FLX002', object: 'HelmRelease/cert-manager/cert-manager', hint: 'did you mean "jetstack"?' },
  },
  {
    what: 'a source of another namespace',
    ...{
      file: 'infrastructure/controllers/cert-manager.yaml',
      part: 'name: jetstack, namespace: flux-system',
      by: 'name: jetstack',
    },
    ...{ code: 'FLX002', object: 'HelmRelease/cert-manager/cert-manager', hint: 'did you mean namespace flux-system?' },
  },
  {
    what: 'a source of another kind',
    ...{ file: 'infrastructure/controllers/cert-manager.yaml', part: 'kind: HelmRepository', by: 'kind: GitRepository' },
    ...{ code: 'FLX002', object: 'HelmRelease/cert-manager/cert-manager', hint: 'did you mean kind HelmRepository?' },
  },
  {
    what: 'Kustomizations that wait in a circle',
    ...{ file: INFRA, part: '  path: ./mesh', by: '  path: ./mesh\n  dependsOn: [{name: apps}]' },
    ...{ code: 'FLX003', object: K('apps'), hint: 'remove one of these dependencies' },
  },
  {
    what: 'a HelmRelease that waits for itself',
    ...{
      file: 'mesh/istio.yaml',
      part: 'dependsOn: [{name: istio-base}]',
      by: 'dependsOn: [{name: istio-base}, {name: istiod}]',
    },
    ...{ code: 'FLX003', object: 'HelmRelease/istio-system/istiod', hint: 'remove one of these dependencies' },
  },
  {
    what: 'custom resources beside the release of their chart',
    file: 'infrastructure/controllers/pool.yaml',
    by: 'apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: back, namespace: metallb-system}\nspec: {addresses: [10.34.124.116/32]}\n---\napiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata: {name: back, namespace: metallb-system}\nspec: {ipAddressPools: [back]}',
    ...{
      code: 'FLX004',
      object: 'IPAddressPool/metallb-system/back',
      hint: 'put it into a step of its own that depends on infra-controllers',
    },
  },
  {
    what: 'a step that does not wait for the kinds it needs',
    ...{ file: APPS, part: ', {name: mesh}]', by: ']' },
    ...{ code: 'FLX005', object: K('apps'), hint: 'add dependsOn: [{name: mesh}]', severity: 'warning' },
  },
  {
    what: 'a step that is ready before its releases are',
    ...{
      file: INFRA,
      part: './mesh\n  prune: true\n  sourceRef: {kind: GitRepository, name: flux-system}\n  wait: true',
      by: './mesh\n  prune: true\n  sourceRef: {kind: GitRepository, name: flux-system}',
    },
    ...{ code: 'FLX005', object: K('mesh'), hint: 'add wait: true', severity: 'info' },
  },
  {
    what: 'a step that only says how it would judge a kind, and waits for none',
    ...{
      file: INFRA,
      part: './mesh\n  prune: true\n  sourceRef: {kind: GitRepository, name: flux-system}\n  wait: true',
      by: "./mesh\n  prune: true\n  sourceRef: {kind: GitRepository, name: flux-system}\n  healthCheckExprs: [{apiVersion: external-secrets.io/v1, kind: ExternalSecret, current: 'true'}]",
    },
    ...{ code: 'FLX005', object: K('mesh'), hint: 'add wait: true', severity: 'info' },
  },
  {
    what: 'a path that is misspelt',
    ...{ file: INFRA, part: './infrastructure/configs', by: './infrastructure/config' },
    ...{ code: 'FLX006', object: K('infra-configs'), hint: 'did you mean "./infrastructure/configs"?' },
  },
  {
    what: 'a path in a folder that is misspelt',
    ...{ file: INFRA, part: './infrastructure/configs', by: './infrastucture/configs' },
    ...{ code: 'FLX006', object: K('infra-configs'), hint: 'did you mean "./infrastructure/configs"?' },
  },
  {
    what: 'a path unlike all folders beside it',
    file: 'clusters/prod/storage.yaml',
    by: 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: storage, namespace: flux-system}\nspec: {interval: 1h, path: ./infrastructure/storage, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}',
    ...{ code: 'FLX006', object: K('storage'), hint: 'beside it there is configs, controllers', severity: 'warning' },
  },
  {
    what: 'a variable that is not set',
    ...{ file: 'apps/prod/gateway.yaml', part: '$' + '{cluster_domain}', by: '$' + '{cluster_domian}' },
    ...{ code: 'FLX007', object: 'Gateway/podinfo/podinfo', hint: 'did you mean $' + '{cluster_domain}?' },
  },
  {
    what: "Grafana's variables in a step with substitution",
    ...{
      file: 'apps/base/namespace.yaml',
      by: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dashboard, namespace: podinfo}\ndata: {a.json: 'rate(x[$\{__rate_interval}])'}`,
    },
    ...{
      code: 'FLX007',
      object: 'ConfigMap/podinfo/dashboard',
      hint: "annotate the object with kustomize.toolkit.fluxcd.io/substitute: disabled, or set the variable in the Kustomization's postBuild",
    },
  },
  {
    what: 'a script that Flux cannot read',
    ...{
      file: 'apps/base/namespace.yaml',
      by: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: seed, namespace: podinfo}\ndata: {a.js: 'wait($\{INTERVAL / 1000})'}`,
    },
    ...{
      code: 'FLX007',
      object: 'ConfigMap/podinfo/seed',
      hint: "annotate the object with kustomize.toolkit.fluxcd.io/substitute: disabled, or set the variable in the Kustomization's postBuild",
    },
  },
  {
    what: "Grafana's escape in a step with substitution",
    ...{
      file: 'apps/base/namespace.yaml',
      by: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sources, namespace: podinfo}\ndata: {sources.yaml: 'query: rate(x[$$__rate_interval])'}`,
    },
    ...{
      code: 'FLX007',
      object: 'ConfigMap/podinfo/sources',
      hint: 'annotate the object with kustomize.toolkit.fluxcd.io/substitute: disabled, or write $$$$__rate_interval',
    },
  },
  {
    what: 'the quotes of SQL in a step with substitution',
    ...{
      file: 'apps/base/namespace.yaml',
      by: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: schema, namespace: podinfo}\ndata: {a.sql: 'DO $$ BEGIN RAISE NOTICE 1; END $$'}`,
    },
    ...{
      code: 'FLX007',
      object: 'ConfigMap/podinfo/schema',
      hint: 'annotate the object with kustomize.toolkit.fluxcd.io/substitute: disabled, or write $$$$',
    },
  },
  {
    what: 'an IstioOperator file under a Flux path',
    file: 'infrastructure/configs/operator.yaml',
    by: 'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: other, namespace: istio-system}\nspec: {profile: empty}',
    ...{
      code: 'FLX008',
      object: 'IstioOperator/istio-system/other',
      hint: 'move the file out of that path, or list the other files in a kustomization.yaml there',
    },
  },
  {
    what: 'values under a Flux path',
    ...{ file: 'mesh/values.yaml', by: 'replicaCount: 2\n' },
    ...{
      code: 'FLX008',
      object: K('mesh'),
      hint: 'move it out of that path, or add a kustomization.yaml that lists the other files',
      severity: 'warning',
    },
  },
  {
    what: 'a health check that is misspelt',
    ...{ file: APPS, part: 'kind: HelmRelease, name: podinfo', by: 'kind: HelmRelease, name: podinof' },
    ...{ code: 'FLX009', object: K('apps'), hint: 'did you mean "podinfo"?' },
  },
  {
    what: 'a path inside of another',
    file: 'clusters/prod/configs.yaml',
    by: 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: infra, namespace: flux-system}\nspec: {interval: 1h, path: ./infrastructure/configs, dependsOn: [{name: infra-controllers}], prune: true, sourceRef: {kind: GitRepository, name: flux-system}}',
    ...{
      code: 'FLX010',
      object: K('infra'),
      hint: 'give each a folder of its own, or leave this one out with a kustomization.yaml in',
      severity: 'warning',
    },
  },
  {
    what: 'variables from a ConfigMap that is misspelt',
    ...{ file: APPS, part: 'name: cluster-vars', by: 'name: cluster-var' },
    ...{ code: 'FLX011', object: K('apps'), hint: 'did you mean "cluster-vars"?', severity: 'warning' },
  },
];

describe('the rollout by Flux: one fault gives one finding', () => {
  it('says nothing of a repository that is right', () => {
    expect(findingsIn(goodRepository).map(({ code, object, message }) => `${code} ${object}: ${message}`)).toEqual([]);
  });

  it.each(table)('$what', ({ code, object, hint, severity, ...change }) => {
    const findings = findingsIn(broken(change));
    expect(findings.map((one) => [one.code, one.object, one.hint.startsWith(hint) ? hint : one.hint, one.severity])).toEqual([
      [code, object, hint, severity ?? 'error'],
    ]);
  });

  it('breaks every rule of the family', () => {
    const codes = rules.map(({ code }) => code).filter((code) => code.startsWith('FLX'));
    expect([...new Set(table.map(({ code }) => code))].sort()).toEqual(codes);
  });

  it('finds the folders of a repository wherever it is read from', () => {
    const change = { file: INFRA, part: './infrastructure/configs', by: './infrastructure/config' };
    const within = Object.fromEntries(Object.entries(broken(change)).map(([path, text]) => [`fleet/deploy/${path}`, text]));
    expect(findingsIn(within).map(({ code, hint }) => [code, hint])).toEqual([
      ['FLX006', 'did you mean "./infrastructure/configs"?'],
    ]);
    const below = Object.fromEntries(
      Object.entries(broken(change)).map(([path, text]) => [path, text.replaceAll('path: ./', 'path: ./deploy/')]),
    );
    expect(findingsIn(below).map(({ code, hint }) => [code, hint])).toEqual([
      ['FLX006', 'did you mean "./deploy/infrastructure/configs"?'],
    ]);
  });

  it('knows variables that are always substituted', () => {
    const change = {
      file: INFRA,
      part: '  dependsOn: [{name: infra-controllers}]',
      by: '  dependsOn: [{name: infra-controllers}]\n  postBuild: {substituteStrategy: Always}',
    };
    const files = {
      ...broken(change),
      'infrastructure/configs/script.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: script, namespace: tools}\ndata: {a.sh: 'echo \${HOME} $\${NAME} \${SIZE:-1}'}`,
    };
    expect(findingsIn(files).map(({ code, message }) => [code, message.includes('HOME} is not set')])).toEqual([
      ['FLX007', true],
    ]);
  });

  it('stands at the line of the fault', () => {
    const change = { file: APPS, part: '{name: infra-configs}', by: '{name: infra-config}' };
    const [found] = findingsIn(broken(change));
    expect([found?.file, broken(change)[APPS]?.split('\n')[(found?.line ?? 0) - 1]]).toEqual([
      APPS,
      expect.stringContaining('infra-config}'),
    ]);
  });
});

describe('the rollout of a stack, at synth', () => {
  /** What the proof says of a stack with MetalLB and addresses in a layer of its own, or beside it. */
  function told(place: (controllers: Layer, addresses: (after: Layer[]) => Layer) => Layer): string[] {
    const app = new MeshApp();
    const stack = new Stack(app, 'edge');
    new FluxDelivery(stack, 'flux', { source: gitRepository({ url: 'https://git.mesh.test/fleet', branch: 'main' }) });
    const controllers = new Layer(stack, 'controllers', { namespace: 'metallb-system' });
    new MetalLb(controllers, 'metallb');
    const home = place(controllers, (after) => new Layer(stack, 'addresses', { namespace: controllers, after }));
    new ApiObject(home, 'pool', {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: { name: 'front', namespace: 'metallb-system' },
      spec: { addresses: ['10.0.0.1/32'] },
    });
    new ApiObject(home, 'advertisement', {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'L2Advertisement',
      metadata: { name: 'front', namespace: 'metallb-system' },
      spec: {},
    });
    return worldsOf(renderStack(stack))
      .flatMap((world) => prove(world))
      .filter(({ code }) => code.startsWith('FLX'))
      .map(({ code, object, path }) => `${code} ${object} ${path}`);
  }

  it('takes custom resources in a later layer', () => {
    expect(told((controllers, addresses) => addresses([controllers]))).toEqual([]);
  });

  it('refuses custom resources beside the release of their chart', () => {
    expect(told((controllers) => controllers)).toEqual(['FLX004 IPAddressPool/metallb-system/front edge/controllers/pool']);
  });

  it('warns of a layer that does not wait for the kinds it needs', () => {
    expect(told((_, addresses) => addresses([]))).toEqual([
      expect.stringMatching(/^FLX005 Kustomization\/flux-system\/edge-addresses edge\/flux/),
    ]);
  });
});
