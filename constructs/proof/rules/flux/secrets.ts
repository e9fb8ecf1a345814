import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';

// What makes a Secret, and where it says the Secret's name when that is not its own.
const MAKERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Secret', []],
  ['SealedSecret', []],
  ['ExternalSecret', ['spec', 'target', 'name']],
  ['Certificate', ['spec', 'secretName']],
]);

/** The Secrets of a namespace that the input holds or makes. */
export function secretNames(model: Model, namespace: string): readonly string[] {
  return secretsOf(model).get(namespace) ?? [];
}

const secretsOf = remember((model: Model): ReadonlyMap<string, readonly string[]> => {
  const makers = [...MAKERS].flatMap(([kind, path]) => model.kind(kind).map((object) => ({ object, path })));
  const byNamespace = groupBy(makers, ({ object }) => object.namespace);
  const nameOf = ({ object, path }: (typeof makers)[number]) => text(object.json, ...path) ?? object.name;
  return new Map([...byNamespace].map(([namespace, all]) => [namespace, all.map(nameOf)]));
});
