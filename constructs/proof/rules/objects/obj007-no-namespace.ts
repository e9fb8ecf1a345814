import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { text } from '../../json-path.ts';
import { isNamespaced } from '../../read/scope.ts';
import type { Rule } from '../../rule.ts';
import { type ProofObject, spotOf } from '../../types.ts';
import { hasSchema } from './schema.ts';

const belongsInNamespace = remember(
  ({ json, group, kind }: ProofObject) => isNamespaced(group, kind) && hasSchema(json.apiVersion, kind),
);

export const noNamespace: Rule = {
  code: 'OBJ007',
  title: 'an object without a namespace among objects that state theirs',
  severity: 'warning',
  run: (model) => {
    const namespaced = model.objects.filter(belongsInNamespace);
    return [...groupBy(namespaced, (object) => object.origin.file ?? '').values()].flatMap((together) => {
      const silent = together.filter(
        (object) => text(object.json, 'metadata', 'namespace') === undefined && object.namespace === 'default',
      );
      // A file in which most state none is meant for `kubectl apply -n`.
      if (silent.length * 2 >= together.length) return [];
      return silent.map((object) => ({
        at: spotOf(object, ['metadata']),
        message: `${object.id} states no namespace, though others beside it do: it lands in whatever namespace kubectl is set to`,
        hint: 'state metadata.namespace',
      }));
    });
  },
  docs: {
    cause:
      'Most objects of the file or stack state their namespace and this one does not. Where it lands depends on who applies it.',
    fix: 'State the namespace.',
    example: 'kind: VirtualService\nmetadata: {name: reviews}   # its neighbours say namespace: bookinfo',
  },
};
