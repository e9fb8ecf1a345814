import { App, type Chart, Testing } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import {
  type AcmeIssuer,
  CertificateIssuer,
  type CertificateIssuerProps,
  CertManager,
  type CertManagerProps,
  existingIssuer,
  GatewayApiGateway,
  type IssuedBy,
  IstioIngress,
} from '../constructs/exposure/index.ts';
import { charts, Endpoint, HelmRelease, Layer, type MeshLike } from '../constructs/kit/index.ts';

const mesh: MeshLike = {
  rootNamespace: 'istio-system',
  needsPlaintextRules: false,
  ingress: {
    selector: { istio: 'ingressgateway' },
    namespace: 'istio-system',
    service: Endpoint.external({ protocol: 'http', host: 'istio-ingressgateway.istio-system.svc.cluster.local', port: 80 }),
  },
  samplingPercent: 100,
};

const objects = (chart: Chart, kind: string) => Testing.synth(chart).filter((one) => one.kind === kind);
const problems = (chart: Chart) => chart.node.findAll().flatMap((one) => one.node.validate());

/** A layer for cert-manager, and a later one for issuers. */
function layers(namespace = 'cert-manager') {
  const app = new App();
  const manager = new Layer(app, 'cert-manager', { namespace: 'cert-manager' });
  const issuers = new Layer(app, 'issuers', {
    namespace: namespace === 'cert-manager' ? manager : namespace,
    after: [manager],
  });
  return { app, manager, issuers };
}

describe('cert-manager', () => {
  it('is its chart with its CRDs, which stay, in the namespace of its layer', () => {
    const { manager } = layers();
    const made = new CertManager(manager, 'cert-manager');
    const [release] = objects(manager, 'HelmRelease');
    expect(release.metadata).toEqual({ name: 'cert-manager', namespace: 'cert-manager' });
    expect(release.spec.values).toEqual({ crds: { enabled: true, keep: true } });
    expect(objects(manager, 'OCIRepository')[0].spec).toMatchObject({
      url: 'oci://quay.io/jetstack/charts/cert-manager',
      ref: { tag: charts['cert-manager'].version },
    });
    expect([made.namespace, made.gatewayApi]).toEqual(['cert-manager', 'off']);
  });

  it('takes every option', () => {
    const { manager } = layers();
    const first = new HelmRelease(manager, 'first', { chart: 'metallb' });
    const every: Required<CertManagerProps> = {
      name: 'certs',
      version: 'v1.20.0',
      replicas: 2,
      gatewayApi: 'on',
      resources: { cpu: '20m', memory: '64Mi', memoryLimit: '128Mi' },
      after: [first],
      source: { kind: 'OCIRepository', name: 'jetstack', namespace: 'flux-system' },
      timeout: '5m',
    };
    new CertManager(manager, 'cert-manager', every);
    const release = objects(manager, 'HelmRelease').find((one) => one.metadata.name === 'certs');
    expect(release.spec).toMatchObject({
      releaseName: 'certs',
      timeout: '5m',
      chartRef: { kind: 'OCIRepository', name: 'jetstack', namespace: 'flux-system' },
      dependsOn: [{ name: 'first' }],
      values: {
        crds: { enabled: true, keep: true },
        replicaCount: 2,
        config: { enableGatewayAPI: true },
        resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '128Mi' } },
      },
    });
    const plain = layers().manager;
    const version = new CertManager(plain, 'cert-manager', { version: 'v1.20.0', resources: { cpu: '1', memory: '1Gi' } });
    expect(version.release.chart.version).toBe('v1.20.0');
    expect(objects(plain, 'OCIRepository')[0].spec.ref.tag).toBe('v1.20.0');
    expect(objects(plain, 'HelmRelease')[0].spec.values.resources).toEqual({ requests: { cpu: '1', memory: '1Gi' } });
  });

  it('is there once in a stack', () => {
    const { manager, issuers } = layers();
    expect(CertManager.of(issuers)).toBeUndefined();
    const made = new CertManager(manager, 'cert-manager');
    expect(CertManager.of(issuers)).toBe(made);
    expect(() => new CertManager(issuers, 'again')).toThrow(
      /'issuers\/again' is a second cert-manager beside 'cert-manager\/cert-manager'/,
    );
    expect(() => new CertManager(layers().manager, 'cert-manager')).not.toThrow();
  });

  it.each([
    [{ replicas: 0 }, /replicas of 'cert-manager\/x' is 0: allowed are whole numbers from 1/],
    [{ replicas: 1.5 }, /is 1.5/],
    [{ version: '1.x' }, /chart version of 'cert-manager\/x\/release' is "1.x"/],
    [{ resources: { cpu: '1', memory: '2Gi', memoryLimit: '1Gi' } }, /'cert-manager\/x' request 2Gi/],
    [{ name: 'Certs' }, /"Certs"/],
  ])('is refused with %j', (props, message) => {
    expect(() => new CertManager(layers().manager, 'x', props)).toThrow(message);
  });
});

