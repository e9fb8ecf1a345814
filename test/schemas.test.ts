import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../constructs/kit/json.ts';
import { validate } from '../constructs/proof/schemas.ts';

const metadata = { name: 'reviews', namespace: 'bookinfo', labels: { app: 'reviews' } };

function deployment(container: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  const containers = [{ name: 'reviews', image: 'reviews:1', ...container }];
  const template = { metadata: { labels: { app: 'reviews' }, creationTimestamp: null }, spec: { containers } };
  const selector = { matchLabels: { app: 'reviews' } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1, selector, template, ...spec } };
}

const object = (apiVersion: string, kind: string, fields: JsonObject): JsonObject => ({ apiVersion, kind, metadata, ...fields });
const service = (spec: JsonObject) => object('v1', 'Service', { spec });
const virtualService = (http: Json, version = 'v1') =>
  object(`networking.istio.io/${version}`, 'VirtualService', { spec: { hosts: ['reviews'], http: [http] } });
const gateway = (spec: JsonObject) =>
  object('gateway.networking.k8s.io/v1', 'Gateway', {
    spec: { gatewayClassName: 'istio', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }], ...spec },
  });
const kiali = (spec: JsonObject) => object('kiali.io/v1alpha1', 'Kiali', { spec });

describe('a valid object has no problems', () => {
  it.each<[string, JsonObject]>([
    [
      'Deployment',
      deployment({
        ports: [
          { containerPort: 80, protocol: 'TCP' },
          { containerPort: 80, protocol: 'UDP' },
        ],
      }),
    ],
    [
      'quantities as numbers and texts',
      deployment({ resources: { limits: { cpu: 0.5, memory: '64Mi' }, requests: { cpu: '10m' } } }),
    ],
    ['null for unset', deployment({ command: null, resources: null, env: [{ name: 'A', value: null }] })],
    [
      'null for unset in a custom resource',
      virtualService({ match: null, timeout: null, route: [{ destination: { host: 'a', subset: null }, weight: null }] }),
    ],
    [
      'null where the schema takes it',
      object('networking.istio.io/v1', 'DestinationRule', {
        spec: { host: 'a', trafficPolicy: { outlierDetection: { consecutive5xxErrors: null } } },
      }),
    ],
    [
      'a port by name or number',
      service({
        ports: [
          { name: 'a', port: 80, targetPort: 'http' },
          { name: 'b', port: 81, targetPort: 8081 },
        ],
      }),
    ],
    ['an empty text for unset', service({ type: '', sessionAffinity: '', ports: [{ port: 80 }] })],
    ['base64 with line ends', object('v1', 'Secret', { data: { key: 'YWJj\nYQ==\n' } })],
    ['an annotation key with capitals', { ...deployment(), metadata: { ...metadata, annotations: { 'A.example/B': '{}' } } }],
    [
      'a claim template without a kind',
      object('apps/v1', 'StatefulSet', {
        spec: {
          selector: { matchLabels: { app: 'db' } },
          template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: 'db:1' }] } },
          volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { resources: { requests: { storage: '1Gi' } } } }],
        },
      }),
    ],
    [
      'a role reference without a group',
      object('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { kind: 'Role', name: 'reader' } }),
    ],
    ['a status', { ...deployment(), status: { replicas: 'many' } }],
    [
      'an RBAC name',
      { ...object('rbac.authorization.k8s.io/v1', 'ClusterRole', { rules: [] }), metadata: { name: 'system:node' } },
    ],
    ['a NetworkPolicy for all pods', object('networking.k8s.io/v1', 'NetworkPolicy', { spec: { policyTypes: ['Ingress'] } })],
    ['VirtualService', virtualService({ route: [{ destination: { host: 'reviews', port: { number: 80 } } }] })],
    ['an older version of it', virtualService({ route: [{ destination: { host: 'reviews' } }] }, 'v1alpha3')],
    ['addresses of both kinds', gateway({ addresses: [{ value: '1.2.3.4' }, { type: 'Hostname', value: 'a.example' }] })],
    ['fields that a CRD preserves', kiali({ deployment: { affinity: { node: { anything: [1] } } } })],
  ])('%s', (_, valid) => expect(validate(valid)).toEqual([]));
});

