import { text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { ProofObject } from '../../types.ts';

// What makes a Secret, and where it says the Secret's name when that is not its own.
const MAKERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Secret', []],
  ['SealedSecret', []],
  ['ExternalSecret', ['spec', 'target', 'name']],
  ['Certificate', ['spec', 'secretName']],
]);

/** The Secrets of a namespace that the input holds or makes. */
export function secretNames(model: Model, namespace: string): string[] {
  const nameOf = ({ kind, json, name }: ProofObject) => text(json, ...(MAKERS.get(kind) ?? [])) ?? name;
  return [...MAKERS.keys()]
    .flatMap((kind) => model.kind(kind))
    .filter((object) => object.namespace === namespace)
    .map(nameOf);
}
