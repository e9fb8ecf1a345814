import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import {
  ExternalSecret,
  type ExternalSecretProps,
  fromObjects,
  Layer,
  MeshApp,
  prove,
  type SecretKey,
  SopsSecret,
  type SopsSecretProps,
  Stack,
} from '../constructs/index.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

const home = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(home, { recursive: true }));

const store = { kind: 'ClusterSecretStore', name: 'vault' } as const;

describe('ExternalSecret', () => {
  const everyOption: Required<ExternalSecretProps<'tls.crt' | 'tls.key'>> = {
    store: { kind: 'SecretStore', name: 'team' },
    keys: { 'tls.key': { key: 'site/tls', property: 'key' }, 'tls.crt': { key: 'site/tls-crt' } },
    type: 'kubernetes.io/tls',
    name: 'edge-tls',
    refreshInterval: '15m',
  };

  it('says where each value lies, in the namespace of its layer', () => {
    const chart = layer('monitoring');
    new ExternalSecret(chart, 'grafana-admin', {
      store,
      keys: { 'admin-password': { key: 'site/grafana', property: 'password' } },
    });
    expect(object(chart, 'ExternalSecret', 'grafana-admin')).toEqual({
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name: 'grafana-admin', namespace: 'monitoring' },
      spec: {
        refreshInterval: '1h',
        secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
        target: { name: 'grafana-admin', creationPolicy: 'Owner' },
        data: [{ secretKey: 'admin-password', remoteRef: { key: 'site/grafana', property: 'password' } }],
      },
    });
  });

  it('takes every option', () => {
    const chart = layer();
    const made = new ExternalSecret(chart, 'tls', everyOption);
    expect(object(chart, 'ExternalSecret', 'edge-tls').spec).toEqual({
      refreshInterval: '15m',
      secretStoreRef: { kind: 'SecretStore', name: 'team' },
      target: { name: 'edge-tls', creationPolicy: 'Owner', template: { type: 'kubernetes.io/tls' } },
      data: [
        { secretKey: 'tls.crt', remoteRef: { key: 'site/tls-crt' } },
        { secretKey: 'tls.key', remoteRef: { key: 'site/tls', property: 'key' } },
      ],
    });
    expect(made.secret).toBe('edge-tls');
    expect(made.object.name).toBe('edge-tls');
  });

  it('hands out its keys, and no others', () => {
    const made = new ExternalSecret(layer(), 'login', { store, keys: { password: { key: 'a' } } });
    const key: SecretKey = made.key('password');
    expect(key).toEqual({ secret: 'login', key: 'password' });
    // Types keep it out; a program in JavaScript can still ask.
    expect(() => made.key('pasword' as 'password')).toThrow(`'layer/login' has no key "pasword": it has password`);
  });

  it.each<[Partial<ExternalSecretProps<string>>, string]>([
    [{ keys: {} }, "external secret 'layer/login' has no keys"],
    [{ keys: { 'a b': { key: 'x' } } }, 'key "a b" of secret \'login\''],
    [{ keys: { a: { key: '' } } }, "key 'a' of external secret 'layer/login' does not say where it lies"],
    [{ name: 'A' }, 'secret of external secret'],
    [{ store: { kind: 'SecretStore', name: 'A' } }, 'store of external secret \'layer/login\' is "A"'],
    [{ refreshInterval: '1 h' }, "refreshInterval of external secret 'layer/login'"],
    [{ type: 'kubernetes.io/tls' }, 'of type kubernetes.io/tls needs tls.crt and tls.key, it has password'],
    [{ type: 'kubernetes.io/dockerconfigjson' }, 'needs .dockerconfigjson'],
  ])('is refused with %j', (props, message) => {
    expect(() => new ExternalSecret(layer(), 'login', { store, keys: { password: { key: 'a' } }, ...props })).toThrow(message);
  });
});

const value = (text: string) => `ENC[AES256_GCM,data:${text},iv:aaaa,tag:bbbb,type:str]`;
const encrypted = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'grafana', namespace: 'monitoring' },
  type: 'Opaque',
  data: { user: value('dXNlcg=='), empty: '' },
  stringData: { password: value('cGFzcw==') },
  sops: {
    kms: [],
    age: [{ recipient: 'age1l44', enc: '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n' }],
    lastmodified: '2026-01-02T03:04:05Z',
    mac: value('bWFj'),
    encrypted_regex: '^(data|stringData)$',
    version: '3.9.0',
  },
};

