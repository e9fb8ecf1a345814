import { describe, expect, it } from 'vitest';
import { prove } from '../constructs/proof/index.ts';
import { findingsIn, goodRepository, type Repository } from './proof-flux-world.ts';
import { worldOf } from './proof-world.ts';

const flux = (
  name: string,
  path: string,
  more = '',
  source = 'kind: GitRepository, name: flux-system',
  namespace = 'flux-system',
) =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec:\n  interval: 1h\n  path: ${path}\n  prune: true\n  sourceRef: {${source}}\n${more}`;
const kustomize = (fields: string) => `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${fields}\n`;
const namespace = (name: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;
const configMap = (name: string, place: string, data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${place}}\ndata: ${data}\n`;
const helmRepository = (name: string, place: string, url: string) =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: ${name}, namespace: ${place}}\nspec: {interval: 24h, url: '${url}'}\n`;
const oci = (name: string, place: string, url: string, ref: string) =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: ${name}, namespace: ${place}}\nspec: {interval: 24h, url: '${url}', layerSelector: {mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip, operation: copy}, ref: {${ref}}}\n`;
const release = (name: string, place: string, spec: string) =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${name}${place === '' ? '' : `, namespace: ${place}`}}\nspec: {interval: 1h, ${spec}}\n`;
const chart = (name: string, version: string, source: string) =>
  `chart: {spec: {chart: ${name}, ${version === '' ? '' : `version: '${version}', `}sourceRef: {kind: HelmRepository, name: ${source}}}}`;
/** A variable of Flux. */
const v = (name: string) => `\${${name}}`;
const all = (...documents: readonly string[]) => documents.join('---\n');

const sync = (cluster: string) => ({
  [`clusters/${cluster}/flux-system/gotk-sync.yaml`]: all(
    'apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {interval: 1m, ref: {branch: main}, url: ssh://git@git.mesh.test/fleet}\n',
    flux('flux-system', `./clusters/${cluster}`),
  ),
  [`clusters/${cluster}/flux-system/gotk-components.yaml`]: `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: helmreleases.helm.toolkit.fluxcd.io}\nspec: {group: helm.toolkit.fluxcd.io, scope: Namespaced, names: {kind: HelmRelease, plural: helmreleases}, versions: [{name: v2, served: true, storage: true, schema: {openAPIV3Schema: {type: object, description: "as ${v('this')}"}}}]}\n`,
  [`clusters/${cluster}/flux-system/kustomization.yaml`]: kustomize('resources: [gotk-components.yaml, gotk-sync.yaml]'),
});

/** The layout of Flux's own examples: two clusters, controllers before configs, an overlay per cluster. */
const cluster = (name: string) => ({
  ...sync(name),
  [`clusters/${name}/apps.yaml`]: flux(
    'apps',
    `./apps/${name}`,
    '  dependsOn: [{name: infra-configs}]\n  wait: true\n  timeout: 5m\n',
  ),
  [`clusters/${name}/infrastructure.yaml`]: all(
    flux('infra-controllers', './infrastructure/controllers', '  wait: true\n'),
    flux(
      'infra-configs',
      './infrastructure/configs',
      '  dependsOn: [{name: infra-controllers}]\n  patches: [{patch: "- op: replace\\n  path: /spec/acme/server\\n  value: https://acme.test", target: {kind: ClusterIssuer, name: letsencrypt}}]\n',
    ),
  ),
  [`apps/${name}/kustomization.yaml`]: kustomize(
    'resources: [../base/podinfo]\npatches: [{path: podinfo-values.yaml, target: {kind: HelmRelease}}]',
  ),
  [`apps/${name}/podinfo-values.yaml`]: release(
    'podinfo',
    'podinfo',
    `chart: {spec: {version: '>=1.0.0'}}, values: {replicas: 2}`,
  ),
});
const layout: Repository = {
  ...cluster('staging'),
  ...cluster('production'),
  'infrastructure/controllers/cert-manager.yaml': all(
    namespace('cert-manager'),
    oci('cert-manager', 'cert-manager', 'oci://quay.io/jetstack/charts/cert-manager', "semver: '1.x'"),
    release(
      'cert-manager',
      'cert-manager',
      'chartRef: {kind: OCIRepository, name: cert-manager}, values: {crds: {enabled: true, keep: false}, config: {enableGatewayAPI: true}}',
    ),
  ),
  'infrastructure/configs/issuers.yaml':
    'apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: letsencrypt}\nspec: {acme: {server: https://acme.test, privateKeySecretRef: {name: letsencrypt}, solvers: [{http01: {ingress: {ingressClassName: nginx}}}]}}\n',
  'infrastructure/configs/kustomization.yaml': kustomize('resources: [issuers.yaml]'),
  'infrastructure/configs/values.yaml': 'for: people\n',
  'apps/base/podinfo/kustomization.yaml': kustomize(
    'namespace: podinfo\nresources: [namespace.yaml, release.yaml, repository.yaml]',
  ),
  'apps/base/podinfo/namespace.yaml': namespace('podinfo'),
  'apps/base/podinfo/repository.yaml': helmRepository('podinfo', 'podinfo', 'https://stefanprodan.github.io/podinfo'),
  'apps/base/podinfo/release.yaml': release('podinfo', 'podinfo', `releaseName: podinfo, ${chart('podinfo', '', 'podinfo')}`),
};

/** A home lab: a Kustomization per app beside it, namespaces set from above, variables that the one above adds. */
const homeLab: Repository = {
  'kubernetes/flux/cluster/ks.yaml': flux(
    'cluster-apps',
    './kubernetes/apps',
    '  decryption: {provider: sops, secretRef: {name: sops-age}}\n  postBuild: {substituteFrom: [{kind: Secret, name: cluster-secrets}]}\n  patches: [{patch: "apiVersion: kustomize.toolkit.fluxcd.io/v1\\nkind: Kustomization\\nmetadata: {name: not-used}\\nspec: {postBuild: {substituteFrom: [{kind: Secret, name: cluster-secrets}]}}", target: {group: kustomize.toolkit.fluxcd.io, kind: Kustomization}}]\n',
  ),
  'kubernetes/apps/media/kustomization.yaml': kustomize(
    'namespace: media\ncomponents: [../../components/common]\nresources: [./namespace.yaml, ./plex/ks.yaml, ./sonarr/ks.yaml]',
  ),
  'kubernetes/apps/media/namespace.yaml': namespace('media'),
  ...Object.fromEntries(
    ['plex', 'sonarr'].flatMap((app) => [
      [
        `kubernetes/apps/media/${app}/ks.yaml`,
        `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: &app ${app}\nspec:\n  targetNamespace: media\n  commonMetadata: {labels: {app.kubernetes.io/name: *app}}\n  components: [../../../../components/volsync]\n  dependsOn: [{name: volsync, namespace: storage}${app === 'sonarr' ? ', {name: plex}' : ''}]\n  interval: 1h\n  path: ./kubernetes/apps/media/${app}/app\n  postBuild: {substitute: {APP: *app, VOLSYNC_CAPACITY: 5Gi}}\n  prune: true\n  sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}\n`,
      ],
      [
        `kubernetes/apps/media/${app}/app/kustomization.yaml`,
        kustomize(
          'resources: [./helmrelease.yaml, ./ocirepository.yaml]\nconfigMapGenerator: [{name: values, files: [values.yaml=./values.yaml]}]\nconfigurations: [./config.yaml]',
        ),
      ],
      [`kubernetes/apps/media/${app}/app/values.yaml`, 'controllers: {}\n'],
      [`kubernetes/apps/media/${app}/app/config.yaml`, 'nameReference: []\n'],
      [
        `kubernetes/apps/media/${app}/app/helmrelease.yaml`,
        release(
          app,
          '',
          `chartRef: {kind: OCIRepository, name: ${app}}, dependsOn: [{name: rook-ceph-cluster, namespace: rook-ceph}], valuesFrom: [{kind: ConfigMap, name: values}], values: {host: '${app}.$\{SECRET_DOMAIN}', capacity: '$\{VOLSYNC_CAPACITY:=1Gi}', rule: '$$\{1}:9100'}`,
        ),
      ],
      [
        `kubernetes/apps/media/${app}/app/ocirepository.yaml`,
        oci(app, 'media', 'oci://ghcr.io/bjw-s-labs/helm/app-template', 'tag: 4.2.0').replace(', namespace: media', ''),
      ],
    ]),
  ),
  'kubernetes/apps/storage/kustomization.yaml': kustomize('namespace: storage\nresources: [./volsync/ks.yaml]'),
  'kubernetes/apps/storage/volsync/ks.yaml': flux(
    'volsync',
    './kubernetes/apps/storage/volsync/app',
    '',
    'kind: GitRepository, name: flux-system, namespace: flux-system',
  ).replace(', namespace: flux-system}\nspec', '}\nspec'),
  'kubernetes/apps/storage/volsync/app/kustomization.yaml': kustomize(
    'resources: [https://volsync.test/manifests.yaml, ./secret.yaml]',
  ),
  'kubernetes/apps/storage/volsync/app/secret.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: volsync}\n',
  'kubernetes/components/common/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [./sops.yaml]\n',
  'kubernetes/components/common/sops.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: cluster-secrets}\n',
  'kubernetes/components/volsync/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [./claim.yaml]\n',
  'kubernetes/components/volsync/claim.yaml': `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: '${v('APP')}'}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: '${v('VOLSYNC_CAPACITY')}'}}}\n`,
};

/** Tenants with sources of their own, in namespaces of their own. */
const tenants: Repository = {
  ...sync('prod'),
  'clusters/prod/tenants.yaml': flux('tenants', './tenants/prod', '  dependsOn: [{name: kyverno-policies}]\n'),
  'clusters/prod/policies.yaml': all(
    flux('kyverno-policies', './policies', ''),
    flux('other-repository', './deploy', '', 'kind: GitRepository, name: other'),
  ),
  'clusters/prod/other.yaml':
    'apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: other, namespace: flux-system}\nspec: {interval: 1m, url: https://git.mesh.test/other}\n',
  'policies/namespace.yaml': namespace('policies'),
  'tenants/prod/kustomization.yaml': kustomize('resources: [../base/dev-team, ../base/ops-team]\npatches: [{path: patch.yaml}]'),
  'tenants/prod/patch.yaml': flux('dev-team', './production', '', 'kind: GitRepository, name: dev-team', 'apps'),
  ...Object.fromEntries(
    ['dev-team', 'ops-team'].flatMap((team) => [
      [`tenants/base/${team}/kustomization.yaml`, kustomize('resources: [sync.yaml]')],
      [
        `tenants/base/${team}/sync.yaml`,
        all(
          namespace(team),
          `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: ${team}, namespace: ${team}}\nspec: {interval: 1m, url: 'https://git.mesh.test/${team}'}\n`,
          flux(team, './', '  serviceAccountName: flux\n', `kind: GitRepository, name: ${team}`, team),
        ),
      ],
    ]),
  ),
};

/** Istio in steps: versions by substitution, releases in flux-system that install into istio-system. */
const istio: Repository = {
  'clusters/prod/istio.yaml': all(
    configMap('istio-version', 'flux-system', '{istio_version: 1.30.3}'),
    flux(
      'istio-system',
      './gitops/istio/system',
      '  wait: true\n  postBuild: {substituteFrom: [{kind: ConfigMap, name: istio-version}]}\n',
    ),
    flux(
      'istio-gateway',
      './gitops/istio/gateway',
      '  dependsOn: [{name: istio-system}]\n  postBuild: {substituteFrom: [{kind: ConfigMap, name: istio-version}, {kind: ConfigMap, name: cluster-extras, optional: true}]}\n',
    ),
    flux('istio-config', './gitops/istio/config', '  dependsOn: [{name: istio-gateway}]\n'),
  ),
  'gitops/istio/system/istio.yaml': all(
    helmRepository('istio', 'flux-system', 'https://istio-release.storage.googleapis.com/charts'),
    ...[
      ['base', 'istio-base', ''],
      ['istiod', 'istiod', 'dependsOn: [{name: istio-base}], '],
      ['cni', 'istio-cni', 'dependsOn: [{name: istio-base}], '],
    ].map(([name = '', id = '', more]) =>
      release(
        id,
        'flux-system',
        `${chart(name, v('istio_version'), 'istio')}, ${more}targetNamespace: istio-system, releaseName: ${id}, install: {createNamespace: true}`,
      ),
    ),
  ),
  'gitops/istio/gateway/gateway.yaml': release(
    'istio-ingress',
    'flux-system',
    `${chart('gateway', v('istio_version'), 'istio')}, targetNamespace: istio-ingress, install: {createNamespace: true}`,
  ),
  'gitops/istio/config/telemetry.yaml':
    'apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: mesh-default, namespace: istio-system}\nspec: {accessLogging: [{providers: [{name: envoy}]}]}\n',
  'gitops/istio/config/dashboard.yaml': configMap('dashboard', 'istio-system', `{a.json: 'rate(x[$\{__rate_interval}])'}`),
};

/** CRDs as files of their own, twice the same folder for two namespaces, and objects that Flux must not touch. */
const others: Repository = {
  'clusters/prod/all.yaml': all(
    flux('crds', './crds', ''),
    flux('controllers', './controllers', '  dependsOn: [{name: crds}]\n'),
    flux('team-a', './teams/base', '  targetNamespace: team-a\n'),
    flux('team-b', './teams/base', '  targetNamespace: team-b\n'),
    flux('blue', './colours', '  postBuild: {substitute: {colour: blue}}\n'),
    flux(
      'green',
      './colours',
      '  postBuild: {substitute: {colour: green}}\n  healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: web, namespace: elsewhere}]\n',
    ),
  ),
  'crds/metallb.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ipaddresspools.metallb.io}\nspec: {group: metallb.io, scope: Namespaced, names: {kind: IPAddressPool, plural: ipaddresspools}, versions: [{name: v1beta1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}\n',
  'controllers/metallb.yaml': all(
    namespace('metallb-system'),
    helmRepository('metallb', 'metallb-system', 'https://metallb.github.io/metallb'),
    release('metallb', 'metallb-system', `${chart('metallb', '0.16.1', 'metallb')}, values: {crds: {enabled: false}}`),
    'apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: front, namespace: metallb-system}\nspec: {addresses: [10.0.0.1/32]}\n',
    'apiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata: {name: front, namespace: metallb-system}\nspec: {}\n',
  ),
  'teams/base/quota.yaml':
    'apiVersion: v1\nkind: LimitRange\nmetadata: {name: limits}\nspec: {limits: [{type: Container, default: {memory: 1Gi}}]}\n',
  'colours/web.yaml': all(
    configMap('web', 'web', `{colour: '$\{colour}', size: '$\{size:-small}'}`),
    // Written for Flux, which makes one dollar sign of two.
    configMap(
      'dollars',
      'web',
      `{a.yaml: '$$\{NAME} $$$$__interval', b.json: '$$__interval', c.sql: 'do $$$$ end $$$$', d.conf: '^/web$$'}`,
    ),
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: script, namespace: web, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}\ndata: {a.sh: 'echo $\{1} $\{HOME}'}\n`,
  ),
};

