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
  /** Whether the chart brings them, by its values. */
  readonly brought?: (release: ChartRelease) => boolean;
}

const value = ({ object }: ChartRelease, ...path: string[]) => at(object.json, 'spec', 'values', ...path);
const unlessOff =
  (...path: string[]) =>
  (release: ChartRelease) =>
    value(release, ...path) !== false;

const PROMETHEUS = ['monitoring.coreos.com'];
const ISTIO = ['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io'];

// What each chart installs by its defaults, and the values that keep it from doing so (the charts' values, August 2026).
const CHARTS: ReadonlyMap<string, ChartCrds> = new Map<string, ChartCrds>([
  ['base', { groups: ISTIO, brought: unlessOff('base', 'enableIstioConfigCRDs') }],
  [
    'cert-manager',
    {
      groups: ['cert-manager.io', 'acme.cert-manager.io'],
      brought: (release) => value(release, 'crds', 'enabled') === true || value(release, 'installCRDs') === true,
    },
  ],
  ['metallb', { groups: ['metallb.io'], brought: unlessOff('crds', 'enabled') }],
  ['kube-prometheus-stack', { groups: PROMETHEUS, brought: unlessOff('crds', 'enabled') }],
  ['prometheus-operator-crds', { groups: PROMETHEUS }],
  ['opentelemetry-operator', { groups: ['opentelemetry.io'], brought: unlessOff('crds', 'create') }],
  ['kiali-operator', { groups: ['kiali.io'] }],
  ['sail-operator', { groups: ['sailoperator.io', ...ISTIO] }],
  ['traefik', { groups: ['traefik.io'] }],
  ['traefik-crds', { groups: ['traefik.io'] }],
  ['external-secrets', { groups: ['external-secrets.io', 'generators.external-secrets.io'], brought: unlessOff('installCRDs') }],
  ['grafana-operator', { groups: ['grafana.integreatly.org'] }],
  ['tempo-operator', { groups: ['tempo.grafana.com'] }],
  ['keda', { groups: ['keda.sh'], brought: unlessOff('crds', 'install') }],
  ['kyverno', { groups: ['kyverno.io'], brought: unlessOff('crds', 'install') }],
  ['cloudnative-pg', { groups: ['postgresql.cnpg.io'], brought: unlessOff('crds', 'create') }],
  ['trust-manager', { groups: ['trust.cert-manager.io'], brought: unlessOff('crds', 'enabled') }],
]);

/** The CRDs of an input and the releases of charts that bring some. */
export function crdProviders(objects: readonly ProofObject[]): CrdProvider[] {
  const crds = objects.flatMap((object): CrdProvider[] => {
    const group = object.kind === 'CustomResourceDefinition' ? text(object.json, 'spec', 'group') : undefined;
    return group === undefined ? [] : [{ object, groups: [group], is: 'crd' }];
  });
  const releases = chartReleases(objects).flatMap((release): CrdProvider[] => {
    const known = CHARTS.get(release.chart ?? '');
    const skipped = text(release.object.json, 'spec', 'install', 'crds') === 'Skip';
    if (!known || skipped || known.brought?.(release) === false) return [];
    return [{ object: release.object, groups: known.groups, is: 'release' }];
  });
  return [...crds, ...releases];
}
