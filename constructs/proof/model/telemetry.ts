import { at, items, text } from '../json-path.ts';
import { type ProofObject, spotOf } from '../types.ts';
import type { ProviderRef, Signal } from './mesh-config.ts';

/** A Telemetry object: who reports what, and to which providers. */
export interface Telemetry {
  readonly object: ProofObject;
  /** It holds for its whole namespace (the whole mesh, in the root namespace): neither a selector nor a target. */
  readonly wide: boolean;
  /** It has at least one tracing entry, which takes the place of any legacy tracer. */
  readonly tracing: boolean;
  /** Every provider it names. */
  readonly providers: readonly ProviderRef[];
}

const SIGNALS: readonly Signal[] = ['tracing', 'metrics', 'accessLogging'];

/** Reads every Telemetry. */
export function telemetriesOf(objects: readonly ProofObject[]): Telemetry[] {
  return objects
    .filter((object) => object.kind === 'Telemetry' && object.group === 'telemetry.istio.io')
    .map((object) => {
      const { json } = object;
      const providers = SIGNALS.flatMap((signal) =>
        items(json, 'spec', signal).flatMap((entry, i) =>
          items(entry, 'providers').flatMap((ref, j): ProviderRef[] => {
            const name = text(ref, 'name');
            return name === undefined ? [] : [{ signal, name, at: spotOf(object, ['spec', signal, i, 'providers', j, 'name']) }];
          }),
        ),
      );
      const wide = ['selector', 'targetRefs', 'targetRef'].every((key) => at(json, 'spec', key) === undefined);
      return { object, wide, tracing: items(json, 'spec', 'tracing').length > 0, providers };
    });
}
