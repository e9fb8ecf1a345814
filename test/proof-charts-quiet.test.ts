import { describe, expect, it } from 'vitest';
import { broken, findingsIn, type Repository } from './proof-flux-world.ts';
import { findingsOf } from './proof-world.ts';

const repository = (name: string, url: string) =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {interval: 24h, url: '${url}'}`;
const release = (name: string, namespace: string, chart: string, source: string, more = '') =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {interval: 1h, chart: {spec: {chart: ${chart}, sourceRef: {kind: HelmRepository, name: ${source}, namespace: flux-system}}}${more}}`;
const ISTIO = repository('istio', 'https://istio-release.storage.googleapis.com/charts');
const istio = (name: string, chart: string, version: string, more = '') =>
  release(name, 'istio-system', `${chart}, version: ${version}`, 'istio', more);
const all = (...objects: readonly string[]) => objects.join('\n---\n');

const AMBIENT = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}';
const sidecars = [
  istio('istio-base', 'base', '1.30.3'),
  istio('istiod', 'istiod', '1.30.3', ', dependsOn: [{name: istio-base}]'),
];

const worlds: readonly (readonly [what: string, yaml: string])[] = [
  [
    'many values of istiod',
    all(
      ISTIO,
      istio(
        'istio-base',
        'base',
        '1.30.3',
        ', values: {defaultRevision: default, base: {excludedCRDs: []}, global: {istioNamespace: istio-system}}',
      ),
      istio(
        'istiod',
        'istiod',
        '1.30.3',
        ', dependsOn: [{name: istio-base}], values: {profile: ambient, pilot: {env: {}, cni: {enabled: true}}, autoscaleMin: 2, podLabels: {}, global: {proxy: {resources: {}, holdApplicationUntilProxyStarts: true}, meshID: mesh, network: n1, multiCluster: {clusterName: one}}, meshConfig: {accessLogFile: /dev/stdout}, sidecarInjectorWebhook: {rewriteAppHTTPProbe: true}, x-common: {}, siteValues: {}}',
      ),
      istio('ztunnel', 'ztunnel', '1.30.1', ', values: {terminationGracePeriodSeconds: 60, multiCluster: {clusterName: one}}'),
    ),
  ],
  [
    'an upgrade with two control planes',
    all(
      ISTIO,
      istio('istio-base', 'base', '1.31.0'),
      istio('istiod-1-30', 'istiod', '1.30.3', ', values: {revision: 1-30}'),
      istio('istiod-1-31', 'istiod', '1.31.0', ', values: {revision: 1-31}'),
      istio('istio-ingressgateway', 'gateway', '1.30.3', ', values: {revision: 1-30}'),
    ),
  ],
  [
    'a gateway that waits for istiod by way of another',
    all(
      ISTIO,
      istio('istio-base', 'base', '1.30.3'),
      istio('istiod', 'istiod', '1.30.3', ', dependsOn: [{name: istio-base}]'),
      istio(
        'istio-cni',
        'cni',
        '1.30.3',
        ', dependsOn: [{name: istiod}], values: {cniBinDir: /opt/cni/bin, ambient: {enabled: true}}',
      ),
      istio(
        'istio-ingressgateway',
        'gateway',
        '1.30.3',
        ', dependsOn: [{name: istio-cni}], values: {name: edge, labels: {istio: edge}, service: {loadBalancerIP: 10.0.0.1}, autoscaling: {enabled: false}}',
      ),
    ),
  ],
  [
    "another project's charts of the same names",
    all(
      repository('site', 'https://charts.site.test'),
      release('gateway', 'edge', 'gateway, version: 0.1.0', 'site', ', values: {sevice: {}}'),
      release('base', 'edge', 'base, version: 9.0.0', 'site'),
      release('tempo', 'edge', 'tempo, version: 3.0.0', 'site', ', values: {labls: {}}'),
    ),
  ],
  ['ranges of versions', all(ISTIO, istio('istiod', 'istiod', "'1.30.x'"), istio('istio-base', 'base', "'>=1.29 <1.31'"))],
  [
    'an older cert-manager, by its old name, and an operator of traces that makes its own certificate',
    all(
      repository('jetstack', 'https://charts.jetstack.io'),
      release(
        'cert-manager',
        'cert-manager',
        'cert-manager, version: v1.13.0',
        'jetstack',
        ', values: {installCRDs: true, prometheus: {servicemonitor: {enabled: true}}, extraArgs: []}',
      ),
      repository('otel', 'https://open-telemetry.github.io/opentelemetry-helm-charts'),
      release(
        'otel',
        'otel',
        'opentelemetry-operator, version: 0.122.0',
        'otel',
        ', values: {manager: {collectorImage: {repository: otel/collector}, extraArgs: []}, admissionWebhooks: {certManager: {enabled: false}, autoGenerateCert: {enabled: true}}}',
      ),
    ),
  ],
  [
    'MetalLB, Kiali and Tempo with many values',
    all(
      repository('metallb', 'https://metallb.github.io/metallb'),
      release(
        'metallb',
        'metallb-system',
        'metallb, version: 0.16.1',
        'metallb',
        ', values: {loadBalancerClass: metallb, speaker: {tolerations: [], frr: {enabled: true}, ignoreExcludeLB: true}, controller: {logLevel: warn}, frrk8s: {enabled: false}, prometheus: {serviceAccount: p, namespace: m}}',
      ),
      repository('kiali', 'https://kiali.org/helm-charts'),
      release(
        'kiali-operator',
        'kiali-operator',
        'kiali-operator, version: 2.29.0',
        'kiali',
        ', values: {cr: {create: true, namespace: istio-system, spec: {auth: {strategy: token}}}, onlyViewOnlyMode: true}',
      ),
      repository('grafana', 'https://grafana.github.io/helm-charts'),
      release(
        'tempo',
        'tracing',
        'tempo, version: 1.24.0',
        'grafana',
        ', values: {tempo: {ingester: {max_block_duration: 5m}, retention: 72h}, persistence: {enabled: true}, tempoQuery: {enabled: false}}',
      ),
    ),
  ],
  [
    'Loki in one process and in three, with many values',
    all(
      repository('grafana', 'https://grafana-community.github.io/helm-charts'),
      release(
        'loki',
        'logs',
        'loki, version: 18.11.0',
        'grafana',
        ', values: {deploymentMode: Monolithic, loki: {auth_enabled: false, commonConfig: {replication_factor: 1}, storage: {type: filesystem}, limits_config: {retention_period: 168h}, compactor: {retention_enabled: true}, pattern_ingester: {enabled: true}, analytics: {}, ui: {enabled: true}, useTestSchema: true}, singleBinary: {replicas: 1, persistence: {size: 10Gi, storageClass: null}}, read: {replicas: 0}, write: {replicas: 0}, backend: {replicas: 0}, chunksCache: {enabled: false}, resultsCache: {enabled: false}, lokiCanary: {enabled: false}, test: {enabled: false}, gateway: {enabled: false}}',
      ),
      release(
        'loki-scalable',
        'logs-2',
        'loki, version: 6.6.0',
        'grafana',
        ', values: {loki: {schemaConfig: {}, storage: {bucketNames: {chunks: c}, type: s3, s3: {}}, rulerConfig: {}, ruler_storage: {}}, minio: {enabled: true}, migrate: {}, monitoring: {selfMonitoring: {enabled: false}}, enterprise: {enabled: false}}',
      ),
    ),
  ],
  [
    'kube-prometheus-stack with the Services that others name, and a Secret that somebody else makes',
    all(
      repository('prometheus', 'https://prometheus-community.github.io/helm-charts'),
      release(
        'kube-prometheus-stack',
        'monitoring',
        'kube-prometheus-stack, version: 88.5.3',
        'prometheus',
        ', valuesFrom: [{kind: Secret, name: alerting}], values: {fullnameOverride: prometheus, crds: {enabled: true}, kubeEtcd: {enabled: false}, kubeProxy: {enabled: false}, kubeControllerManager: {enabled: false}, prometheus-node-exporter: {fullnameOverride: node-exporter}, kube-state-metrics: {selfMonitor: {enabled: true}}, grafana: {admin: {existingSecret: grafana-credentials}, sidecar: {dashboards: {searchNamespace: ALL}}}, alertmanager: {enabled: false}, prometheus: {ingress: {enabled: true}, prometheusSpec: {podMonitorSelectorNilUsesHelmValues: false, ruleSelectorNilUsesHelmValues: false, scrapeConfigSelectorNilUsesHelmValues: false, retentionSize: 20GB, storageSpec: {}, externalLabels: {cluster: one}, enableFeatures: [exemplar-storage], walCompression: true}}, extraManifests: []}',
      ),
      'apiVersion: v1\nkind: Secret\nmetadata: {name: smtp, namespace: monitoring}',
      'apiVersion: kiali.io/v1alpha1\nkind: Kiali\nmetadata: {name: kiali, namespace: istio-system}\nspec: {external_services: {prometheus: {url: "http://prometheus-prometheus.monitoring:9090"}, grafana: {internal_url: "http://kube-prometheus-stack-grafana.monitoring:80"}}}',
      'apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: istiod, namespace: monitoring, labels: {release: kube-prometheus-stack}}\nspec: {selector: {matchLabels: {istio: pilot}}, namespaceSelector: {matchNames: [istio-system]}, endpoints: [{port: http-monitoring}]}',
    ),
  ],
  ['ambient mode by an umbrella chart, beside istiod', all(ISTIO, ...sidecars, AMBIENT, istio('ambient', 'ambient', '1.30.3'))],
  [
    'ambient mode with every part',
    all(
      ISTIO,
      istio('istio-base', 'base', '1.30.3'),
      istio('istiod', 'istiod', '1.30.3', ', values: {pilot: {env: {PILOT_ENABLE_AMBIENT: "true"}}}'),
      istio('istio-cni', 'cni', '1.30.3', ', values: {global: {profile: ambient}}'),
      istio('ztunnel', 'ztunnel', '1.30.3'),
      AMBIENT,
    ),
  ],
  [
    'ambient mode by values that the input does not hold',
    all(
      ISTIO,
      istio('istio-base', 'base', '1.30.3'),
      istio('istiod', 'istiod', '1.30.3', ', valuesFrom: [{kind: ConfigMap, name: istiod}]'),
      AMBIENT,
    ),
  ],
  ['an ambient namespace, and the mesh installed elsewhere', AMBIENT],
];

