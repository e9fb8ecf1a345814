import type { JsonObject } from '../kit/json.ts';
import type { FileTree } from './read/tree.ts';

/** How bad a finding is. Only `error` makes a synth fail and `check` exit 1. */
export type Severity = 'error' | 'warning' | 'info';

/** Keys and indexes from the top of an object down to one node, e.g. `['spec', 'hosts', 0]`. */
export type Path = readonly (string | number)[];

/** One fault, told once, at its cause. */
export interface Finding {
  /** Rule code, e.g. `REF001`; docs/findings.md explains each. */
  readonly code: string;
  readonly severity: Severity;
  /** `Kind/namespace/name`, or `Kind/name` for a cluster-scoped object. */
  readonly object: string;
  /** The file that holds the object, as it was given; null for a synth. */
  readonly file: string | null;
  /** Line of the offending node in `file`, counted from 1. */
  readonly line?: number;
  /** Construct path, e.g. `jaeger/apps/bookinfo`; null when unknown. */
  readonly path: string | null;
  /** What is wrong, with the field and the offending value. */
  readonly message: string;
  /** What to do about it, with the nearest known name; empty where the message says all there is. */
  readonly hint: string;
}

/** Where an object was written down. */
export interface Origin {
  readonly file: string | null;
  readonly construct: string | null;
  /** Folder in the output that an object of a synth will lie in: `<stack>/<layer>`. */
  readonly folder?: string;
  /**
   * Line of a node of the object, counted from 1; with `inner`, of that line of the text it holds (a configuration in a ConfigMap).
   * Undefined when there is no file. May parse the file again, so ask late.
   */
  line(path: Path, inner?: number): number | undefined;
}

/** One Kubernetes object (or IstioOperator file) with its identity and its origin. */
export interface ProofObject {
  readonly json: JsonObject;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  /** Empty for a cluster-scoped object; `default` when the object states none. */
  readonly namespace: string;
  /** `Kind/namespace/name` or `Kind/name`; an object without a name is `(unnamed)`. */
  readonly id: string;
  readonly origin: Origin;
}

/** A finding that a person has looked at and accepts. With neither `object` nor `path` it holds for every finding of the code. */
export interface Acknowledged {
  readonly code: string;
  /** Why it is fine here. Never empty. */
  readonly reason: string;
  /** The object it is accepted for: `Kind/namespace/name`, as the finding says it. */
  readonly object?: string;
  /** The construct under which it is accepted. */
  readonly path?: string;
}

/** What is proven as one: a stack, or all files of one call that belong to no stack. */
export interface World {
  /** For people: the folder or stack, with its variant. */
  readonly name: string;
  /** The variant that lies on top of the stack; undefined for a stack as it is. */
  readonly variant?: string;
  readonly objects: readonly ProofObject[];
  /** What it is for, where that was said: a lab may do what production may not. */
  readonly purpose?: 'lab' | 'production';
  /** The mesh config that an already installed Istio is said to have (inventory.json, `mesh`), as a stand-in object. */
  readonly claim?: ProofObject;
  /** Names of ConfigMaps that a kustomization generates. */
  readonly generated: readonly string[];
  /** Namespaces that a kustomization fills with objects from elsewhere: a base, a URL, a subfolder. */
  readonly filled: readonly string[];
  /** The files that hold it; undefined for a synth. */
  readonly tree?: FileTree;
  /** The layers in the order of the rollout, as inventory.json lists them; undefined without one. */
  readonly layers?: readonly WorldLayer[];
  /** What the inventory accepts. The same list for a stack and all its variants: whoever proves them applies it to all their findings together. */
  readonly acknowledged: readonly Acknowledged[];
  /** What was passed over and why, one sentence each. */
  readonly notes: readonly string[];
}

/** One layer of a stack: a folder of it. */
export interface WorldLayer {
  readonly name: string;
  /** The layer that it is a variant of; undefined for a step of the rollout. */
  readonly variantOf?: string;
}

/** One node that a rule can point at. */
export interface Spot {
  readonly object: ProofObject;
  /** The node's place in words, e.g. `spec.http[0].route[0].destination.host`. */
  readonly field: string;
  line(): number | undefined;
}

/** What a rule has to say about one spot. */
export interface Fault {
  readonly at: Spot;
  readonly message: string;
  readonly hint: string;
  /** Stands in for the rule's own severity. */
  readonly severity?: Severity;
  /** What is really missing, e.g. `service bookinfo/reviews`: faults of one cause are told once. */
  readonly cause?: string;
}

/** Writes a path as people read it: `spec.http[0].route`. */
export function fieldName(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}

/** The spot of one node of an object. */
export function spotOf(object: ProofObject, path: Path): Spot {
  return {
    object,
    // Asked for only by the few spots that end up in a finding.
    get field() {
      return fieldName(path);
    },
    line: () => object.origin.line(path),
  };
}
