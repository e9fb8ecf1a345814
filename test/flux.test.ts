import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluate } from '@marcbachmann/cel-js';
import { ApiObject, App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { rolloutOrder } from '../constructs/delivery/rollout.ts';
import {
  FluxDelivery,
  type FluxDeliveryProps,
  type GitReference,
  type GitRepositoryOptions,
  gitRepository,
  HelmRelease,
  Layer,
  MeshApp,
  type OciReference,
  type OciRepositoryOptions,
  ociRepository,
  prove,
  readWorlds,
  Stack,
} from '../constructs/index.ts';
import type { Loose } from './support/synth.ts';

const home = mkdtempSync(join(tmpdir(), 'flux-'));
afterAll(() => rmSync(home, { recursive: true }));
let runs = 0;

const source = gitRepository({ url: 'https://git.site.example/team/mesh', branch: 'main' });

/** A stack of the given layers, delivered by Flux; what lies in its folder, and the Flux objects by kind and name. */
function delivered(make: (stack: Stack) => void, id = 'platform') {
  const outdir = join(home, String(runs++));
  const app = new MeshApp({ outdir });
  make(new Stack(app, id));
  app.synth();
  const read = (path: string) => readFileSync(join(outdir, id, path), 'utf8');
  const objects: Loose[] = parseAllDocuments(read('flux/flux.k8s.yaml')).map((document) => document.toJS());
  const one = (kind: string, name: string) => {
    const found = objects.filter((o) => o.kind === kind && o.metadata.name === name);
    if (found.length !== 1) throw new Error(`${found.length} ${kind} ${name}: ${objects.map((o) => o.metadata.name).join(', ')}`);
    return found[0];
  };
  return { outdir, read, objects, one, inventory: JSON.parse(read('inventory.json')) };
}

function layer(stack: Stack, name: string, after: readonly Layer[] = []): Layer {
  return new Layer(stack, name, { namespace: name, after });
}

function custom(scope: Construct, apiVersion: string, kind: string, spec: object = {}): void {
  new ApiObject(scope, kind.toLowerCase(), { apiVersion, kind, metadata: { name: kind.toLowerCase() }, spec });
}

const kustomizations = (objects: Loose[]) => objects.filter((o) => o.kind === 'Kustomization').map((o) => o.metadata.name);

describe('FluxDelivery', () => {
  it('gives each layer a Kustomization that applies its folder, waits and prunes, wherever it stands in the program', () => {
    const make = (first: boolean) =>
      delivered((stack) => {
        if (first) new FluxDelivery(stack, 'flux', { source });
        const mesh = layer(stack, 'mesh');
        layer(stack, 'apps', [mesh]);
        if (!first) new FluxDelivery(stack, 'flux', { source });
      });
    const { one, objects, read } = make(true);
    expect(kustomizations(objects)).toEqual(['platform-apps', 'platform-mesh']);
    expect(one('Kustomization', 'platform-apps')).toEqual({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'platform-apps', namespace: 'flux-system' },
      spec: {
        sourceRef: { kind: 'GitRepository', name: 'platform' },
        path: './dist/platform/apps',
        dependsOn: [{ name: 'platform-mesh' }],
        wait: true,
        prune: true,
        deletionPolicy: 'WaitForTermination',
        interval: '1h',
        timeout: '15m',
        retryInterval: '2m',
      },
    });
    expect(one('Kustomization', 'platform-mesh').spec).not.toHaveProperty('dependsOn');
    expect(read('apps/apps.k8s.yaml')).toContain('kind: Namespace');
    expect(make(false).read('flux/flux.k8s.yaml')).toBe(read('flux/flux.k8s.yaml'));
  });

  it('is delivered by its own kustomization, and takes the place of the one of the whole', () => {
    const { read, inventory } = delivered((stack) => {
      layer(stack, 'mesh');
      new FluxDelivery(stack, 'flux', { source });
    });
    expect(read('flux/kustomization.yaml')).toContain('flux.k8s.yaml');
    expect(() => read('kustomization.yaml')).toThrow('ENOENT');
    expect(inventory.files).toContain('flux/flux.k8s.yaml');
    expect(inventory.objects).toContainEqual(
      expect.objectContaining({ kind: 'Kustomization', name: 'platform-mesh', construct: 'platform/flux/mesh' }),
    );
  });

  it('waits through a layer without objects, and leaves variants out', () => {
    const { one, objects } = delivered((stack) => {
      const mesh = layer(stack, 'mesh');
      const operators = layer(stack, 'operators');
      const gap = new Layer(stack, 'gap', { namespace: { existing: 'default' }, after: [operators] });
      const further = new Layer(stack, 'further', { namespace: { existing: 'default' }, after: [gap, mesh] });
      const apps = layer(stack, 'apps', [mesh, further]);
      custom(new Layer(stack, 'tour', { variantOf: apps }), 'telemetry.istio.io/v1', 'Telemetry');
      new FluxDelivery(stack, 'flux', { source });
    });
    expect(kustomizations(objects)).toEqual(['platform-apps', 'platform-mesh', 'platform-operators']);
    expect(one('Kustomization', 'platform-apps').spec.dependsOn).toEqual([
      { name: 'platform-mesh' },
      { name: 'platform-operators' },
    ]);
  });

  const everyOption: Required<FluxDeliveryProps> = {
    source: { existing: { kind: 'Bucket', name: 'site', namespace: 'sources' } },
    path: 'clusters/east/',
    name: 'east',
    namespace: 'team',
    interval: '30m',
    timeout: '1h30m',
    retryInterval: '45s',
    decryption: { secret: 'sops-age' },
    serviceAccountName: 'deployer',
    deletionPolicy: 'Orphan',
  };

  it('takes every option', () => {
    const { objects } = delivered((stack) => {
      const mesh = layer(stack, 'mesh');
      new ApiObject(mesh, 'login', {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login' } },
        ...{ stringData: { a: 'ENC[AES256_GCM,data:b]' }, sops: { mac: 'ENC[AES256_GCM,data:c]' } },
      });
      layer(stack, 'apps', [mesh]);
      new FluxDelivery(stack, 'flux', everyOption);
    });
    const [apps, mesh] = objects;
    expect(objects).toHaveLength(2);
    expect(apps.metadata).toEqual({ name: 'east-apps', namespace: 'team' });
    expect(apps.spec).toEqual({
      sourceRef: { kind: 'Bucket', name: 'site', namespace: 'sources' },
      path: './clusters/east/apps',
      dependsOn: [{ name: 'east-mesh' }],
      ...{ interval: '30m', timeout: '1h30m', retryInterval: '45s' },
      ...{ serviceAccountName: 'deployer', deletionPolicy: 'Orphan', wait: true, prune: true },
    });
    // Only who needs the keys is given them.
    expect(mesh.spec.decryption).toEqual({ provider: 'sops', secretRef: { name: 'sops-age' } });
  });

  it.each([
    ['./', './mesh'],
    ['.', './mesh'],
    ['/dist', /"\/dist": allowed is a folder inside the source/],
    ['dist/../..', /allowed is a folder inside the source/],
    ['dist\\platform', /allowed is a folder inside the source/],
  ])('reads the path %j', (path, expected) => {
    const make = () =>
      delivered((stack) => {
        layer(stack, 'mesh');
        new FluxDelivery(stack, 'flux', { source, path });
      });
    if (typeof expected === 'string') expect(make().one('Kustomization', 'platform-mesh').spec.path).toBe(expected);
    else expect(make).toThrow(expected);
  });

  it('is proven with the stack, at synth and from the files', () => {
    const wrong = (stack: Stack) => {
      layer(stack, 'mesh');
      new FluxDelivery(stack, 'flux', {
        source: { ...source, object: () => ({ ...source.object({ name: 'a', namespace: 'b' }), spec: {} }) },
      });
    };
    expect(() => delivered(wrong)).toThrow(/platform\/flux\/source\n[\s\S]*GitRepository/);
    const { outdir } = delivered((stack) => {
      layer(stack, 'mesh');
      new FluxDelivery(stack, 'flux', { source });
    });
    const worlds = readWorlds([outdir]);
    expect(worlds.flatMap((world) => world.objects).map((o) => o.kind)).toContain('Kustomization');
    expect(worlds.flatMap(prove)).toEqual([]);
  });
});

