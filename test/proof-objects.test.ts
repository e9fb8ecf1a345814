import { describe, expect, it } from 'vitest';
import { findingsOf, goodMesh, type Mutation, replaced } from './proof-world.ts';

const mutations: readonly Mutation[] = [
  {
    what: 'a required field that is missing',
    part: 'spec: {hosts: [api.payments.test], ports',
    by: 'spec: {ports',
    ...{ code: 'OBJ003', object: 'ServiceEntry/shop/payments', hint: 'add it' },
  },
  {
    what: 'a value of the wrong type',
    part: 'randomSamplingPercentage: 50',
    by: 'randomSamplingPercentage: "50"',
    ...{ code: 'OBJ004', object: 'Telemetry/istio-system/mesh-default', hint: 'leave the quotes out' },
  },
  {
    what: 'a value that is not allowed',
    part: 'resolution: DNS',
    by: 'resolution: DNSS',
    ...{ code: 'OBJ005', object: 'ServiceEntry/shop/payments', hint: 'did you mean "DNS"?' },
  },
  {
    what: 'a kind that Kubernetes does not have',
    part: 'kind: Namespace',
    by: 'kind: Namespce',
    ...{ code: 'OBJ009', object: 'Namespce/default/shop', hint: 'did you mean "Namespace"?' },
  },
  {
    what: 'an object without apiVersion',
    part: 'apiVersion: v1\nkind: ServiceAccount',
    by: 'kind: ServiceAccount',
    ...{ code: 'OBJ003', object: 'ServiceAccount/shop/reviews', hint: 'add it' },
  },
  {
    what: 'a misspelt field of the mesh config',
    part: 'accessLogFile:',
    by: 'accesLogFile:',
    ...{ code: 'OBJ002', object: 'IstioOperator/istio-system/mesh', hint: 'did you mean "accessLogFile"?' },
  },
  {
    what: 'a workload that does not select its pods',
    part: 'metadata: {labels: {app: prometheus}}',
    by: 'metadata: {labels: {app: prom}}',
    ...{
      code: 'OBJ010',
      object: 'Deployment/observability/prometheus',
      hint: 'put the selector’s labels on spec.template.metadata.labels',
    },
  },
  {
    what: 'an unknown field',
    part: 'gateways: [front, mesh]',
    by: 'gatways: [front, mesh]',
    ...{ code: 'OBJ002', object: 'VirtualService/shop/shop', hint: 'did you mean "gateways"?' },
  },
  {
    what: 'a label that is too long',
    part: 'labels: {istio-injection: enabled}',
    by: `labels: {istio-injection: ${'x'.repeat(64)}}`,
    ...{ code: 'OBJ006', object: 'Namespace/shop', hint: '' },
  },
  {
    what: 'an object without a namespace',
    part: 'metadata: {name: payments, namespace: shop}\nspec: {hosts',
    by: 'metadata: {name: payments}\nspec: {hosts',
    ...{ code: 'OBJ007', object: 'ServiceEntry/default/payments', hint: 'state metadata.namespace', severity: 'warning' },
  },
  {
    what: 'a Namespace in a namespace',
    part: 'metadata: {name: shop, labels',
    by: 'metadata: {name: shop, namespace: shop, labels',
    ...{ code: 'OBJ008', object: 'Namespace/shop', hint: 'remove metadata.namespace', severity: 'warning' },
  },
  {
    what: 'a configuration that is no YAML',
    part: '    datasources:\n',
    by: '    datasources: [\n',
    ...{ code: 'OBJ011', object: 'ConfigMap/observability/grafana', hint: 'in the text under this key: correct the indentation' },
  },
];

