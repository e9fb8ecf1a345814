import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Finding, prove, readWorlds } from '../constructs/proof/index.ts';

/** The files of a repository: path to YAML text. */
export type Repository = Readonly<Record<string, string>>;

/** What the proof says of a repository, each file by its path in it. */
export function findingsIn(files: Repository, check = '.'): Finding[] {
  const root = mkdtempSync(join(tmpdir(), 'meshwright-flux-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return readWorlds([join(root, check)])
      .flatMap((world) => prove(world))
      .map((finding) => ({ ...finding, file: finding.file?.replace(`${root}/`, '') ?? null }));
  } finally {
    rmSync(root, { recursive: true });
  }
}

const flux = (name: string, path: string, more = '') => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec:
  interval: 10m
  path: ${path}
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
${more}`;

const release = (name: string, namespace: string, chart: string, source: string, more = '') => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  interval: 1h
  chart: {spec: {chart: ${chart.replace('@', ', version: ')}, sourceRef: {kind: HelmRepository, name: ${source}, namespace: flux-system}}}
${more}`;

const repository = (name: string, url: string) => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: ${name}, namespace: flux-system}
spec: {interval: 24h, url: '${url}'}
`;

/** A repository in which everything fits: infrastructure in two steps, the mesh, and an application. */
export const goodRepository: Repository = {
  'clusters/prod/infrastructure.yaml': [
    flux('infra-controllers', './infrastructure/controllers', '  wait: true'),
    flux('infra-configs', './infrastructure/configs', '  dependsOn: [{name: infra-controllers}]'),
    flux('mesh', './mesh', '  wait: true'),
  ].join('\n---'),
  'clusters/prod/apps.yaml': flux(
    'apps',
    './apps/prod',
    `  dependsOn: [{name: infra-configs}, {name: mesh}]
  postBuild:
    substitute: {cluster_domain: prod.mesh.test}
    substituteFrom: [{kind: ConfigMap, name: cluster-vars}]
  healthChecks: [{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, name: podinfo, namespace: podinfo}]`,
  ),
  'clusters/prod/vars.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cluster-vars, namespace: flux-system}\ndata: {cluster_region: eu}\n',
  'infrastructure/controllers/sources.yaml': [
    repository('metallb', 'https://metallb.github.io/metallb'),
    repository('jetstack', 'https://charts.jetstack.io'),
    repository('istio', 'https://istio-release.storage.googleapis.com/charts'),
    repository('open-telemetry', 'https://open-telemetry.github.io/opentelemetry-helm-charts'),
    repository('prometheus-community', 'https://prometheus-community.github.io/helm-charts'),
    repository('podinfo', 'https://stefanprodan.github.io/podinfo'),
  ].join('\n---'),
  'infrastructure/controllers/metallb.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: metallb-system}
---${release('metallb', 'metallb-system', 'metallb@0.16.1', 'metallb', '  values: {speaker: {frr: {enabled: false}}}')}`,
  'infrastructure/controllers/cert-manager.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: cert-manager}
---${release('cert-manager', 'cert-manager', 'cert-manager@v1.21.1', 'jetstack', '  values: {crds: {enabled: true}}')}`,
  'infrastructure/controllers/opentelemetry.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: otel-system}
---${release('opentelemetry-operator', 'otel-system', 'opentelemetry-operator@0.122.0', 'open-telemetry', '  dependsOn: [{name: cert-manager, namespace: cert-manager}]')}`,
  'infrastructure/controllers/monitoring.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: monitoring}
---
apiVersion: v1
kind: Secret
metadata: {name: grafana-admin, namespace: monitoring}
---${release(
    'kube-prometheus-stack',
    'monitoring',
    'kube-prometheus-stack@88.5.3',
    'prometheus-community',
    `  values:
    grafana: {admin: {existingSecret: grafana-admin}}
    prometheus: {prometheusSpec: {enableRemoteWriteReceiver: true}}`,
  )}`,
  'infrastructure/configs/addresses.yaml': `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: front, namespace: metallb-system}
spec: {addresses: [10.34.124.115/32]}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: front, namespace: metallb-system}
spec: {ipAddressPools: [front]}
`,
  'infrastructure/configs/issuers.yaml': `
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: site}
spec: {selfSigned: {}}
`,
  'mesh/istio.yaml': [
    '\napiVersion: v1\nkind: Namespace\nmetadata: {name: istio-system}\n',
    release('istio-base', 'istio-system', 'base@1.30.3', 'istio'),
    release(
      'istiod',
      'istio-system',
      'istiod@1.30.3',
      'istio',
      '  dependsOn: [{name: istio-base}]\n  values: {meshConfig: {accessLogFile: /dev/stdout}}',
    ),
    release(
      'istio-ingressgateway',
      'istio-system',
      'gateway@1.30.3',
      'istio',
      '  dependsOn: [{name: istiod}]\n  values: {service: {type: LoadBalancer}}',
    ),
  ].join('\n---'),
  'apps/prod/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base, gateway.yaml]\n',
  'apps/prod/gateway.yaml': `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: podinfo, namespace: podinfo}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['podinfo.\${cluster_domain}']}]
`,
  'apps/base/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: podinfo\nresources: [namespace.yaml, release.yaml]\n',
  'apps/base/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: podinfo, labels: {istio-injection: enabled}}\n',
  'apps/base/release.yaml': release(
    'podinfo',
    'podinfo',
    'podinfo@6.9.0',
    'podinfo',
    `  values: {ui: {message: 'in \${cluster_region}'}}`,
  ),
};

/** One change to the good repository, and the one finding it must give. */
export interface Break {
  readonly what: string;
  readonly file: string;
  /** What is replaced; the end of the file, when left out. */
  readonly part?: string;
  readonly by: string;
  readonly code: string;
  readonly object: string;
  readonly hint: string;
  readonly severity?: string;
}

/** The good repository with one change; fails when the part is not there exactly once. */
export function broken({ file, part, by }: Pick<Break, 'file' | 'part' | 'by'>): Repository {
  const text = goodRepository[file] ?? '';
  if (part === undefined) return { ...goodRepository, [file]: text === '' ? by : `${text}\n---\n${by}` };
  if (text.split(part).length !== 2) throw new Error(`"${part}" is there ${text.split(part).length - 1} times in ${file}`);
  return { ...goodRepository, [file]: text.replace(part, () => by) };
}