describe('an issuer', () => {
  const acme: Required<AcmeIssuer> = {
    server: 'https://acme.site.example/directory',
    email: 'mesh@site.example',
    solver: { http01: { ingressClass: 'nginx' } },
    accountKeySecret: 'account',
  };

  function made(props: CertificateIssuerProps, namespace?: string) {
    const { issuers } = layers(namespace);
    const issuer = new CertificateIssuer(issuers, 'site', props);
    return { issuer, issuers };
  }

  it('of a cluster signs everywhere', () => {
    const every: Required<CertificateIssuerProps> = { by: { ca: { secret: 'pki' } }, scope: 'cluster', name: 'corporate' };
    const { issuer, issuers } = made(every);
    expect(objects(issuers, 'ClusterIssuer')).toEqual([
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'ClusterIssuer',
        metadata: { name: 'corporate' },
        spec: { ca: { secretName: 'pki' } },
      },
    ]);
    expect(issuer).toMatchObject({ kind: 'ClusterIssuer', name: 'corporate', namespace: undefined, challenge: 'none' });
    expect(made({ by: { selfSigned: true } }).issuer.kind).toBe('ClusterIssuer');
  });

  it('of a namespace signs there', () => {
    const { issuer, issuers } = made({ by: { selfSigned: true }, scope: 'namespace' }, 'edge');
    expect(objects(issuers, 'Issuer')).toMatchObject([
      { metadata: { name: 'site', namespace: 'edge' }, spec: { selfSigned: {} } },
    ]);
    expect(issuer).toMatchObject({ kind: 'Issuer', name: 'site', namespace: 'edge' });
  });

  it('asks by ACME through Ingress objects', () => {
    const { issuer, issuers } = made({ by: { acme } });
    expect(objects(issuers, 'ClusterIssuer')[0].spec.acme).toEqual({
      server: 'https://acme.site.example/directory',
      email: 'mesh@site.example',
      privateKeySecretRef: { name: 'account' },
      solvers: [{ http01: { ingress: { ingressClassName: 'nginx' } } }],
    });
    expect(issuer.challenge).toBe('http01');
  });

  it('asks by ACME through an exposure', () => {
    const { issuers } = layers();
    const { accountKeySecret: _, ...rest } = acme;
    const ingress = new IstioIngress(issuers, 'ingress', { mesh });
    const gateway = new GatewayApiGateway(issuers, 'gateway', { mesh });
    new CertificateIssuer(issuers, 'a', { by: { acme: { ...rest, solver: { http01: ingress } } } });
    new CertificateIssuer(issuers, 'b', { by: { acme: { ...rest, solver: { http01: { gateway } } } } });
    const [a, b] = objects(issuers, 'ClusterIssuer').map((one) => one.spec.acme);
    expect(a.solvers).toEqual([{ http01: { ingress: { ingressClassName: 'istio' } } }]);
    expect(a.privateKeySecretRef).toEqual({ name: 'a-account' });
    const parent = { kind: 'Gateway', name: 'gateway', namespace: 'cert-manager' };
    expect(b.solvers).toEqual([{ http01: { gatewayHTTPRoute: { parentRefs: [parent] } } }]);
  });

  it('makes a CA of its own, where cert-manager looks for it', () => {
    const own: Required<NonNullable<IssuedBy['ownCa']>> = { commonName: 'mesh.test CA', duration: '43800h' };
    const { manager, issuers } = layers('edge');
    new CertManager(manager, 'cert-manager');
    new CertificateIssuer(issuers, 'lab', { by: { ownCa: own } });
    expect(objects(issuers, 'Issuer')).toMatchObject([
      { metadata: { name: 'lab-self-signed', namespace: 'cert-manager' }, spec: { selfSigned: {} } },
    ]);
    expect(objects(issuers, 'Certificate')).toEqual([
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: { name: 'lab-ca', namespace: 'cert-manager' },
        spec: {
          isCA: true,
          commonName: 'mesh.test CA',
          secretName: 'lab-ca',
          duration: '43800h',
          privateKey: { algorithm: 'ECDSA', size: 256 },
          issuerRef: { name: 'lab-self-signed', kind: 'Issuer', group: 'cert-manager.io' },
        },
      },
    ]);
    expect(objects(issuers, 'ClusterIssuer')[0].spec).toEqual({ ca: { secretName: 'lab-ca' } });
  });

  it.each([
    ['namespace', 'with cert-manager', 'edge'],
    ['cluster', 'without', 'edge'],
    ['cluster', 'with cert-manager', 'cert-manager'],
  ] as const)('of a %s, %s in the stack, has its CA in %s', (scope, manager, namespace) => {
    const { manager: layer, issuers } = layers('edge');
    if (manager === 'with cert-manager') new CertManager(layer, 'cert-manager');
    new CertificateIssuer(issuers, 'lab', { by: { ownCa: { commonName: 'CA' } }, scope });
    const [certificate] = objects(issuers, 'Certificate');
    expect(certificate.metadata.namespace).toBe(namespace);
    expect(certificate.spec.duration).toBe('87600h');
  });

  it.each<[CertificateIssuerProps, RegExp]>([
    [{ by: { selfSigned: true }, name: 'My CA' }, /name of issuer 'issuers\/site' is "My CA"/],
    [{ by: { ca: { secret: 'My CA' } } }, /ca.secret of issuer 'issuers\/site' is "My CA"/],
    [{ by: { ownCa: { commonName: '' } } }, /ownCa.commonName of 'issuers\/site' is "": allowed are 1 to 64 letters/],
    [{ by: { ownCa: { commonName: 'a'.repeat(65) } } }, /1 to 64 letters/],
    [{ by: { ownCa: { commonName: 'CA', duration: '10y' } } }, /duration of the CA of 'issuers\/site' is "10y"/],
    [
      { by: { acme: { ...acme, server: 'http://acme.test' } } },
      /acme.server of 'issuers\/site' is "http:\/\/acme.test": allowed is the https address/,
    ],
    [{ by: { acme: { ...acme, email: 'mesh' } } }, /acme.email of 'issuers\/site' is "mesh"/],
    [{ by: { acme: { ...acme, accountKeySecret: 'A' } } }, /acme.accountKeySecret of 'issuers\/site' is "A"/],
    [{ by: { acme: { ...acme, solver: { http01: { ingressClass: 'A' } } } } }, /ingressClass of 'issuers\/site' is "A"/],
  ])('is refused with %j', (props, message) => {
    expect(() => made(props)).toThrow(message);
  });

  it('comes after cert-manager, in a layer of its own', () => {
    function found(after: 'after' | 'same' | 'apart', scope: 'cluster' | 'namespace' = 'cluster') {
      const app = new App();
      const manager = new Layer(app, 'cert-manager', { namespace: 'cert-manager' });
      const layer =
        after === 'same' ? manager : new Layer(app, 'issuers', { namespace: 'edge', after: after === 'after' ? [manager] : [] });
      new CertManager(manager, 'cert-manager');
      new CertificateIssuer(layer, 'ca', { by: { selfSigned: true }, scope });
      return problems(layer);
    }
    expect(found('after')).toEqual([]);
    expect(found('same')).toEqual([
      expect.stringMatching(
        /'cert-manager\/ca' stands in one layer .*'cert-manager\/cert-manager' brings the CRD of its ClusterIssuer.*later layer/,
      ),
    ]);
    expect(found('apart', 'namespace')).toEqual([
      expect.stringMatching(
        /'issuers\/ca' may come too soon: 'cert-manager\/cert-manager' brings the CRD of its Issuer.*'after: \[cert-manager\]' of layer 'issuers'/,
      ),
    ]);
  });

  it('does not put its CA into a namespace that comes later', () => {
    const app = new App();
    const manager = new Layer(app, 'cert-manager', { namespace: 'cert-manager' });
    const issuers = new Layer(app, 'issuers', { namespace: 'edge' });
    new CertManager(manager, 'cert-manager');
    new CertificateIssuer(issuers, 'ca', { by: { ownCa: { commonName: 'CA' } } });
    expect(problems(issuers)).toContainEqual(
      expect.stringMatching(/'issuers\/ca' puts its CA into namespace 'cert-manager', which layer 'cert-manager' creates/),
    );
  });

  it('answers through a Gateway only where cert-manager can', () => {
    function found(gatewayApi: 'on' | 'off') {
      const { manager, issuers } = layers();
      new CertManager(manager, 'cert-manager', { gatewayApi });
      const gateway = new GatewayApiGateway(issuers, 'gateway', { mesh });
      new CertificateIssuer(issuers, 'acme', { by: { acme: { ...acme, solver: { http01: { gateway } } } } });
      return problems(issuers);
    }
    expect(found('on')).toEqual([]);
    expect(found('off')).toEqual([
      expect.stringMatching(
        /'issuers\/acme' answers HTTP-01 through a Gateway, which 'cert-manager\/cert-manager' cannot: .*gatewayApi: 'on'/,
      ),
    ]);
  });
});

describe('an issuer that is there', () => {
  it('is named by kind', () => {
    expect(existingIssuer({ kind: 'ClusterIssuer', name: 'a' })).toEqual({
      kind: 'ClusterIssuer',
      name: 'a',
      namespace: undefined,
      challenge: 'none',
    });
    expect(existingIssuer({ kind: 'Issuer', name: 'a', namespace: 'b', challenge: 'http01' })).toEqual({
      kind: 'Issuer',
      name: 'a',
      namespace: 'b',
      challenge: 'http01',
    });
    expect(() => existingIssuer({ kind: 'ClusterIssuer', name: 'A' })).toThrow(/name of ClusterIssuer is "A"/);
  });
});
