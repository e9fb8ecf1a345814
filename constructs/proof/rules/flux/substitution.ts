import { isObject, type Json } from '../../../kit/json.ts';
import { fields, items, text } from '../../json-path.ts';
import { isPatched } from '../../model/flux/patched.ts';
import type { Model } from '../../model/model.ts';
import type { Path, ProofObject } from '../../types.ts';

/** What Flux puts into the objects of a Kustomization after it has built them. */
export interface Substitution {
  readonly names: ReadonlySet<string>;
  /** All names are known: nothing comes from a ConfigMap or Secret that is not in the input. */
  readonly whole: boolean;
}

/** The variables of a Flux Kustomization; undefined where Flux substitutes nothing, for it does so only when it is given some. */
export function substitutionOf(model: Model, kustomization: ProofObject): Substitution | undefined {
  const { json } = kustomization;
  const names = new Set(Object.keys(fields(json, 'spec', 'postBuild', 'substitute')));
  const sources = items(json, 'spec', 'postBuild', 'substituteFrom');
  // A Kustomization above may add variables to all below it.
  let whole = !isPatched(model, kustomization);
  for (const source of sources) {
    const [kind, name] = [text(source, 'kind'), text(source, 'name')];
    const found = model
      .kind(kind ?? '')
      .filter((object) => object.group === '' && object.name === name && object.namespace === kustomization.namespace);
    const keys = found.flatMap((object) => ['data', 'stringData'].flatMap((part) => Object.keys(fields(object.json, part))));
    for (const key of keys) names.add(key);
    // One per cluster, as some repositories have it, or one that somebody changes on the way: each may hold other keys.
    if (found.length !== 1) whole = false;
  }
  const always = text(json, 'spec', 'postBuild', 'substituteStrategy') === 'Always';
  return names.size === 0 && sources.length === 0 && !always ? undefined : { names, whole };
}

/** A `${...}` in a string of an object. */
export interface Variable {
  readonly path: Path;
  /** As written, with the braces. */
  readonly text: string;
  /** Undefined where it is none that Flux can read: `${INTERVAL / 1000}`. */
  readonly name: string | undefined;
  readonly hasDefault: boolean;
}

/** The variables in the strings of an object that Flux would replace: `$${...}` is its escape. */
export function variablesIn(object: ProofObject): Variable[] {
  return matchesIn(object, '${', VARIABLE).map(({ path, text, inner = '' }) => {
    const name = /^[A-Za-z_]\w*/.exec(inner)?.[0];
    const rest = name === undefined ? '' : inner.slice(name.length);
    return { path, text, name: rest === '' || OPERATOR.test(rest) ? name : undefined, hasDefault: /^:?[-=]/.test(rest) };
  });
}

/**
 * The `$$` in the strings of an object that are meant for somebody else, Grafana or PostgreSQL: Flux makes `$` of them (fluxcd/pkg/envsubst).
 * Of others, as at the end of a regex or in the JSON of a dashboard, nobody knows whether they are there for Flux.
 */
export function doubledIn(object: ProofObject): readonly { readonly path: Path; readonly text: string }[] {
  return matchesIn(object, '$$', DOUBLED).filter(({ path }) => !/(^|\.)json$/.test(String(path.at(-1))));
}

/** What a pattern finds in the strings of an object, unless its author has switched the substitution off there. */
function matchesIn(object: ProofObject, part: string, pattern: RegExp) {
  const off = 'kustomize.toolkit.fluxcd.io/substitute';
  const marks = ['annotations', 'labels'].map((where) => fields(object.json, 'metadata', where)[off]);
  if (marks.includes('disabled')) return [];
  const found: { readonly path: Path; readonly text: string; readonly inner: string | undefined }[] = [];
  const walk = (node: Json, path: Path) => {
    if (typeof node === 'string') {
      if (!node.includes(part)) return;
      for (const [text, inner] of node.matchAll(pattern)) found.push({ path, text, inner });
    } else if (Array.isArray(node)) for (const [i, one] of node.entries()) walk(one, [...path, i]);
    else if (isObject(node)) for (const [key, value] of Object.entries(node)) walk(value, [...path, key]);
  };
  walk(object.json, []);
  return found;
}

const VARIABLE = /(?<!\$)\$\{([^{}\n]*)\}/g;
// What may follow a name (drone/envsubst).
const OPERATOR = /^(:?[-=+?]|:|#|%|\/|,|\^|@)/;
// Grafana's variables, escaped in a provisioning file, and the quotes of a function's body in SQL.
const DOUBLED = /(?<!\$)\$\$__\w+|(?<=\b(?:as|do)\s+)\$\$(?!\$)/gi;
