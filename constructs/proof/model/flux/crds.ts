import { at, text } from '../../json-path.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import type { ProofObject } from '../../types.ts';

/** An object after which a cluster knows the kinds of some API groups. */
export interface CrdProvider {
  readonly object: ProofObject;
  readonly groups: readonly string[];
  /** A CRD itself, which Flux applies before all else of its step; a release brings them when Helm runs, after the step. */
  readonly is: 'crd' | 'release';
}

interface ChartCrds {
  readonly groups: readonly string[];
  /** The value that switches them on or off, and the chart's own. They cannot be switched off, where it is left out. */
  readonly value?: readonly string[];
  readonly usually?: 'off';
  /** An older name of the value. */
  readonly formerly?: string;
}

const PROMETHEUS = ['monitoring.coreos.com'];
const ISTIO = ['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io'];

// What each chart installs by its defaults, and the values that keep it from doing so (the charts' values, August 2026).
const CHARTS: ReadonlyMap<string, ChartCrds> = new Map<string, ChartCrds>([
  ['base', { groups: ISTIO, value: ['base', 'enableIstioConfigCRDs'] }],
  [
    'cert-manager',
    {
      groups: ['cert-manager.io', 'acme.cert-manager.io'],
      ...{ value: ['crds', 'enabled'], usually: 'off', formerly: 'installCRDs' },
    },
  ],
  ['metallb', { groups: ['metallb.io'], value: ['crds', 'enabled'] }],
  ['kube-prometheus-stack', { groups: PROMETHEUS, value: ['crds', 'enabled'] }],
  ['prometheus-operator-crds', { groups: PROMETHEUS }],
  ['opentelemetry-operator', { groups: ['opentelemetry.io'], value: ['crds', 'create'] }],
  ['kiali-operator', { groups: ['kiali.io'] }],
  ['sail-operator', { groups: ['sailoperator.io', ...ISTIO] }],
  ['traefik', { groups: ['traefik.io'] }],
  ['traefik-crds', { groups: ['traefik.io'] }],
  ['external-secrets', { groups: ['external-secrets.io', 'generators.external-secrets.io'], value: ['installCRDs'] }],
  ['grafana-operator', { groups: ['grafana.integreatly.org'] }],
  ['tempo-operator', { groups: ['tempo.grafana.com'] }],
  ['keda', { groups: ['keda.sh'], value: ['crds', 'install'] }],
  ['kyverno', { groups: ['kyverno.io'], value: ['crds', 'install'] }],
  ['cloudnative-pg', { groups: ['postgresql.cnpg.io'], value: ['crds', 'create'] }],
  ['trust-manager', { groups: ['trust.cert-manager.io'], value: ['crds', 'enabled'] }],
]);

/** Whether a release brings its chart's CRDs, by its values. */
function brings({ value, usually, formerly }: ChartCrds, { object }: ChartRelease): boolean {
  if (value === undefined) return true;
  const said = [value, ...(formerly === undefined ? [] : [[formerly]])].map((path) => at(object.json, 'spec', 'values', ...path));
  return usually === 'off' ? said.includes(true) : !said.includes(false);
}

/** A release of a chart that brings CRDs unless it is told not to, and is told so. */
export interface CrdsLeftOut {
  readonly release: ChartRelease;
  readonly groups: readonly string[];
  /** The value that says so, or that would bring them. */
  readonly value: readonly string[];
}

/** The releases whose values keep CRDs from being installed. */
export function releasesWithoutCrds(objects: readonly ProofObject[]): CrdsLeftOut[] {
  return chartReleases(objects).flatMap((release): CrdsLeftOut[] => {
    const known = CHARTS.get(release.chart ?? '');
    return known?.value === undefined || brings(known, release) ? [] : [{ release, groups: known.groups, value: known.value }];
  });
}

/** The CRDs of an input and the releases of charts that bring some. */
export function crdProviders(objects: readonly ProofObject[]): CrdProvider[] {
  const crds = objects.flatMap((object): CrdProvider[] => {
    const group = object.kind === 'CustomResourceDefinition' ? text(object.json, 'spec', 'group') : undefined;
    return group === undefined ? [] : [{ object, groups: [group], is: 'crd' }];
  });
  const releases = chartReleases(objects).flatMap((release): CrdProvider[] => {
    const known = CHARTS.get(release.chart ?? '');
    const skipped = text(release.object.json, 'spec', 'install', 'crds') === 'Skip';
    if (!known || skipped || !brings(known, release)) return [];
    return [{ object: release.object, groups: known.groups, is: 'release' }];
  });
  return [...crds, ...releases];
}