describe('values of charts that are right draw nothing', () => {
  it.each(worlds)('%s', (_, yaml) => {
    const told = findingsOf(yaml);
    expect(told.map(({ code, object, message }) => `${code} ${object}: ${message}`)).toEqual([]);
  });

  const MESH = 'mesh/istio.yaml';
  const repositories: readonly { readonly what: string; readonly files: Repository }[] = [
    {
      what: 'a gateway in a step after that of istiod',
      files: {
        ...broken({ file: 'clusters/prod/infrastructure.yaml', part: '  path: ./mesh', by: '  path: ./mesh/control' }),
        [MESH]: '',
        'mesh/control/istio.yaml': (broken({ file: MESH, by: '' })[MESH] ?? '').split('\n---\n').slice(0, 3).join('\n---\n'),
        'mesh/gateway/gateway.yaml': istio('istio-ingressgateway', 'gateway', '1.30.3'),
        'clusters/prod/gateway.yaml':
          'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: gateway, namespace: flux-system}\nspec: {interval: 1h, path: ./mesh/gateway, prune: true, dependsOn: [{name: mesh}], sourceRef: {kind: GitRepository, name: flux-system}}',
      },
    },
    {
      what: 'CRDs of cert-manager out of its own repository',
      files: {
        ...broken({
          file: 'infrastructure/controllers/cert-manager.yaml',
          part: 'crds: {enabled: true}',
          by: 'crds: {enabled: false}',
        }),
        'infrastructure/crds/kustomization.yaml':
          'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [https://github.com/cert-manager/cert-manager/releases/download/v1.21.1/cert-manager.crds.yaml]\n',
      },
    },
    {
      what: 'CRDs of cert-manager as files',
      files: {
        ...broken({
          file: 'infrastructure/controllers/cert-manager.yaml',
          part: 'crds: {enabled: true}',
          by: 'crds: {enabled: false}',
        }),
        'infrastructure/controllers/crds.yaml':
          'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: clusterissuers.cert-manager.io}\nspec: {group: cert-manager.io, scope: Cluster, names: {kind: ClusterIssuer, plural: clusterissuers}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}',
      },
    },
    {
      what: 'a version that an overlay states',
      files: {
        ...broken({ file: 'apps/base/release.yaml', part: ', version: 6.9.0', by: '' }),
        'apps/prod/kustomization.yaml':
          'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base, gateway.yaml]\npatches: [{path: version.yaml}]\n',
        'apps/prod/version.yaml': 'kind: HelmRelease\nmetadata: {name: podinfo}\nspec: {chart: {spec: {version: 6.9.0}}}',
      },
    },
  ];
  it.each(repositories)('$what', ({ files }) => {
    expect(findingsIn(files).map(({ code, object, message }) => `${code} ${object}: ${message}`)).toEqual([]);
  });

  it('tells a repository that states no versions once', () => {
    const nowhere = (name: string) => istio(name, name, '*').replace('version: *', "version: '*'");
    expect(findingsOf(all(ISTIO, nowhere('base'), nowhere('istiod'), nowhere('cni')))).toMatchObject([
      { code: 'HLM006', message: expect.stringContaining('(also ') },
    ]);
  });
});