describe('a layer that Flux waits for', () => {
  /** The expression that a kind gets. */
  function expression(apiVersion: string, kind: string): string {
    const app = new MeshApp({ outdir: join(home, String(runs++)), proof: 'skip' });
    const stack = new Stack(app, 'platform');
    custom(layer(stack, 'mesh'), apiVersion, kind);
    new FluxDelivery(stack, 'flux', { source });
    const [found] = parseAllDocuments(app.synthYaml())
      .map((document): Loose => document.toJS())
      .filter((o) => o.spec?.healthCheckExprs);
    expect(found.spec.healthCheckExprs).toEqual([{ apiVersion, kind, current: expect.any(String) }]);
    return found.spec.healthCheckExprs[0].current;
  }
  /** As Flux takes it: what cannot be evaluated is not ready. */
  const isReady = (cel: string, object: object): boolean => {
    try {
      return (
        evaluate(
          cel,
          JSON.parse(JSON.stringify(object), (_, v) => (typeof v === 'number' ? BigInt(v) : v)),
        ) === true
      );
    } catch {
      return false;
    }
  };
  const having = (type: string, status: string) => ({
    status: {
      conditions: [
        { type: 'Other', status: 'True' },
        { type, status },
      ],
    },
  });

  it.each([
    ['kiali.io/v1alpha1', 'Kiali', 'Successful', 'Running'],
    ['sailoperator.io/v1', 'Istio', 'Ready', 'Reconciled'],
    ['sailoperator.io/v1', 'IstioCNI', 'Ready', 'Reconciled'],
    ['sailoperator.io/v1', 'ZTunnel', 'Ready', 'Reconciled'],
    ['cert-manager.io/v1', 'Issuer', 'Ready', 'Issuing'],
    ['cert-manager.io/v1', 'ClusterIssuer', 'Ready', 'Issuing'],
    ['cert-manager.io/v1', 'Certificate', 'Ready', 'Issuing'],
    ['external-secrets.io/v1', 'ExternalSecret', 'Ready', 'Deleted'],
  ])(
    'takes %s %s for ready once its condition %s says so, not before its controller has seen it',
    (apiVersion, kind, type, other) => {
      const cel = expression(apiVersion, kind);
      expect(isReady(cel, having(type, 'True'))).toBe(true);
      expect(isReady(cel, having(type, 'False'))).toBe(false);
      expect(isReady(cel, having(other, 'True'))).toBe(false);
      expect(isReady(cel, { status: {} })).toBe(false);
      expect(isReady(cel, {})).toBe(false);
    },
  );

  it('takes a collector for ready when all its replicas are', () => {
    const cel = expression('opentelemetry.io/v1beta1', 'OpenTelemetryCollector');
    const collector = (mode: string, status?: object, replicas = 1) => ({ spec: { mode, replicas }, ...(status && { status }) });
    const scale = (statusReplicas: string) => ({ scale: { statusReplicas }, version: '0.1' });
    expect(isReady(cel, collector('deployment', scale('2/2')))).toBe(true);
    expect(isReady(cel, collector('statefulset', scale('1/2')))).toBe(false);
    expect(isReady(cel, collector('deployment', scale('0/0')))).toBe(false);
    expect(isReady(cel, collector('deployment', scale('0/0'), 0))).toBe(true);
    expect(isReady(cel, collector('deployment', { version: '0.1' }))).toBe(false);
    expect(isReady(cel, collector('deployment'))).toBe(false);
    expect(isReady(cel, collector('daemonset', { version: '0.1' }))).toBe(true);
    expect(isReady(cel, collector('sidecar'))).toBe(false);
  });

  it('says nothing of kinds that Flux judges rightly', () => {
    const { one } = delivered((stack) => {
      new HelmRelease(layer(stack, 'operators'), 'kiali-operator', { chart: 'kiali-operator' });
      new FluxDelivery(stack, 'flux', { source });
    });
    expect(one('Kustomization', 'platform-operators').spec).not.toHaveProperty('healthCheckExprs');
  });
});

