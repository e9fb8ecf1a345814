import type { ChartImages } from './chart-images.ts';

/** Where a chart is fetched from. */
export type ChartSource =
  | {
      /** URL of a chart repository with an index: 'https://kiali.org/helm-charts'. */
      readonly repository: string;
      /** Names its HelmRepository. A DNS label. */
      readonly name: string;
      readonly oci?: never;
    }
  | {
      /** The chart in an OCI registry, its own name included: 'oci://quay.io/jetstack/charts/cert-manager'. */
      readonly oci: string;
      readonly repository?: never;
      readonly name?: never;
    };

/** A Helm chart, pinned. */
export interface HelmChart {
  /** The chart's name. */
  readonly chart: string;
  /** Semantic version, with a leading `v` where the project writes one. Never a range. */
  readonly version: string;
  /** Where Flux fetches it. */
  readonly source: ChartSource;
  /** What it pulls and which of its values say so: asked for where a mirror stands in for all registries. @default the catalog's table */
  readonly images?: ChartImages;
}

const istio = { repository: 'https://istio-release.storage.googleapis.com/charts', name: 'istio' };

/**
 * The catalog of charts. Data only; a construct's `version` replaces one.
 *
 * Sources: each project's releases up to August 2026. Istio's charts have the version of Istio (istio 1.30.3, as the imported CRDs).
 */
export const charts = {
  base: { chart: 'base', version: '1.30.3', source: istio },
  istiod: { chart: 'istiod', version: '1.30.3', source: istio },
  cni: { chart: 'cni', version: '1.30.3', source: istio },
  ztunnel: { chart: 'ztunnel', version: '1.30.3', source: istio },
  gateway: { chart: 'gateway', version: '1.30.3', source: istio },
  'sail-operator': {
    chart: 'sail-operator',
    version: '1.30.3',
    source: { repository: 'https://istio-ecosystem.github.io/sail-operator', name: 'sail-operator' },
  },
  'kiali-operator': {
    chart: 'kiali-operator',
    version: '2.29.0',
    source: { repository: 'https://kiali.org/helm-charts', name: 'kiali' },
  },
  'opentelemetry-operator': {
    chart: 'opentelemetry-operator',
    version: '0.122.0',
    source: { repository: 'https://open-telemetry.github.io/opentelemetry-helm-charts', name: 'open-telemetry' },
  },
  'kube-prometheus-stack': {
    chart: 'kube-prometheus-stack',
    version: '88.5.3',
    source: { oci: 'oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack' },
  },
  tempo: {
    chart: 'tempo',
    version: '2.2.4',
    source: { oci: 'oci://ghcr.io/grafana-community/helm-charts/tempo' },
  },
  loki: {
    chart: 'loki',
    version: '18.11.0',
    source: { oci: 'oci://ghcr.io/grafana-community/helm-charts/loki' },
  },
  metallb: {
    chart: 'metallb',
    version: '0.16.1',
    source: { repository: 'https://metallb.github.io/metallb', name: 'metallb' },
  },
  'cert-manager': {
    chart: 'cert-manager',
    version: 'v1.21.1',
    source: { oci: 'oci://quay.io/jetstack/charts/cert-manager' },
  },
  'ingress-nginx': {
    chart: 'ingress-nginx',
    version: '4.15.1',
    source: { repository: 'https://kubernetes.github.io/ingress-nginx', name: 'ingress-nginx' },
  },
  traefik: {
    chart: 'traefik',
    version: '37.3.0',
    source: { repository: 'https://traefik.github.io/charts', name: 'traefik' },
  },
} as const satisfies Readonly<Record<string, HelmChart>>;

/** A chart of the catalog. */
export type ChartName = keyof typeof charts;
