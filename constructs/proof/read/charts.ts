import { remember } from '../../kit/remember.ts';
import { at, items, text } from '../json-path.ts';
import type { Path, ProofObject } from '../types.ts';
import { type Config, type ConfigKind, fieldConfig } from './config.ts';
import { tempoConfig } from './tempo-chart.ts';

/** A release of a Helm chart by Flux. */
export interface ChartRelease {
  readonly object: ProofObject;
  /** Name of the chart, e.g. `istiod`; undefined when the input does not tell. */
  readonly chart: string | undefined;
  /** Version of the chart, or a range of them; undefined when the input does not tell. */
  readonly version: string | undefined;
  /** Name of the release: what charts name their objects after. */
  readonly release: string;
  readonly namespace: string;
  /** Values come from a place that is not in the input. */
  readonly partial: boolean;
}

/** Every HelmRelease (helm.toolkit.fluxcd.io), with the chart it installs. */
export const chartReleases: (objects: readonly ProofObject[]) => readonly ChartRelease[] = remember((objects) => {
  const releases = objects.filter((object) => object.kind === 'HelmRelease' && object.group === 'helm.toolkit.fluxcd.io');
  if (releases.length === 0) return [];
  const oci = new Map(
    objects.filter((object) => object.kind === 'OCIRepository').map((object) => [`${object.namespace}/${object.name}`, object]),
  );
  return releases.map((object) => {
    const { json } = object;
    const target = text(json, 'spec', 'targetNamespace');
    const source = oci.get(
      `${text(json, 'spec', 'chartRef', 'namespace') ?? object.namespace}/${text(json, 'spec', 'chartRef', 'name') ?? ''}`,
    );
    const named = text(json, 'spec', 'chart', 'spec', 'chart') ?? text(source?.json, 'spec', 'url');
    return {
      object,
      chart: named?.replace(/\/+$/, '').split('/').at(-1),
      version:
        text(json, 'spec', 'chart', 'spec', 'version') ??
        text(source?.json, 'spec', 'ref', 'tag') ??
        text(source?.json, 'spec', 'ref', 'semver'),
      release: text(json, 'spec', 'releaseName') ?? (target === undefined ? object.name : `${target}-${object.name}`),
      namespace: target ?? object.namespace,
      partial: items(json, 'spec', 'valuesFrom').length > 0 || at(json, 'spec', 'postRenderers') !== undefined,
    };
  });
});

// Where charts take a configuration as values, besides a mesh config.
const VALUES: ReadonlyMap<string, readonly (readonly [ConfigKind, Path])[]> = new Map([
  ['kiali-server', [['kiali', []]]],
  ['kiali-operator', [['kiali', ['cr', 'spec']]]],
  ['grafana', [['datasources', ['datasources', 'datasources.yaml']]]],
  ['kube-prometheus-stack', [['datasources', ['grafana', 'datasources', 'datasources.yaml']]]],
]);

/** Configurations given as chart values: of Kiali's, Grafana's and Tempo's charts, of the istiod chart, and of IstioOperator files that install a control plane. */
export function configsOfCharts(objects: readonly ProofObject[]): Config[] {
  const releases = chartReleases(objects);
  const istiod = releases.filter((release) => release.chart === 'istiod');
  const others = releases.flatMap(({ chart, object, partial }) =>
    (VALUES.get(chart ?? '') ?? []).flatMap(([kind, path]) => {
      const whole = ['spec', 'values', ...path];
      // Without a custom resource the operator's chart installs no Kiali.
      const off = chart === 'kiali-operator' && at(object.json, 'spec', 'values', 'cr', 'create') !== true;
      return off || at(object.json, ...whole) === undefined ? [] : [fieldConfig(kind, object, whole, { partial })];
    }),
  );
  const operators = objects.filter((object) => object.kind === 'IstioOperator' && object.group === 'install.istio.io');
  return [
    ...others,
    ...releases.flatMap((release) => tempoConfig(release) ?? []),
    ...istiod.map(({ object, partial }) => fieldConfig('mesh', object, ['spec', 'values', 'meshConfig'], { partial })),
    ...operators.flatMap(configsOfOperator),
  ];
}

const configsOfOperator = remember((object: ProofObject): readonly Config[] => {
  const paths = [
    ['spec', 'meshConfig'],
    ['spec', 'values', 'meshConfig'],
  ].filter((path) => at(object.json, ...path) !== undefined);
  const partial = at(object.json, 'spec', 'installPackagePath') !== undefined;
  if (paths.length > 0) return paths.map((path) => fieldConfig('mesh', object, path, { partial }));
  return installsControlPlane(object) ? [fieldConfig('mesh', object, ['spec', 'meshConfig'], { partial })] : [];
});

/** Whether an IstioOperator file installs istiod: all profiles but `empty` and `remote` do, unless the component is off. */
export function installsControlPlane(object: ProofObject): boolean {
  const enabled = at(object.json, 'spec', 'components', 'pilot', 'enabled');
  if (typeof enabled === 'boolean') return enabled;
  return !['empty', 'remote'].includes(text(object.json, 'spec', 'profile') ?? 'default');
}
