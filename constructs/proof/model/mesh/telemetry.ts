import type { Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, items, strings, text } from '../../json-path.ts';
import { type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { ProviderRef, Signal } from './mesh-config.ts';

/** Which side of a request an entry is for: the proxy that sends it, the one that takes it, or both. */
export type Mode = 'CLIENT' | 'SERVER' | 'CLIENT_AND_SERVER';

/** A share of requests, in percent, and where it is written. */
export interface Share {
  readonly percent: number;
  readonly at: Spot;
}

/** One entry of a Telemetry's `tracing`. */
export interface TracingEntry {
  readonly mode: Mode;
  readonly providers: readonly ProviderRef[];
  readonly share: Share | undefined;
  /** `disableSpanReporting`; undefined when the wider scope decides. */
  readonly off: boolean | undefined;
  readonly at: Spot;
}

/** A CEL expression that proxies evaluate: the filter of an access log, or the value of a metric's tag. */
export interface Expression {
  readonly of: 'filter' | 'metric';
  readonly text: string;
  readonly at: Spot;
}

/** A Telemetry object: who reports what, and to which providers. */
export interface Telemetry {
  readonly object: ProofObject;
  /** It holds for its whole namespace (the whole mesh, in the root namespace): neither a selector nor a target. */
  readonly wide: boolean;
  /** The labels it selects workloads by; empty when it holds for all, or for a target. */
  readonly selector: ReadonlyMap<string, string>;
  /** The only revision of istiod that reads it; empty when all do. */
  readonly revision: string;
  /** It has at least one tracing entry, which takes the place of any legacy tracer. */
  readonly tracing: boolean;
  readonly entries: readonly TracingEntry[];
  /** Every provider it names. */
  readonly providers: readonly ProviderRef[];
  readonly expressions: readonly Expression[];
}

const NO_LABELS: ReadonlyMap<string, string> = new Map();
const SIGNALS: readonly Signal[] = ['tracing', 'metrics', 'accessLogging'];

/** Reads every Telemetry. */
export function telemetriesOf(objects: readonly ProofObject[]): Telemetry[] {
  return objects.filter((object) => object.kind === 'Telemetry' && object.group === 'telemetry.istio.io').map(telemetry);
}

const telemetry = remember((object: ProofObject): Telemetry => {
  const { json } = object;
  const providers = SIGNALS.flatMap((signal) =>
    items(json, 'spec', signal).flatMap((entry, i) => providersOf(object, entry, signal, i)),
  );
  const targeted = ['targetRefs', 'targetRef'].some((key) => at(json, 'spec', key) !== undefined);
  // Beside a target Istio passes over the selector, and takes one without labels for none.
  const selector = targeted ? NO_LABELS : strings(json, 'spec', 'selector', 'matchLabels');
  const wide = selector.size === 0 && !targeted;
  const entries = items(json, 'spec', 'tracing').map((entry, i) => tracingEntry(object, entry, i));
  const revision = text(json, 'metadata', 'labels', 'istio.io/rev') ?? '';
  const expressions = [...filters(object), ...tagValues(object)];
  return { object, wide, selector, revision, tracing: entries.length > 0, entries, providers, expressions };
});

function providersOf(object: ProofObject, entry: Json, signal: Signal, i: number): ProviderRef[] {
  return items(entry, 'providers').flatMap((ref, j): ProviderRef[] => {
    const name = text(ref, 'name');
    return name === undefined ? [] : [{ signal, name, at: spotOf(object, ['spec', signal, i, 'providers', j, 'name']) }];
  });
}

function tracingEntry(object: ProofObject, entry: Json, i: number): TracingEntry {
  const path = ['spec', 'tracing', i];
  const percent = at(entry, 'randomSamplingPercentage');
  const off = at(entry, 'disableSpanReporting');
  const mode = text(entry, 'match', 'mode');
  return {
    mode: mode === 'CLIENT' || mode === 'SERVER' ? mode : 'CLIENT_AND_SERVER',
    providers: providersOf(object, entry, 'tracing', i),
    share: typeof percent === 'number' ? { percent, at: spotOf(object, [...path, 'randomSamplingPercentage']) } : undefined,
    off: typeof off === 'boolean' ? off : undefined,
    at: spotOf(object, path),
  };
}

function filters(object: ProofObject): Expression[] {
  return items(object.json, 'spec', 'accessLogging').flatMap((entry, i): Expression[] => {
    const found = text(entry, 'filter', 'expression');
    const path = ['spec', 'accessLogging', i, 'filter', 'expression'];
    return found === undefined ? [] : [{ of: 'filter', text: found, at: spotOf(object, path) }];
  });
}

function tagValues(object: ProofObject): Expression[] {
  return items(object.json, 'spec', 'metrics').flatMap((metric, i) =>
    items(metric, 'overrides').flatMap((override, j) => {
      const tags = at(override, 'tagOverrides');
      return Object.keys(typeof tags === 'object' && tags !== null ? tags : {}).flatMap((tag): Expression[] => {
        const found = text(tags, tag, 'value');
        const path = ['spec', 'metrics', i, 'overrides', j, 'tagOverrides', tag, 'value'];
        return found === undefined ? [] : [{ of: 'metric', text: found, at: spotOf(object, path) }];
      });
    }),
  );
}
