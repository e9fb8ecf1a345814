import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { groupBy } from '../../group-by.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { APART, apartCause, liveApart } from '../apart.ts';
import { isPlaceholder } from './schema.ts';

export const duplicate: Rule = {
  code: 'OBJ001',
  title: 'two objects have the same name',
  severity: 'error',
  run: (model) =>
    [...groupBy(model.objects, (object) => `${object.group}/${object.id}`).values()].flatMap((same) =>
      same.length > 1 && same[0]?.name !== '' && !isFilledApart(same) ? [clash(same)] : [],
    ),
  docs: {
    cause:
      'Two objects of one API group and kind have the same name and namespace. The one applied last wins, and `kubectl apply -k` refuses both. The same object stated twice in plain files is only a warning, and so are two in different folders, which may be two environments: check each by itself.',
    fix: 'Rename one, or remove it.',
    example:
      'kind: Service\nmetadata: {name: tracing, namespace: istio-system}\n---\nkind: Service\nmetadata: {name: tracing, namespace: istio-system}',
  },
};

/** Whether they have a name that each folder gets filled in differently: parts of kustomizations (`${APP}-config`, Namespace `_`). */
function isFilledApart(same: readonly ProofObject[]): boolean {
  const folders = new Set(same.map(({ origin }) => (origin.file === null ? '' : dirname(origin.file))));
  return isPlaceholder(same[0]?.name) && folders.size === same.length;
}

function clash(same: readonly ProofObject[]): Fault {
  const [first, second = first] = same;
  if (!first || !second) throw new Error('a clash is of two objects');
  const where = same.map(({ origin }) => origin.construct ?? `${origin.file}:${origin.line(['metadata', 'name']) ?? '?'}`);
  const fault = (how: string, hint: string, more: Partial<Fault> = {}): Fault => ({
    at: spotOf(second, ['metadata', 'name']),
    message: `${first.id} is stated ${same.length} times${how}: ${where.join(', ')}`,
    hint,
    ...more,
  });
  const [one, other] = [first.origin.construct, second.origin.construct];
  if (one !== null && other !== null) {
    const hint = first.namespace === '' ? RENAME : 'put one of them into a layer of another namespace, or keep one';
    return fault('', hint, { cause: `clash of ${partingOf(one, other).join(' and ')}` });
  }
  const plain = same.every((object) => object.origin.construct === null);
  // In files that are applied one by one, saying the same thing twice does no harm; `kubectl apply -k` refuses it.
  if (plain && same.every((object) => isDeepStrictEqual(object.json, first.json))) {
    const apart = same.every((a, i) => same.slice(i + 1).every((b) => liveApart(a, b)));
    return fault(', each time the same', apart ? APART : RENAME, {
      severity: 'warning',
      ...(apart ? { cause: apartCause(same) } : {}),
    });
  }
  const apart = same.every((a, i) => same.slice(i + 1).every((b) => liveApart(a, b) || isDeepStrictEqual(a.json, b.json)));
  if (!apart) return fault('', RENAME);
  return fault(' in different folders', APART, { severity: 'warning', cause: apartCause(same) });
}

const RENAME = 'rename one of them, or keep one';

/** The two constructs, side by side, under which two paths part: all that two of a kind clash in is one fault. */
function partingOf(a: string, b: string): [string, string] {
  const [one, other] = [a.split('/'), b.split('/')];
  const depth = one.findIndex((step, i) => step !== other[i]);
  const end = depth < 0 ? one.length : depth + 1;
  return [one.slice(0, end).join('/'), other.slice(0, end).join('/')];
}
