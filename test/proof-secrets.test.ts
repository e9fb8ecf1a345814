// biome-ignore-all lint/suspicious/noTemplateCurlyInString: strings that only look like templates are what is tested
import { describe, expect, it } from 'vitest';
import { type Finding, prove } from '../constructs/proof/index.ts';
import { release } from './proof-exposure-world.ts';
import { findingsIn } from './proof-flux-world.ts';
import { worldOf } from './proof-world.ts';

type Purpose = 'lab' | 'production';

/** What the rules about credentials and tags say. */
function found(text: string, purpose?: Purpose): Finding[] {
  const world = worldOf(text);
  return prove({ ...world, ...(purpose ? { purpose } : {}) }).filter(({ code }) => code.startsWith('SEC'));
}

const secret = (more: string, metadata = '') =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: shop${metadata}}\n${more}`;
const configMap = (key: string, text: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata:\n  ${key}: |\n${text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}`;
const pod = (container: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: web, ${container}}]}`;
const collector = (headers: string) =>
  `apiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata: {name: main, namespace: shop}\nspec: {config: {receivers: {otlp: {protocols: {grpc: {}}}}, exporters: {otlp_http: {endpoint: 'https://traces.site.example', headers: {${headers}}}}, service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_http]}}}}}`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const PEM = (word: string) =>
  `-----BEGIN ${word}-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n-----END ${word}-----`;
const sops = 'sops: {mac: "ENC[AES256_GCM,data:x]", version: 3.9.0}';

interface Case {
  readonly what: string;
  readonly text: string;
  readonly code: string;
  readonly message: string;
  readonly line?: number;
}

const cases: readonly Case[] = [
  {
    what: 'stringData',
    text: secret('stringData: {password: s3cret}'),
    code: 'SEC001',
    message: 'stringData.password: holds password in plain text',
  },
  {
    what: 'base64',
    text: secret(`data: {password: ${base64('s3cret')}}`),
    code: 'SEC001',
    message: 'data.password: holds password in plain text',
  },
  {
    what: 'a key beside its certificate',
    text: secret(
      `type: kubernetes.io/tls\ndata: {tls.crt: ${base64(PEM('CERTIFICATE'))}, tls.key: ${base64(PEM('PRIVATE KEY'))}}`,
    ),
    code: 'SEC001',
    message: 'data.tls.key: holds tls.key in plain text',
  },
  {
    what: 'several keys, one finding',
    text: secret('stringData: {a-token: one1, b-token: two2, c-token: three3, d-token: four4, username: admin}'),
    code: 'SEC001',
    message: 'stringData.a-token: holds a-token, b-token, c-token and 1 more in plain text',
  },
  {
    what: 'docker’s login',
    text: secret(
      `type: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: ${base64('{"auths":{"r.example":{"auth":"YWRtaW46YWRtaW4="}}}')}}`,
    ),
    code: 'SEC001',
    message: 'data..dockerconfigjson: holds .dockerconfigjson in plain text',
  },
  {
    what: 'a chart’s password',
    text: release('kube-prometheus-stack', 'grafana: {adminPassword: prom-operator}', 'monitoring'),
    code: 'SEC002',
    message: 'spec.values.grafana.adminPassword: states adminPassword in plain text',
  },
  {
    what: 'a store’s key',
    text: release(
      'tempo',
      'tempo: {storage: {trace: {backend: s3, s3: {bucket: traces, endpoint: "minio:9000", access_key: tempo, secret_key: supersecret}}}}',
      'tracing',
    ),
    code: 'SEC002',
    message: 'spec.values.tempo.storage.trace.s3.secret_key: states secret_key in plain text',
  },
  {
    what: 'a client’s secret',
    text: release(
      'kube-prometheus-stack',
      'grafana: {grafana.ini: {auth.generic_oauth: {client_id: grafana, client_secret: s3cret}}}',
      'monitoring',
    ),
    code: 'SEC002',
    message: 'client_secret in plain text',
  },
  {
    what: 'a Grafana resource',
    text: 'apiVersion: grafana.integreatly.org/v1beta1\nkind: Grafana\nmetadata: {name: g, namespace: shop}\nspec: {config: {security: {admin_user: root, admin_password: start}}}',
    code: 'SEC002',
    message: 'admin_password in plain text',
  },
  {
    what: 'grafana.ini',
    text: configMap('grafana.ini', '[security]\nadmin_user = admin\nadmin_password = admin'),
    code: 'SEC003',
    message: 'data.grafana.ini: states admin_password in plain text',
    line: 8,
  },
  {
    what: 'a header of an exporter',
    text: collector('authorization: Bearer s3cret-token'),
    code: 'SEC003',
    message: 'states authorization in plain text',
  },
  {
    what: 'a data source',
    text: configMap(
      'datasources.yaml',
      'apiVersion: 1\ndatasources:\n- {name: Logs, type: loki, url: "https://logs.site.example", secureJsonData: {basicAuthPassword: s3cret}}',
    ),
    code: 'SEC003',
    message: 'basicAuthPassword in plain text',
  },
  {
    what: 'a private key',
    text: configMap('server.key', PEM('RSA PRIVATE KEY')),
    code: 'SEC004',
    message: 'data.server.key: holds a private key',
  },
  {
    what: 'a private key in values',
    text: `${release('web', 'tls: {key: KEY}').replace('KEY', `"${PEM('PRIVATE KEY').replaceAll('\n', '\\n')}"`)}`,
    code: 'SEC004',
    message: 'spec.values.tls.key: holds a private key',
  },
  {
    what: 'a login in a variable',
    text: pod("image: 'web:1', env: [{name: DATABASE_URL, value: 'postgres://shop:s3cret@db.shop:5432/shop'}]"),
    code: 'SEC005',
    message: 'an address with the password of shop',
  },
  {
    what: 'a login in a file',
    text: configMap('app.properties', 'a=b\nurl=amqp://guest:gu3st@mq.shop:5672'),
    code: 'SEC005',
    message: 'password of guest',
    line: 7,
  },
  {
    what: 'a webhook',
    text: release(
      'kube-prometheus-stack',
      'alertmanager: {config: {receivers: [{name: chat, slack_configs: [{api_url: "https://hooks.slack.com/services/T0000AAAA/B0000AAAA/abcdefghijklmnop"}]}]}}',
      'monitoring',
    ),
    code: 'SEC005',
    message: 'the address of a webhook',
  },
];

describe('credentials: one fault gives one finding, in a lab too', () => {
  it.each(cases)('$what', ({ text, code, message, line }) => {
    for (const purpose of [undefined, 'lab', 'production'] as const) {
      expect(found(text, purpose)).toMatchObject([{ code, severity: 'error', message: expect.stringContaining(message) }]);
      if (line !== undefined) expect(found(text, purpose)[0]?.line).toBe(line);
    }
  });

  it.each([
    ['SOPS', `${secret('stringData: {password: "ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]"}')}\n${sops}`],
    ['SOPS that leaves some keys', `${secret('stringData: {password: "ENC[AES256_GCM,data:x]", note: plain}')}\n${sops}`],
    [
      'a SealedSecret',
      'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: login, namespace: shop}\nspec: {encryptedData: {password: AgBy3i4OJSWK}}',
    ],
    [
      'an ExternalSecret',
      'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: login, namespace: shop}\nspec: {secretStoreRef: {name: vault, kind: ClusterSecretStore}, target: {name: login}, data: [{secretKey: password, remoteRef: {key: shop/login, property: password}}]}',
    ],
    [
      'a token that the cluster fills in',
      secret('type: kubernetes.io/service-account-token', ', annotations: {kubernetes.io/service-account.name: web}'),
    ],
    [
      'an empty Secret, and empty values',
      `${secret('type: Opaque')}\n---\n${secret('data: {csrf: ""}').replace('login', 'csrf')}`,
    ],
    ['a CA alone', secret(`data: {ca.crt: ${base64(PEM('CERTIFICATE'))}}`)],
    [
      'a certificate without its key',
      secret(`type: kubernetes.io/tls\ndata: {tls.crt: ${base64(PEM('CERTIFICATE'))}, tls.key: ""}`),
    ],
    ['values that Flux fills in', secret("stringData: {password: '${password}', token: '${token:=none}'}")],
    ['values that a vault’s plugin fills in', secret('stringData: {password: <path:secret/data/shop#password>}')],
    ['values of Bank-Vaults', secret('stringData: {password: "vault:secret/data/shop#password"}')],
    [
      'a repository of Argo CD without a login',
      secret(
        'stringData: {type: git, url: "https://git.site.example/shop.git"}',
        ', labels: {argocd.argoproj.io/secret-type: repository}',
      ),
    ],
    [
      'a configuration without a credential',
      secret(`data: {alertmanager.yaml: ${base64('route: {receiver: none}\nreceivers: [{name: none}]')}}`),
    ],
    ['a release of Helm', secret(`type: helm.sh/release.v1\ndata: {release: ${base64('anything')}}`)],
    ['a Secret that is copied', secret('data: {}', ', annotations: {replicator.v1.mittwald.de/replicate-from: default/login}')],
    [
      'values beside a reference',
      release('redis', 'auth: {existingSecret: redis, password: ignored}, secretKeys: {adminPasswordKey: password}'),
    ],
    ['a value that names a Secret by what it is for', release('registry', 'existingSecretAdminPassword: registry-admin')],
    [
      'values that name a key',
      release(
        'grafana',
        "admin: {existingSecret: grafana, userKey: admin-user, passwordKey: admin-password}, grafana.ini: {database: {password: '$__file{/etc/secrets/db}'}}",
      ),
    ],
    [
      'empty values',
      release('redis', "auth: {enabled: false, password: ''}, token: null, serviceAccount: {automountToken: true}"),
    ],
    ['values that Flux fills in', release('app', "password: '${password}', apiKey: '{{ .Values.key }}'")],
    [
      'words of schemas and labels',
      release('app', 'podLabels: {token: blue}, properties: {password: string}, tokenReview: system'),
    ],
    ['a header from the environment', collector("authorization: 'Bearer ${env:TOKEN}', x-scope-orgid: shop")],
    [
      'grafana.ini with files and comments',
      configMap(
        'grafana.ini',
        '[security]\n;admin_password = admin\nadmin_password = $__file{/etc/secrets/password}\n[database]\npassword = ${DB_PASSWORD}\n[smtp]\npassword =',
      ),
    ],
    ['a public key', configMap('ca.pem', PEM('PUBLIC KEY'))],
    ['how a key looks', configMap('README.md', 'Paste your key:\n-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----')],
    [
      'an address with a variable',
      pod(
        "image: 'web:1', env: [{name: DATABASE_URL, value: 'postgres://$(USER):$(PASSWORD)@db.shop:5432/shop'}, {name: B, value: 'redis://:${REDIS_PASSWORD}@redis:6379'}]",
      ),
    ],
    [
      'an address as documentation has it',
      configMap(
        'app.properties',
        '# amqp://user:password@host:5672/vhost\nmail=mailto:a@b.example\nurl=https://host.example/@scope/a:b@1',
      ),
    ],
    ['kubeconfig of nobody', configMap('a.yaml', 'server: https://kubernetes.default.svc\nuser: web')],
    [
      'Kiali with a Secret',
      'apiVersion: kiali.io/v1alpha1\nkind: Kiali\nmetadata: {name: kiali, namespace: istio-system}\nspec: {auth: {strategy: token}, external_services: {grafana: {enabled: true, auth: {type: basic, username: viewer, password: "secret:grafana:password"}}}}',
    ],
  ])('%s is fine', (_, text) => {
    expect(found(text)).toEqual([]);
    expect(found(text, 'production')).toEqual([]);
  });
});

describe('what a lab may do', () => {
  const password = pod("image: 'web:1', env: [{name: MYSQL_ROOT_PASSWORD, value: password}]");
  const admin = pod(
    "image: 'grafana/grafana:13.2.0', env: [{name: GF_AUTH_ANONYMOUS_ENABLED, value: 'true'}, {name: GF_AUTH_ANONYMOUS_ORG_ROLE, value: Admin}]",
  );
  const chart = release('grafana', 'grafana.ini: {auth.anonymous: {enabled: true, org_role: Admin}}');
  const settings = (data: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {${data}}`;

  it.each([
    ['a password in a variable', password, 'SEC006'],
    ['a password among the variables of a ConfigMap', settings('DB_PASSWORD: hunter2'), 'SEC006'],
    ['a Grafana in which anybody is Admin', admin, 'SEC009'],
    ['the same by a chart', chart, 'SEC009'],
  ])('%s: a warning where nobody says what it is for', (_, text, code) => {
    expect(found(text)).toMatchObject([{ code, severity: 'warning' }]);
    expect(found(text, 'lab')).toEqual([]);
    // In production PRD003 and PRD007 tell it.
    expect(found(text, 'production')).toEqual([]);
  });

  it('takes stacks of this library for labs', () => {
    const world = worldOf(password);
    const made = world.objects.map((one) => ({ ...one, origin: { ...one.origin, construct: 'shop/apps/db' } }));
    expect(prove({ ...world, objects: made }).filter(({ code }) => code === 'SEC006')).toEqual([]);
  });

  it.each([
    [
      'a variable from a Secret',
      pod("image: 'web:1', env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}]"),
    ],
    ['a switch', pod("image: 'web:1', env: [{name: MYSQL_ALLOW_EMPTY_PASSWORD, value: 'yes'}]")],
    [
      'a ConfigMap that says where a password is, or leaves it to others',
      settings(
        "DB_PASSWORD: /etc/secrets/db, B_PASSWORD: '${password}', C_PASSWORD: '{{ .password }}', PASSWORD_FILE: x, d_password: 'ENC[AES256_GCM,data:x]', USE_PASSWORD: 'true', E_PASSWORD: ''",
      ),
    ],
    ['a Grafana in which anybody is Viewer', admin.replace('Admin', 'Viewer')],
  ])('%s is fine', (_, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('SEC007: images without a version', () => {
  it.each([
    ['latest', pod("image: 'web:latest'")],
    ['no tag', pod('image: registry.site.example/web')],
    [
      'two images, one finding',
      pod('image: registry.site.example/web').replace('}]}', '}, {name: other, image: "a/b:latest"}]}'),
    ],
    ['values of a chart', release('web', 'image: {repository: web, tag: latest}')],
  ])('%s is a warning', (_, text) => {
    expect(found(text)).toMatchObject([{ code: 'SEC007', severity: 'warning' }]);
    expect(found(text, 'lab')).toMatchObject([{ code: 'SEC007', severity: 'warning' }]);
    expect(found(text, 'production')).toEqual([]);
  });

  it('leaves bare names, and tags that a kustomization may set, alone', () => {
    expect(found(pod('image: web'))).toEqual([]);
    const files = { 'a/web.yaml': pod('image: registry.site.example/web') };
    expect(findingsIn(files)).toMatchObject([{ code: 'SEC007' }]);
    const kustomization = 'resources: [web.yaml]\nimages: [{name: registry.site.example/web, newTag: v1}]';
    expect(findingsIn({ ...files, 'a/kustomization.yaml': kustomization })).toEqual([]);
  });
});

describe('SEC008: what Flux decrypts', () => {
  const step = (more = '') =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec: {interval: 10m, path: ./apps, prune: true, sourceRef: {kind: GitRepository, name: flux-system}${more}}`;
  const encrypted = `${secret('stringData: {password: "ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]"}')}\n${sops}`;
  const check = (more: string, files: Readonly<Record<string, string>> = {}) =>
    findingsIn({ 'clusters/prod/apps.yaml': step(more), 'apps/login.yaml': encrypted, ...files });

  it('is an error where the Kustomization has no decryption', () => {
    expect(check('')).toMatchObject([
      { code: 'SEC008', severity: 'error', object: 'Secret/shop/login', file: 'apps/login.yaml' },
    ]);
  });

  it('is fine with it, also by a patch of the one above, and where nobody here delivers it', () => {
    expect(check(', decryption: {provider: sops, secretRef: {name: sops-age}}')).toEqual([]);
    const root =
      "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: all, namespace: flux-system}\nspec: {interval: 10m, path: ./clusters/prod, prune: true, sourceRef: {kind: GitRepository, name: flux-system}, patches: [{target: {kind: Kustomization}, patch: 'spec: {decryption: {provider: sops}}'}]}";
    expect(check('', { 'clusters/prod/all.yaml': root })).toEqual([]);
    expect(
      findingsIn({
        'clusters/prod/apps.yaml': step(),
        'apps/a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}',
        'other/login.yaml': encrypted,
      }),
    ).toEqual([]);
  });
});
