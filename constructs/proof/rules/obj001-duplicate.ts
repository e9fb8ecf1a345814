import { isDeepStrictEqual } from 'node:util';
import { groupBy } from '../group-by.ts';
import type { Rule } from '../rule.ts';
import { spotOf } from '../types.ts';

export const duplicate: Rule = {
  code: 'OBJ001',
  title: 'two objects have the same name',
  severity: 'error',
  run: (model) =>
    [...groupBy(model.objects, (object) => `${object.group}/${object.id}`).values()].flatMap((same) => {
      const [first, second] = same;
      if (!first || !second || first.name === '') return [];
      // In files that are applied one by one, saying the same thing twice does no harm; `kubectl apply -k` refuses it.
      const harmless = same.every((object) => object.origin.construct === null && isDeepStrictEqual(object.json, first.json));
      const where = same.map(({ origin }) => origin.construct ?? `${origin.file}:${origin.line(['metadata', 'name']) ?? '?'}`);
      return [
        {
          at: spotOf(second, ['metadata', 'name']),
          severity: harmless ? ('warning' as const) : ('error' as const),
          message: `${first.id} is stated ${same.length} times${harmless ? ', each time the same' : ''}: ${where.join(', ')}`,
          hint: 'rename one of them, or keep one',
        },
      ];
    }),
  docs: {
    cause:
      'Two objects of one API group and kind have the same name and namespace. The one applied last wins, and `kubectl apply -k` refuses both. The same object stated twice in plain files is only a warning.',
    fix: 'Rename one, or remove it.',
    example:
      'kind: Service\nmetadata: {name: tracing, namespace: istio-system}\n---\nkind: Service\nmetadata: {name: tracing, namespace: istio-system}',
  },
};
