import { isObject, type JsonObject } from '../../kit/json.ts';
import { at } from '../json-path.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../types.ts';

/** What a configuration configures. */
export type ConfigKind = 'mesh' | 'collector' | 'jaeger' | 'tempo' | 'prometheus' | 'datasources' | 'kiali';

/** A configuration that lives in another object: a key of a ConfigMap, a field of a custom resource, values of a chart. */
export interface Config {
  readonly kind: ConfigKind;
  readonly value: JsonObject;
  readonly object: ProofObject;
  /** The key of the ConfigMap that holds it. */
  readonly key?: string;
  /** Nothing adds to it on the way to the program that reads it: a ConfigMap. Charts and operators fill in defaults of their own. */
  readonly verbatim: boolean;
  /** Parts of it come from a place that is not in the input (`valuesFrom`). */
  readonly partial: boolean;
  spot(path: Path): Spot;
}

/** A configuration that is a field of an object; an absent field is an empty configuration. */
export function fieldConfig(
  kind: ConfigKind,
  object: ProofObject,
  path: Path,
  how: { verbatim?: boolean; partial?: boolean } = {},
): Config {
  const value = at(object.json, ...path);
  return {
    kind,
    object,
    value: isObject(value) ? value : {},
    verbatim: how.verbatim ?? false,
    partial: how.partial ?? false,
    spot: (inner) => spotOf(object, [...path, ...inner]),
  };
}
