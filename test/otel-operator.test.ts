import { describe, expect, it } from 'vitest';
import { CertManager } from '../constructs/exposure/index.ts';
import { HelmRelease } from '../constructs/kit/index.ts';
import { OpenTelemetryOperator, type OpenTelemetryOperatorProps } from '../constructs/tracing/index.ts';
import { layer, object, objects } from './support/synth.ts';

const make = (props?: OpenTelemetryOperatorProps) => {
  const chart = layer('otel-system');
  const operator = new OpenTelemetryOperator(chart, 'operator', props);
  return { chart, operator, release: object(chart, 'HelmRelease', 'opentelemetry-operator').spec };
};

const certManager = () => new CertManager(layer('cert-manager'), 'cert-manager');

describe('OpenTelemetryOperator', () => {
  it('is one release of the pinned chart, which needs no other chart', () => {
    const { chart, release } = make();
    expect(objects(chart).map((o) => `${o.kind} ${o.metadata.name}`)).toEqual([
      'Namespace otel-system',
      'HelmRepository open-telemetry',
      'HelmRelease opentelemetry-operator',
    ]);
    expect(release.chart.spec).toMatchObject({ chart: 'opentelemetry-operator', version: '0.122.0' });
    expect(release.values).toEqual({
      manager: {
        resources: { requests: { cpu: '10m', memory: '128Mi' }, limits: { memory: '512Mi' } },
        podLabels: { 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' },
      },
      admissionWebhooks: { certManager: { enabled: false }, autoGenerateCert: { enabled: true, certPeriodDays: 3650 } },
    });
    expect(release).not.toHaveProperty('dependsOn');
  });

  // A new option without an expectation does not compile.
  const table: Required<{ [K in keyof OpenTelemetryOperatorProps]: readonly [() => OpenTelemetryOperatorProps, object] }> = {
    webhookCertificate: [
      () => ({ webhookCertificate: { certManager: certManager() } }),
      {
        dependsOn: [{ name: 'cert-manager', namespace: 'cert-manager' }],
        values: { admissionWebhooks: { certManager: { enabled: true }, autoGenerateCert: { enabled: false } } },
      },
    ],
    collectorImage: [
      () => ({ collectorImage: 'contrib' }),
      {
        values: {
          manager: {
            collectorImage: {
              repository: 'ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib',
            },
          },
        },
      },
    ],
    collectorRights: [() => ({ collectorRights: 'by-operator' }), { values: { manager: { createRbacPermissions: true } } }],
    instruments: [() => ({ instruments: ['go'] }), { values: { manager: { autoInstrumentation: { go: { enabled: true } } } } }],
    version: [() => ({ version: '0.121.0' }), { chart: { spec: { version: '0.121.0' } } }],
    source: [
      () => ({ source: { kind: 'HelmRepository', name: 'site', namespace: 'flux-system' } }),
      { chart: { spec: { sourceRef: { name: 'site', namespace: 'flux-system' } } } },
    ],
    after: [
      () => ({ after: [new HelmRelease(layer('first'), 'first', { chart: 'metallb' })] }),
      { dependsOn: [{ name: 'first', namespace: 'first' }] },
    ],
    timeout: [() => ({ timeout: '5m' }), { timeout: '5m' }],
    resources: [
      () => ({ resources: { cpu: '1', memory: '1Gi' } }),
      { values: { manager: { resources: { requests: { cpu: '1', memory: '1Gi' } } } } },
    ],
  };
  it.each(Object.entries(table))('takes the option %s', (_, [props, expected]) => {
    expect(make().release).not.toMatchObject(expected);
    expect(make(props()).release).toMatchObject(expected);
  });

  it('has no memory limit where none is given, and the core image by its own name', () => {
    expect(make({ resources: { cpu: '1', memory: '1Gi' } }).release.values.manager.resources).not.toHaveProperty('limits');
    expect(make({ collectorImage: 'core' }).release.values.manager.collectorImage.repository).toMatch(
      /\/opentelemetry-collector$/,
    );
  });

  it('waits for cert-manager besides others, and for each once', () => {
    const cert = certManager();
    const first = new HelmRelease(layer('first'), 'first', { chart: 'metallb' });
    const { dependsOn } = make({ webhookCertificate: { certManager: cert }, after: [first, cert.release] }).release;
    expect(dependsOn).toEqual([
      { name: 'cert-manager', namespace: 'cert-manager' },
      { name: 'first', namespace: 'first' },
    ]);
  });

  it('can be waited for', () => {
    const { operator } = make();
    const later = layer('apps');
    new HelmRelease(later, 'mine', { chart: 'tempo', after: [operator.release] });
    expect(object(later, 'HelmRelease', 'mine').spec.dependsOn).toEqual([
      { name: 'opentelemetry-operator', namespace: 'otel-system' },
    ]);
  });

  it('refuses what could not start', () => {
    expect(() => make({ version: '0.122' })).toThrow(`chart version of 'layer/operator/release' is "0.122"`);
    expect(() => make({ resources: { cpu: '1', memory: '2Gi', memoryLimit: '1Gi' } })).toThrow(
      "resources of 'layer/operator' request 2Gi of memory and limit it to 1Gi",
    );
  });
});
