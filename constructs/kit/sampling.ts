import type { Layer } from './layer.ts';

/** The share of requests that start a trace, 0 to 100; `off` reports no spans at all, not even for a trace that somebody else began. */
export type HeadSampling = 'off' | number;

/** Which finished traces a collector keeps; a trace is kept when one policy keeps it (contrib 0.159, tail_sampling). */
export type TailPolicy =
  | { /** Traces with an error. */ readonly keep: 'errors' }
  | { readonly keep: 'slower-than'; readonly milliseconds: number }
  | { readonly keep: 'share' /** 0 to 100. */; readonly percent: number }
  | { readonly keep: 'spans-per-second'; readonly limit: number }
  | { readonly keep: 'attribute'; readonly key: string; readonly values: readonly string[] }
  | { readonly keep: 'all' };

/**
 * Which traces a mesh has, said once: handed to the Mesh (the head: what the proxies begin) and to the Collector (the tail: what is kept
 * of it). Istio reads mesh, then namespace, then workload; the narrower one wins (Istio 1.30, Telemetry API).
 */
export interface Sampling {
  /** Mesh-wide. */
  readonly head: HeadSampling;
  /** Narrower than the mesh. @default none */
  readonly namespaces?: readonly { readonly layer: Layer; readonly head: HeadSampling }[];
  /** Narrower than the namespace: anything with a selector, such as a Workload. @default none */
  readonly workloads?: readonly {
    readonly workload: { readonly name: string; readonly namespace: string; readonly selector: Readonly<Record<string, string>> };
    readonly head: HeadSampling;
  }[];
  /** What the collector keeps of what the head lets through. @default everything */
  readonly tail?: readonly [TailPolicy, ...TailPolicy[]];
}