it('never gives up a release, as nothing that is mended later would make it ready again', () => {
  const { read } = delivered((stack) => {
    new HelmRelease(layer(stack, 'operators'), 'kiali-operator', { chart: 'kiali-operator' });
    new FluxDelivery(stack, 'flux', { source });
  });
  const release: Loose = parseAllDocuments(read('operators/operators.k8s.yaml'))
    .map((document) => document.toJS())
    .find((one: Loose) => one.kind === 'HelmRelease');
  const strategy = { name: 'RetryOnFailure', retryInterval: '2m' };
  expect(release.spec).toMatchObject({ install: { strategy }, upgrade: { strategy } });
});

it('refuses a release that Helm would not wait for', () => {
  for (const timeout of ['0s', 'ten minutes', '1d']) {
    const make = (stack: Stack) => new HelmRelease(layer(stack, 'operators'), 'kiali', { chart: 'kiali-operator', timeout });
    expect(() => delivered((stack) => void make(stack))).toThrow(`timeout of 'platform/operators/kiali' is "${timeout}"`);
  }
});

describe('a source', () => {
  const made = (from: FluxDeliveryProps['source']): Loose =>
    delivered((stack) => {
      layer(stack, 'mesh');
      new FluxDelivery(stack, 'flux', { source: from });
    });

  it('is a git repository', () => {
    const url = 'ssh://git@git.site.example/team/mesh';
    const everyOption: Required<Omit<GitRepositoryOptions, keyof GitReference>> = {
      ...{ url, secret: 'deploy-key', name: 'site', interval: '5m' },
    };
    const all = made(gitRepository({ ...everyOption, tag: 'v1' }));
    expect(all.one('GitRepository', 'site')).toEqual({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'site', namespace: 'flux-system' },
      spec: { url, ref: { tag: 'v1' }, interval: '5m', secretRef: { name: 'deploy-key' } },
    });
    expect(all.one('Kustomization', 'platform-mesh').spec.sourceRef).toEqual({ kind: 'GitRepository', name: 'site' });
    const least = made(gitRepository({ url: 'https://git.site.example/mesh', semver: '>=1.0.0' }));
    expect(least.one('GitRepository', 'platform').spec).toEqual({
      ...{ url: 'https://git.site.example/mesh', ref: { semver: '>=1.0.0' }, interval: '1m' },
    });
    const commit = 'a'.repeat(40);
    expect(made(gitRepository({ url: 'http://git.lab/mesh', commit })).one('GitRepository', 'platform').spec.ref).toEqual({
      commit,
    });
  });

  it('is an OCI artifact', () => {
    const url = 'oci://harbor.site.example:5000/mesh/manifests';
    const everyOption: Required<Omit<OciRepositoryOptions, keyof OciReference>> = {
      ...{ url, secret: 'harbor', ca: 'site-ca', name: 'site', interval: '5m' },
    };
    const all = made(ociRepository({ ...everyOption, tag: 'v1' }));
    expect(all.one('OCIRepository', 'site').spec).toEqual({
      ...{ url, ref: { tag: 'v1' }, interval: '5m', secretRef: { name: 'harbor' }, certSecretRef: { name: 'site-ca' } },
    });
    expect(all.one('Kustomization', 'platform-mesh').spec.sourceRef).toEqual({ kind: 'OCIRepository', name: 'site' });
    const digest = `sha256:${'0'.repeat(64)}`;
    expect(made(ociRepository({ url, digest })).one('OCIRepository', 'platform').spec.ref).toEqual({ digest });
    expect(made(ociRepository({ url, semver: '1.x' })).one('OCIRepository', 'platform').spec.ref).toEqual({ semver: '1.x' });
  });

  it('stands already', () => {
    const { objects, one } = made({ existing: { kind: 'GitRepository', name: 'flux-system' } });
    expect(objects).toHaveLength(1);
    expect(one('Kustomization', 'platform-mesh').spec.sourceRef).toEqual({ kind: 'GitRepository', name: 'flux-system' });
  });

  const branch = 'main';
  it.each([
    [
      () => gitRepository({ url: 'git@git.site.example:team/mesh.git', branch }),
      "write 'ssh://git@git.site.example/team/mesh.git'",
    ],
    [() => gitRepository({ url: 'git.site.example/team/mesh', branch }), "e.g. 'https://git.site.example/team/mesh'"],
    [() => gitRepository({ url: 'file:///srv/mesh', branch }), 'https://, http:// and ssh:// only'],
    [() => gitRepository({ url: 'https://me:s3cret@git.site.example/mesh', branch }), 'the url holds credentials'],
    [() => gitRepository({ url: 'https://token@git.site.example/mesh', branch }), 'the url holds credentials'],
    [
      () => gitRepository({ url: 'ssh://git@git.site.example/mesh', branch }),
      "ssh needs a secret with 'identity' and 'known_hosts'",
    ],
    [
      () => gitRepository({ url: 'https://git.site.example/mesh', commit: 'abc123' }),
      'commit is "abc123", allowed are all 40 hex digits',
    ],
    [() => gitRepository({ url: 'https://git.site.example/mesh', branch, interval: '5 min' }), 'interval of git repository'],
    [() => gitRepository({ url: 'https://git.site.example/mesh', branch, interval: '0s' }), 'more than nothing'],
    [() => gitRepository({ url: 'https://git.site.example/mesh', branch, secret: 'A B' }), 'secret of git repository'],
    [
      () => gitRepository(JSON.parse('{"url":"https://git.site.example/mesh","branch":"a","tag":"b"}')),
      'exactly one of branch, tag, semver',
    ],
    [() => ociRepository({ url: 'https://harbor.site.example/mesh', tag: 'v1' }), "flux takes 'oci://REGISTRY/NAME'"],
    [() => ociRepository({ url: 'oci://harbor.site.example/mesh:v1', tag: 'v1' }), 'without tag and digest'],
    [() => ociRepository({ url: 'oci://me:s3cret@harbor.site.example/mesh', tag: 'v1' }), 'the url holds credentials'],
    [() => ociRepository({ url: 'oci://harbor.site.example/mesh', digest: 'sha256:1' }), 'digest is "sha256:1"'],
    [() => ociRepository({ url: 'oci://harbor.site.example/mesh', tag: 'v1', ca: '-' }), 'ca of oci repository'],
  ])('is refused: %s', (make, message) => {
    expect(make).toThrow(message);
    expect(make).not.toThrow('s3cret');
  });
});

