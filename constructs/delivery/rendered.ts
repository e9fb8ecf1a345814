import type { HelmChart } from '../kit/helm/charts.ts';
import type { JsonObject } from '../kit/json.ts';
import type { Ledger } from './mirror/ledger.ts';

/** Name of the inventory inside a stack's folder. */
export const inventoryFile = 'inventory.json';

/** One cluster object, as plain data. */
export interface RenderedObject {
  /** The object itself. */
  readonly json: JsonObject;
  /** Path of the construct that made it, e.g. `jaeger/mesh/istio/telemetry`. */
  readonly path: string;
  /** Of a release: the chart that its construct was given. */
  readonly chart?: HelmChart;
}

/** One step of the rollout: the objects of one folder. */
export interface RenderedLayer {
  /** Name of its folder: lower case letters, digits, `-`, `.` and `_`; unique in the stack. */
  readonly name: string;
  /** Names of the layers of the same stack that must be applied before this one. */
  readonly after: readonly string[];
  /** In any order: they are sorted for applying when they are written. */
  readonly objects: readonly RenderedObject[];
  /** The base layer whose objects this one replaces: it gets a folder of its own and stays out of the stack's kustomization. */
  readonly variantOf?: string;
  /** What a GitOps tool is given to apply the other layers: it gets a folder of its own, is proven with the rest, and is no step of the rollout. */
  readonly delivers?: boolean;
}

/** A file that is no cluster object and that no kustomization lists, e.g. an `IstioOperator` for `istioctl install -f`. */
export interface RenderedFile {
  /** Path of the construct that made it, for the inventory. */
  readonly construct?: string;
  /** Path inside the stack's folder, `/` as separator, e.g. `istioctl/istio-operator.yaml`. */
  readonly path: string;
  /** What is in it. */
  readonly json: JsonObject;
}

/** A file for people to run, made from what the stack holds. */
export interface RenderedScript {
  /** Path inside the stack's folder, e.g. `smoke-test.sh`. */
  readonly path: string;
  readonly text: string;
}

/** A reference from one thing of the stack to another, e.g. a data source to its Service. */
export interface Edge {
  /** `Kind/namespace/name`. */
  readonly from: string;
  /** `Kind/namespace/name`. */
  readonly to: string;
  /** How: `sends to`, `routes to`, `reads`. */
  readonly what: string;
}

/** One deployable whole: everything under `<output>/<name>/`. */
export interface RenderedStack {
  /** Name of its folder: lower case letters, digits, `-`, `.` and `_`; unique in the output. */
  readonly name: string;
  readonly layers: readonly RenderedLayer[];
  readonly files: readonly RenderedFile[];
  readonly edges: readonly Edge[];
  /** Said in inventory.json, so that a later check holds it to the same rules. Default: a lab, which is not said. */
  readonly purpose?: 'production';
  /** The mesh config that an existing install is claimed to have; goes into inventory.json as it is. */
  readonly mesh?: JsonObject;
  /** Path of the construct that claims it. */
  readonly claimedBy?: string;
  /** The findings that its program accepts, for the inventory: a later check accepts them too. */
  readonly acknowledged?: readonly { readonly code: string; readonly reason: string; readonly path: string }[];
  /** What people run beside the manifests; nobody applies it. */
  readonly scripts?: readonly RenderedScript[];
  /** The site's registry that everything comes from, without scheme; undefined where public ones are reached. */
  readonly mirror?: string;
  /** What must be copied into the mirror; without one the inventory finds out by itself what the objects pull. */
  readonly ledger?: Ledger;
  /** Its layers must be waited for in between, so no kustomization of the whole is written. Default: false. */
  readonly needsWaiting?: boolean;
}