const repositories: readonly { readonly what: string; readonly files: Repository; readonly check?: string }[] = [
  { what: "the layout of Flux's examples, with two clusters", files: layout },
  { what: 'one cluster of it', files: layout, check: 'clusters/production' },
  { what: 'its infrastructure alone', files: layout, check: 'infrastructure' },
  { what: 'its applications without what overlays add', files: layout, check: 'apps/base' },
  { what: 'a home lab with a Kustomization per app', files: homeLab },
  { what: 'the apps of a home lab alone', files: homeLab, check: 'kubernetes/apps/media' },
  { what: 'tenants with sources of their own', files: tenants },
  { what: 'Istio in steps', files: istio },
  { what: 'CRDs apart, and folders used twice', files: others },
  { what: 'the good repository', files: goodRepository },
  { what: 'one file of it', files: goodRepository, check: 'clusters/prod/apps.yaml' },
  { what: 'one folder of it', files: goodRepository, check: 'mesh' },
];

describe('the rollout by Flux: repositories that are right draw nothing', () => {
  it.each(repositories)('$what', ({ files, check }) => {
    const told = findingsIn(files, check).filter(({ code }) => !TWO_CLUSTERS.has(code) || check !== undefined);
    expect(told.map(({ code, object, message }) => `${code} ${object}: ${message}`)).toEqual([]);
  });

  it('says nothing of what the input does not show', () => {
    const one = flux(
      'apps',
      './apps',
      '  dependsOn: [{name: infra}]\n  postBuild: {substitute: {a: b}}\n',
      'kind: Bucket, name: fleet',
    );
    const other = release(
      'web',
      'web',
      `${chart('web', '1.x', 'web')}, dependsOn: [{name: database, namespace: data}], valuesFrom: [{kind: Secret, name: web}]`,
    );
    expect(prove(worldOf(all(one, other)))).toEqual([]);
  });
});

// The same object in two folders is a warning, whatever it is.
const TWO_CLUSTERS = new Set(['OBJ001']);
