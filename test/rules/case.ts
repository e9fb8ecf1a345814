import type { AlertOptions } from '../../constructs/index.ts';
import type { Watched } from '../../constructs/kit/index.ts';

/** What an alert is expected to do with some series: one test of `promtool test rules`. */
export interface RuleCase {
  readonly alert: string;
  /** What the series show. */
  readonly when: string;
  /** Series and a value for each minute, in promtool's notation: `0+60x120`. */
  readonly series: Readonly<Record<string, string>>;
  /** When is looked. */
  readonly at: string;
  /** What fires then; nothing when empty. */
  readonly fires: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly summary: string;
    readonly description: string;
  }[];
}

const inMesh = 'bookinfo.svc.cluster.local';
export const reviews = `reviews.${inMesh}`;
/** Promises less than the others. */
export const ratings = `ratings.${inMesh}`;
/** Promises no latency. */
export const stream = `stream.${inMesh}`;

/** One of everything, in an ambient mesh that is strict and traces every request. */
export const watched: readonly Watched[] = [
  { is: 'mesh', namespace: 'istio-system', dataplane: 'ambient', traced: true, samplingPercent: 100, mtls: 'strict' },
  ...(['collector', 'jaeger', 'tempo', 'zipkin', 'loki'] as const).map((is) => ({ is, namespace: 'observability', name: is })),
  { is: 'skywalking', namespace: 'observability', name: 'skywalking-oap' },
];

export const options: AlertOptions = {
  slos: [
    { of: { host: ratings }, success: 99.5, faster: { share: 95, thanMs: 250 } },
    { of: { host: stream }, faster: 'unpromised' },
  ],
};

/** A series' name with its labels. */
export function named(name: string, labels: Readonly<Record<string, string>>): string {
  return `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(', ')}}`;
}

/** The labels of a pod's own metrics. */
export function pod(name: string, namespace = 'observability'): { readonly namespace: string; readonly pod: string } {
  return { namespace, pod: name };
}
