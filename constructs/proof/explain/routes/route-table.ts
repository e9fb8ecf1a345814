import { byCodeUnit, type Json, type JsonObject } from '../../../kit/json.ts';
import type { ProofObject } from '../../types.ts';

/** One rule, in the form of a VirtualService's `http` entry, with host names in full. */
export interface HttpRule {
  readonly spec: JsonObject;
  /** Who wrote it. */
  readonly object: ProofObject;
  /** Its name, else its place: `http[0]`, `rules[1]`. */
  readonly name: string;
  /** For a rule of a delegate: what it says of where it comes from. */
  readonly via?: string;
  /** What is wrong with it, for people. */
  readonly faults?: readonly string[];
}

/**
 * What istiod makes of a VirtualService, of routes of the Gateway API with a parent and host in common, or of Ingress rules for one host:
 * rules in order, for hosts, at gateways. All three are VirtualServices to it (Istio 1.30).
 */
export interface RouteTable {
  /** The object that names it, and whose age it has. */
  readonly object: ProofObject;
  /** Its name for istiod, which orders tables of one age by it. */
  readonly name: string;
  readonly namespace: string;
  readonly age: string;
  /** Whose rules of matching hold. */
  readonly semantics: 'istio' | 'gateway-api' | 'ingress';
  /** In full; never empty. */
  readonly hosts: readonly string[];
  /** `mesh`, or `NAMESPACE/NAME`. */
  readonly gateways: readonly string[];
  /** The namespaces that may see it; undefined for all. */
  readonly exportTo: readonly string[] | undefined;
  /** Read when asked for. */
  http(): readonly HttpRule[];
  tls(): readonly Json[];
  tcp(): readonly Json[];
}

/** The order in which istiod goes through tables. */
export function byTableAge(a: RouteTable, b: RouteTable): number {
  return byCodeUnit(a.age, b.age) || byCodeUnit(a.name, b.name) || byCodeUnit(a.namespace, b.namespace);
}