let files = 0;
function fileOf(content: string | object): string {
  const file = join(home, `${files++}.sops.yaml`);
  writeFileSync(file, typeof content === 'string' ? content : stringify(content));
  return file;
}

function sops(content: string | object, namespace = 'monitoring') {
  const chart = layer(namespace);
  return { chart, made: new SopsSecret(chart, 'grafana', { file: fileOf(content) }) };
}

describe('SopsSecret', () => {
  it('goes into the layer as the file has it', () => {
    const props: Required<SopsSecretProps> = { file: fileOf(`# by hand\n${stringify(encrypted)}`) };
    const chart = layer('monitoring');
    new SopsSecret(chart, 'grafana', props);
    expect(object(chart, 'Secret', 'grafana')).toEqual(encrypted);
  });

  it('hands out its keys, and no others', () => {
    const { made } = sops(encrypted);
    expect(made.key('password')).toEqual({ secret: 'grafana', key: 'password' });
    expect(made.key('user')).toEqual({ secret: 'grafana', key: 'user' });
    expect(() => made.key('pasword')).toThrow(/'layer\/grafana' has no key "pasword": .*\.sops\.yaml has empty, password, user/);
  });

  it('passes the proof, which knows what becomes of it', () => {
    const app = new MeshApp({ outdir: join(home, 'dist') });
    const chart = new Layer(new Stack(app, 'demo'), 'monitoring', { namespace: 'monitoring' });
    new SopsSecret(chart, 'grafana', { file: fileOf(encrypted) });
    expect(() => app.synthYaml()).not.toThrow();
    const found = (json: Loose) =>
      prove(fromObjects([{ json, path: 'p' }], { name: 'w' })).map(({ code, message }) => `${code} ${message}`);
    expect(found({ ...encrypted, dta: {} })).toEqual([expect.stringMatching(/OBJ002 .*dta/)]);
    expect(found({ ...encrypted, data: { user: 'not base64' } })).toEqual([expect.stringMatching(/OBJ005 .*data\.user/)]);
    // Without its checksum sops would take it for plain text.
    expect(found({ ...encrypted, sops: {} })).toContainEqual(expect.stringMatching(/OBJ002 .*sops/));
  });

  const { sops: _, ...withoutSops } = encrypted;
  it.each<[string, string | object, RegExp]>([
    ['plain text', withoutSops, /of 'layer\/grafana' is not encrypted, it has no sops.mac/],
    ['a file without checksum', { ...encrypted, sops: { version: '3.9.0' } }, /has no sops.mac/],
    ['a value in plain text', { ...encrypted, stringData: { password: 'hunter2' } }, /holds stringData.password in plain text/],
    ['a number in plain text', { ...encrypted, data: { pin: 1234 } }, /holds data.pin in plain text/],
    ['hidden metadata', { ...encrypted, metadata: { name: value('a'), namespace: 'monitoring' } }, /metadata or type encrypted/],
    ['a hidden type', { ...encrypted, type: value('a') }, /metadata or type encrypted/],
    ['a hidden kind', { ...encrypted, kind: value('a') }, /must be one Secret/],
    ['another kind', { ...encrypted, kind: 'ConfigMap' }, /must be one Secret/],
    ['two documents', `${stringify(encrypted)}---\n${stringify(encrypted)}`, /must be one Secret/],
    ['no name', { ...encrypted, metadata: { namespace: 'monitoring' } }, /has no metadata.name/],
    [
      'another namespace',
      { ...encrypted, metadata: { name: 'a', namespace: 'apps' } },
      /namespace 'apps', the layer for 'monitoring'/,
    ],
    ['no namespace', { ...encrypted, metadata: { name: 'a' } }, /is for no namespace, the layer for 'monitoring'/],
    ['what is no YAML', 'a: [', /is no YAML/],
    ['an empty file', '', /must be one Secret/],
  ])('refuses %s', (_what, content, message) => {
    expect(() => sops(content)).toThrow(message);
    expect(() => sops(content)).not.toThrow(/hunter2|1234/);
  });

  it('refuses a file that is not there', () => {
    expect(() => new SopsSecret(layer(), 'grafana', { file: join(home, 'gone.yaml') })).toThrow(
      /gone\.yaml of 'layer\/grafana' cannot be read: ENOENT/,
    );
  });

  it('writes nothing that it refuses', () => {
    const chart = layer('monitoring');
    expect(() => new SopsSecret(chart, 'grafana', { file: fileOf(withoutSops) })).toThrow();
    expect(objects(chart).map((o) => o.kind)).toEqual(['Namespace']);
  });
});