describe('kinds that are not imported', () => {
  it.each([
    ['unknown-group', 'example.com/v1', 'Widget'],
    ['unknown-group', 'install.istio.io/v1alpha1', 'IstioOperator'],
    ['unknown-kind', 'networking.istio.io/v9', 'VirtualService'],
    ['unknown-kind', 'networking.istio.io/v1', 'Constructor'],
    ['unknown-kind', 'networking.istio.io/v1', 'toString'],
    ['unknown-kind', 'v1', 'List'],
    ['unknown-kind', 'apps/v1beta1', 'Deployment'],
  ])('%s: %s %s', (answer, apiVersion, kind) => expect(validate({ apiVersion, kind })).toBe(answer));

  it('an object without apiVersion or kind belongs to no group', () => {
    expect(validate({})).toBe('unknown-group');
    expect(validate({ apiVersion: 1, kind: 'Service' })).toBe('unknown-group');
  });
});

describe('one fault gives one problem', () => {
  it.each<[string, JsonObject, string, string, string, string | undefined]>([
    [
      'a misspelt field',
      deployment({ imagePullPolcy: 'Always' }),
      'unknown-field',
      'spec.template.spec.containers.0.imagePullPolcy',
      'unknown field spec.template.spec.containers[0].imagePullPolcy',
      'did you mean "imagePullPolicy"?',
    ],
    [
      'a misspelt field that is needed',
      deployment({}, { selector: undefined, selektor: { matchLabels: {} } } as unknown as JsonObject),
      'unknown-field',
      'spec.selektor',
      'unknown field spec.selektor',
      'did you mean "selector"?',
    ],
    [
      'a field in another spelling',
      kiali({ externalServices: {} }),
      'unknown-field',
      'spec.externalServices',
      'unknown field spec.externalServices',
      'did you mean "external_services"?',
    ],
    [
      'a field like no other',
      virtualService({ route: [{ destination: { host: 'reviews', kubernetes: 1 } }] }),
      'unknown-field',
      'spec.http.0.route.0.destination.kubernetes',
      'unknown field spec.http[0].route[0].destination.kubernetes',
      'known fields: host, port, subset',
    ],
    [
      'a missing field',
      deployment({ name: undefined } as unknown as JsonObject),
      'missing-field',
      'spec.template.spec.containers.0.name',
      'spec.template.spec.containers[0].name is missing',
      undefined,
    ],
    [
      'a text for a number',
      deployment({}, { replicas: '3' }),
      'wrong-type',
      'spec.replicas',
      'spec.replicas is "3", must be an integer',
      'leave the quotes out',
    ],
    [
      'a number for a text',
      deployment({ env: [{ name: 'A', value: 1 }] }),
      'wrong-type',
      'spec.template.spec.containers.0.env.0.value',
      'spec.template.spec.containers[0].env[0].value is 1, must be a string',
      'put it in quotes',
    ],
    [
      'a text for a list',
      virtualService('route'),
      'wrong-type',
      'spec.http.0',
      'spec.http[0] is "route", must be a map',
      undefined,
    ],
    [
      'an enum',
      service({ type: 'Nodeport' }),
      'not-allowed',
      'spec.type',
      'spec.type is "Nodeport", allowed: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
      'did you mean "NodePort"?',
    ],
    [
      'a bound',
      gateway({ listeners: [{ name: 'http', port: 65536, protocol: 'HTTP' }] }),
      'not-allowed',
      'spec.listeners.0.port',
      'spec.listeners[0].port is 65536, must be at most 65535',
      undefined,
    ],
    [
      'a quantity',
      deployment({ resources: { limits: { memory: '200mb' } } }),
      'not-allowed',
      'spec.template.spec.containers.0.resources.limits.memory',
      'spec.template.spec.containers[0].resources.limits.memory is "200mb", must be a quantity such as 100m, 0.5 or 1Gi',
      undefined,
    ],
    [
      'base64',
      object('v1', 'Secret', { data: { key: 'clear text' } }),
      'not-allowed',
      'data.key',
      'data.key is "clear text", must be base64',
      undefined,
    ],
    [
      'base64 without its end',
      object('v1', 'Secret', { data: { key: 'YQ' } }),
      'not-allowed',
      'data.key',
      'data.key is "YQ", must be base64',
      undefined,
    ],
    [
      'null where a value is needed',
      object('v1', 'Pod', { spec: { containers: null } }),
      'wrong-type',
      'spec.containers',
      'spec.containers is null, must be a list',
      undefined,
    ],
    [
      'a name with a dot for a namespace',
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a.b' } },
      'not-allowed',
      'metadata.name',
      'metadata.name is "a.b", must be a name of lower case letters, digits and -',
      undefined,
    ],
    [
      'a status where there is none',
      object('v1', 'ConfigMap', { status: {} }),
      'unknown-field',
      'status',
      'unknown field status',
      'known fields: apiVersion, binaryData, data, immutable, kind, metadata',
    ],
    [
      'a label key',
      { ...deployment(), metadata: { ...metadata, labels: { 'a b': 'c' } } },
      'not-allowed',
      'metadata.labels',
      'metadata.labels has the key "a b", which is not a qualified name',
      undefined,
    ],
    [
      'a label with a slash in its key',
      { ...deployment(), metadata: { ...metadata, labels: { 'app.kubernetes.io/name': 'a b' } } },
      'not-allowed',
      'metadata.labels.app.kubernetes.io/name',
      'metadata.labels["app.kubernetes.io/name"] is "a b", must be a label value: letters, digits, -, _ and .',
      undefined,
    ],
    [
      'a port twice',
      service({
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80, protocol: 'TCP' },
        ],
      }),
      'not-allowed',
      'spec.ports.1',
      'spec.ports[1] has the same port, protocol as an earlier item, must differ',
      undefined,
    ],
    [
      'fields that exclude each other (oneOf)',
      virtualService({ match: [{ uri: { exact: '/a', prefix: '/b' } }], route: [] }),
      'not-allowed',
      'spec.http.0.match.0.uri',
      'spec.http[0].match[0].uri sets exact and prefix, only one of them is allowed',
      undefined,
    ],
    [
      'fields of which one is needed (anyOf)',
      kiali({ deployment: { discovery_selectors: { default: [{}] } } }),
      'missing-field',
      'spec.deployment.discovery_selectors.default.0',
      'spec.deployment.discovery_selectors.default[0] sets none of matchLabels, matchExpressions, one of them is needed',
      undefined,
    ],
    [
      'a value that goes with another (oneOf of values)',
      gateway({ addresses: [{ type: 'IPAddress', value: 'gateway' }] }),
      'not-allowed',
      'spec.addresses.0.value',
      'spec.addresses[0].value is "gateway", must be an IPv4 address or be an IPv6 address',
      undefined,
    ],
  ])('%s', (_, faulty, problem, path, message, hint) => {
    expect(validate(faulty)).toMatchObject([{ problem, message, ...(hint === undefined ? {} : { hint }) }]);
    const found = validate(faulty);
    expect(Array.isArray(found) && found[0]?.path.join('.')).toBe(path);
    expect(Array.isArray(found) && found[0]?.hint).toBe(hint);
  });

  it('two faults give two', () => {
    const found = validate(deployment({ imagePullPolicy: 'always', prots: [] }));
    expect(Array.isArray(found) && found.map(({ problem }) => problem)).toEqual(['unknown-field', 'not-allowed']);
  });

  it('a long text is cut in the message', () => {
    const found = validate(service({ type: 'x'.repeat(70_000) }));
    expect(Array.isArray(found) && found[0]?.message.length).toBeLessThan(300);
  });
});