describe('a delivery is refused', () => {
  const stack = () => new Stack(new MeshApp({ outdir: join(home, 'never') }), 'platform');

  it('that is the second of its stack', () => {
    const two = (s: Stack) => {
      layer(s, 'mesh');
      new FluxDelivery(s, 'flux', { source });
      new FluxDelivery(new Construct(s, 'site'), 'again', { source });
    };
    expect(() => delivered(two)).toThrow(
      "'platform/flux' and 'platform/site/again' would both apply the layers of stack 'platform'",
    );
  });

  it('whose folder a layer has', () => {
    const clash = (s: Stack) => {
      layer(s, 'flux');
      new FluxDelivery(s, 'delivery', { source });
    };
    expect(() => delivered(clash)).toThrow(
      "layer 'platform/flux' and flux delivery 'platform/delivery' would share the folder 'platform/flux'",
    );
  });

  it('that stands in no stack', () => {
    expect(() => new FluxDelivery(new MeshApp(), 'flux', { source })).toThrow(
      "flux delivery 'flux' stands in the app: put it into the stack",
    );
    expect(() => new FluxDelivery(layer(stack(), 'mesh'), 'flux', { source })).toThrow("'platform/mesh/flux' stands in a layer");
  });

  it('that nobody writes', () => {
    const app = new App();
    const group = new Construct(app, 'platform');
    new Chart(group, 'mesh');
    new FluxDelivery(group, 'flux', { source });
    expect(() => app.synth()).toThrow('only a MeshApp writes the folder flux');
  });

  it('of layers that wait for each other', () => {
    const circle = (s: Stack) => {
      const [a, b] = [new Chart(s, 'a'), new Chart(s, 'b')];
      a.addDependency(b);
      b.addDependency(a);
      new FluxDelivery(s, 'flux', { source });
    };
    expect(() => delivered(circle)).toThrow('stack platform: layers wait for each other: a after b after a');
  });

  it.each<[Partial<FluxDeliveryProps>, string]>([
    [{ interval: '1 hour' }, `interval of flux delivery 'platform/flux' is "1 hour"`],
    [{ timeout: '1d' }, `timeout of flux delivery 'platform/flux' is "1d"`],
    [{ retryInterval: '-1m' }, `retryInterval of flux delivery 'platform/flux' is "-1m"`],
    [{ name: 'The Platform' }, `name of flux delivery 'platform/flux' is "The Platform"`],
    [{ namespace: 'a.b' }, `namespace of flux delivery 'platform/flux' is "a.b"`],
    [{ decryption: { secret: '' } }, `secret of flux delivery 'platform/flux' is ""`],
    [{ serviceAccountName: 'A' }, `service account of flux delivery 'platform/flux' is "A"`],
  ])('with %j', (props, message) => {
    expect(() => new FluxDelivery(stack(), 'flux', { source, ...props })).toThrow(message);
  });

  it('with a name too long for the label that Flux puts on every object', () => {
    const long = (s: Stack) => {
      layer(s, 'mesh');
      new FluxDelivery(s, 'flux', { source, name: 'p'.repeat(60) });
    };
    expect(() => delivered(long)).toThrow("the kustomization of layer 'mesh'");
    expect(() => delivered(long)).toThrow('65 letters where flux can do 63');
  });

  it('of an encrypted Secret without its keys', () => {
    const locked = (s: Stack) => {
      new ApiObject(layer(s, 'mesh'), 'login', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'login' },
        sops: { mac: 'ENC[]' },
      });
      new FluxDelivery(s, 'flux', { source });
    };
    expect(() => delivered(locked)).toThrow(
      "'platform/mesh/login' is encrypted by sops, and flux delivery 'platform/flux' has no keys",
    );
  });
});

describe('rolloutOrder', () => {
  it('has a layer after those it waits for, and none that varies or delivers', () => {
    const objects = [{ json: {}, path: 'a' }];
    const layers = [
      { name: 'mesh', after: [], objects },
      { name: 'gap', after: ['mesh'], objects: [] },
      { name: 'addons', after: ['mesh'], objects },
      { name: 'apps', after: ['gap', 'addons'], objects },
      { name: 'tour', after: [], objects, variantOf: 'apps' },
      { name: 'flux', after: [], objects, delivers: true },
    ];
    expect(rolloutOrder({ name: 'platform', layers }).map((one) => one.name)).toEqual(['mesh', 'addons', 'gap', 'apps']);
  });
});
