import type { Model } from './model/model.ts';
import type { Fault, Severity } from './types.ts';

/** One thing that can be wrong. A rule asks the model and reads no YAML. */
export interface Rule {
  /** Three letters and three digits; the families are told by docs/findings.md: `OBJ` for objects by themselves, `TRC` for the way of a trace, `FLX` for Flux ... */
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  /** All faults of this kind, in no particular order. */
  run(model: Model): readonly Fault[];
  /** For docs/findings.md. */
  readonly docs: {
    /** How it comes about and what it does to the mesh. */
    readonly cause: string;
    readonly fix: string;
    /** YAML that has the fault. */
    readonly example: string;
  };
}
