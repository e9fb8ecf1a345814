import { describe, expect, it } from 'vitest';
import { rules } from '../constructs/proof/rules/index.ts';
import { type Break, broken, findingsIn } from './proof-flux-world.ts';

const MESH = 'mesh/istio.yaml';
const CERTS = 'infrastructure/controllers/cert-manager.yaml';
const METALLB = 'infrastructure/controllers/metallb.yaml';
const OTEL = 'infrastructure/controllers/opentelemetry.yaml';
const MONITORING = 'infrastructure/controllers/monitoring.yaml';
const istiod = 'HelmRelease/istio-system/istiod';
const stack = 'HelmRelease/monitoring/kube-prometheus-stack';
const TEMPO = (version: string, values: string) =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: tempo, namespace: monitoring}\nspec: {interval: 1h, url: 'oci://ghcr.io/grafana-community/helm-charts/tempo', ref: {${version}}}\n---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: tempo, namespace: monitoring}\nspec: {interval: 1h, chartRef: {kind: OCIRepository, name: tempo}, values: ${values}}`;

const table: readonly Break[] = [
  {
    what: 'a misspelt key at the top of istiod',
    ...{ file: MESH, part: 'meshConfig', by: 'meshconfig' },
    ...{ code: 'HLM001', object: istiod, hint: 'did you mean "meshConfig"?', severity: 'warning' },
  },
  {
    what: 'a misspelt key of the gateway chart, which refuses it',
    ...{ file: MESH, part: '{service: {type', by: '{sevice: {type' },
    ...{ code: 'HLM001', object: 'HelmRelease/istio-system/istio-ingressgateway', hint: 'did you mean "service"?' },
  },
  {
    what: 'a misspelt key below the top',
    ...{ file: MONITORING, part: 'prometheusSpec', by: 'promtheusSpec' },
    ...{ code: 'HLM001', object: stack, hint: 'did you mean "prometheusSpec"?', severity: 'warning' },
  },
  {
    what: 'a misspelt key two levels below the top',
    ...{ file: MONITORING, part: 'enableRemoteWriteReceiver', by: 'enableRemoteWriteReciever' },
    ...{ code: 'HLM001', object: stack, hint: 'did you mean "enableRemoteWriteReceiver"?', severity: 'warning' },
  },
  {
    what: 'a misspelt part of MetalLB',
    ...{ file: METALLB, part: 'speaker:', by: 'speakers:' },
    ...{ code: 'HLM001', object: 'HelmRelease/metallb-system/metallb', hint: 'did you mean "speaker"?', severity: 'warning' },
  },
  ...(
    [
      ['at the top of Loki', '{deploymentmode: Monolithic}', 'deploymentMode'],
      ['in Loki’s configuration', '{loki: {limit_config: {retention_period: 168h}}}', 'limits_config'],
      ['of Loki’s storage', '{loki: {storage: {typ: filesystem}}}', 'type'],
      ['of Loki’s disk', '{singleBinary: {persistence: {enable: true}}}', 'enabled'],
    ] as const
  ).map(([where, values, near]) => ({
    what: `a misspelt key ${where}`,
    ...{ file: 'infrastructure/controllers/loki.yaml', by: TEMPO('tag: 18.11.0', values).replaceAll('tempo', 'loki') },
    ...{ code: 'HLM001', object: 'HelmRelease/monitoring/loki', hint: `did you mean "${near}"?`, severity: 'warning' as const },
  })),
  {
    what: 'settings of the ingester for Tempo 3',
    ...{
      file: 'infrastructure/controllers/tempo.yaml',
      by: TEMPO('tag: 3.0.0', '{tempo: {ingester: {max_block_duration: 5m}}}'),
    },
    ...{ code: 'HLM002', object: 'HelmRelease/monitoring/tempo', hint: 'give them to tempo.liveStore', severity: 'warning' },
  },
  {
    what: "cert-manager's old name for its CRDs",
    ...{ file: CERTS, part: 'crds: {enabled: true}', by: 'installCRDs: true' },
    ...{
      code: 'HLM002',
      object: 'HelmRelease/cert-manager/cert-manager',
      hint: 'use crds: {enabled: true}, which also keeps the CRDs when the release is removed',
      severity: 'info',
    },
  },
  {
    what: "MetalLB's addresses as chart values",
    ...{ file: METALLB, part: '{speaker: {frr: {enabled: false}}}', by: '{configInline: {address-pools: []}}' },
    ...{
      code: 'HLM002',
      object: 'HelmRelease/metallb-system/metallb',
      hint: 'write an IPAddressPool and an L2Advertisement, in a later step',
    },
  },
  {
    what: 'istiod values under defaults',
    ...{
      file: MESH,
      part: '{meshConfig: {accessLogFile: /dev/stdout}}',
      by: '{defaults: {meshConfig: {accessLogFile: /dev/stdout}}}',
    },
    ...{ code: 'HLM002', object: istiod, hint: 'take them out of defaults, to the top of the values' },
  },
  {
    what: 'a base of another version than istiod',
    ...{ file: MESH, part: 'chart: base, version: 1.30.3', by: 'chart: base, version: 1.29.2' },
    ...{ code: 'HLM003', object: 'HelmRelease/istio-system/istio-base', hint: 'install 1.30.3 of both', severity: 'warning' },
  },
  {
    what: 'a gateway that does not wait for istiod',
    ...{ file: MESH, part: '  dependsOn: [{name: istiod}]\n', by: '' },
    ...{
      code: 'HLM004',
      object: 'HelmRelease/istio-system/istio-ingressgateway',
      hint: 'add dependsOn: [{name: istiod}]',
      severity: 'warning',
    },
  },
  {
    what: 'a chart without a version',
    ...{ file: MESH, part: 'chart: istiod, version: 1.30.3', by: 'chart: istiod' },
    ...{ code: 'HLM006', object: istiod, hint: 'state one version, or a range', severity: 'warning' },
  },
  {
    what: 'any version of a chart',
    ...{ file: 'apps/base/release.yaml', part: 'version: 6.9.0', by: "version: '*'" },
    ...{ code: 'HLM006', object: 'HelmRelease/podinfo/podinfo', hint: 'state one version, or a range', severity: 'warning' },
  },
  {
    what: 'a chart of a registry without a tag',
    ...{ file: 'infrastructure/controllers/tempo.yaml', by: TEMPO('', '{}').replace(', ref: {}', '') },
    ...{ code: 'HLM006', object: 'OCIRepository/monitoring/tempo', hint: 'state ref: {tag: ...}', severity: 'warning' },
  },
  {
    what: 'a Secret that is misspelt',
    ...{ file: MONITORING, part: 'existingSecret: grafana-admin', by: 'existingSecret: grafana-admins' },
    ...{ code: 'HLM007', object: stack, hint: 'did you mean "grafana-admin"?', severity: 'warning' },
  },
  {
    what: 'cert-manager without its CRDs',
    ...{ file: CERTS, part: 'crds: {enabled: true}', by: 'crds: {enabled: false}' },
    code: 'HLM009',
    object: 'HelmRelease/cert-manager/cert-manager',
    ...{ hint: 'set it to true, or add the CRDs in an earlier step', severity: 'warning' },
  },
  {
    what: 'an ambient namespace, and the charts of sidecars alone',
    file: 'apps/base/ambient.yaml',
    by: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}',
    ...{ code: 'HLM008', object: istiod, hint: 'add a HelmRelease of chart cni beside istiod’s', severity: 'warning' },
  },
];

describe('values of charts: one fault gives one finding', () => {
  it.each(table)('$what', ({ code, object, hint, severity, ...change }) => {
    const findings = findingsIn(broken(change));
    expect(findings.map((one) => [one.code, one.object, one.hint, one.severity])).toEqual([
      [code, object, hint, severity ?? 'error'],
    ]);
  });

  it('misses cert-manager, which the OpenTelemetry operator asks for a certificate', () => {
    const otel = { file: OTEL, part: '  dependsOn: [{name: cert-manager, namespace: cert-manager}]', by: '' };
    const { [CERTS]: _, 'infrastructure/configs/issuers.yaml': __, ...without } = broken(otel);
    expect(findingsIn(without).map(({ code, object }) => [code, object])).toEqual([
      ['HLM005', 'HelmRelease/otel-system/opentelemetry-operator'],
    ]);
  });

  it('breaks every rule of the family', () => {
    const codes = rules.map(({ code }) => code).filter((code) => code.startsWith('HLM'));
    expect([...new Set([...table.map(({ code }) => code), 'HLM005'])].sort()).toEqual(codes);
  });

  it('stands at the line of the fault', () => {
    const change = { file: MONITORING, part: 'enableRemoteWriteReceiver', by: 'enableRemoteWriteReciever' };
    const [found] = findingsIn(broken(change));
    expect(broken(change)[MONITORING]?.split('\n')[(found?.line ?? 0) - 1]).toContain('Reciever');
  });
});