describe('objects by themselves: one fault gives one finding', () => {
  it.each(mutations)('$what', ({ part, by, code, object, hint, severity }) => {
    const findings = findingsOf(replaced(goodMesh, part, by));
    expect(findings.map((one) => [one.code, one.object, one.hint, one.severity])).toEqual([
      [code, object, hint, severity ?? 'error'],
    ]);
  });

  it('a version that is served no more', () => {
    const text = 'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a, namespace: b}\nspec: {}\n';
    expect(findingsOf(text)).toMatchObject([{ code: 'OBJ009', line: 1, hint: 'use policy/v1' }]);
  });

  it.each([
    ['a kind of Istio', 'networking.istio.io/v1', 'VirtualServce', 'did you mean "VirtualService"?'],
    [
      'a version of Istio',
      'networking.istio.io/v2',
      'VirtualService',
      'use networking.istio.io/v1 or networking.istio.io/v1alpha3 or networking.istio.io/v1beta1',
    ],
    [
      'a kind of another group of Istio',
      'networking.istio.io/v1',
      'Telemetry',
      'the kind is of telemetry.istio.io/v1 or telemetry.istio.io/v1alpha1',
    ],
    ['a kind in a version it is not in', 'networking.istio.io/v1', 'EnvoyFilter', 'use networking.istio.io/v1alpha3'],
  ])('%s that is not served', (_, apiVersion, kind, hint) => {
    const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a, namespace: b}\n`;
    expect(findingsOf(text)).toMatchObject([{ code: 'OBJ009', severity: 'error', hint }]);
  });

  it.each([
    ['a profile', '{profile: nonsense}', 'spec.profile', expect.stringContaining('profiles: ambient, default, demo')],
    ['a misspelt profile', '{profile: minmal}', 'spec.profile', 'did you mean "minimal"?'],
    ['a revision', '{revision: 1.30.3}', 'spec.revision', expect.stringContaining('1-30-3')],
  ])('%s of an IstioOperator that does not exist', (_, spec, place, hint) => {
    const text = `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: ${spec}\n`;
    expect(findingsOf(text)).toMatchObject([
      { code: 'OBJ005', object: 'IstioOperator/default/(unnamed)', message: expect.stringContaining(place), hint },
    ]);
  });

  it('a number where the mesh config takes a text', () => {
    const text = replaced(goodMesh, 'accessLogFile: /dev/stdout', 'accessLogFile: 1');
    expect(findingsOf(text)).toMatchObject([{ code: 'OBJ004', hint: 'put it in quotes' }]);
  });

  it('a misspelt field of an IstioOperator', () => {
    const findings = findingsOf(replaced(goodMesh, '  profile: default', '  profil: default'));
    expect(findings).toMatchObject([
      { code: 'OBJ002', object: 'IstioOperator/istio-system/mesh', hint: 'did you mean "profile"?' },
    ]);
  });
});

const pod = (container: string, more = '') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [${container}]${more}}\n`;
const service = (ports: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [${ports}]}\n`;
const map = (kind: string, data: string) => `apiVersion: v1\nkind: ${kind}\nmetadata: {name: web, namespace: shop}\n${data}\n`;
const set = (mount: string) =>
  `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\nspec:\n  selector: {matchLabels: {app: db}}\n  volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}]\n  template:\n    metadata: {labels: {app: db}}\n    spec: {containers: [{name: db, image: db, volumeMounts: [{name: ${mount}, mountPath: /data}]}]}\n`;

describe('what the API server refuses though the schema allows it', () => {
  it.each([
    ['a Service port name in capitals', service('{name: HTTP, port: 80}'), 'OBJ006', 'write "http"'],
    ['a key with a slash', map('ConfigMap', 'data: {a/b: x}'), 'OBJ006', 'write "a-b"'],
    ['a key of a Secret with a slash', map('Secret', 'stringData: {a/b: x}'), 'OBJ006', 'write "a-b"'],
    ['a key that is a folder', map('ConfigMap', 'binaryData: {"..": ""}'), 'OBJ006', 'shorten or respell it'],
    [
      'a second port without a name',
      service('{name: http, port: 80}, {port: 81}'),
      'OBJ012',
      'name it after its protocol, e.g. http-metrics',
    ],
    [
      'two ports of one name',
      service('{name: http, port: 80}, {name: http, port: 81}'),
      'OBJ012',
      'give each port a name of its own',
    ],
    ['a Service port of 0', service('{port: 0}'), 'OBJ012', 'a port is a number from 1 to 65535'],
    [
      'a port above 65535',
      pod('{name: web, image: web, ports: [{containerPort: 70000}]}'),
      'OBJ012',
      'a port is a number from 1 to 65535',
    ],
    ['an empty image', pod('{name: web, image: ""}'), 'OBJ012', 'name an image'],
    [
      'a mount of no volume',
      pod('{name: web, image: web, volumeMounts: [{name: confg, mountPath: /a}]}', ', volumes: [{name: config, emptyDir: {}}]'),
      'OBJ012',
      'did you mean "config"?',
    ],
    ['a mount of no claim', set('dta'), 'OBJ012', 'did you mean "data"?'],
  ])('%s', (_, text, code, hint) => {
    expect(findingsOf(text)).toMatchObject([{ code, severity: 'error', hint, line: expect.any(Number) }]);
  });

  it.each([
    ['a mount of a claim that the StatefulSet makes', set('data')],
    ['one port without a name', service('{port: 80, targetPort: 0, nodePort: 0}')],
    ['keys that are file names', map('ConfigMap', 'data: {.hidden: x, a..b: x, "1": x, A_b-c.d: x}')],
    [
      'a mount of a volume',
      pod('{name: a, image: a, volumeMounts: [{name: v, mountPath: /v}]}', ', volumes: [{name: v, emptyDir: {}}]'),
    ],
  ])('%s is fine', (_, text) => {
    expect(findingsOf(text)).toEqual([]);
  });
});
