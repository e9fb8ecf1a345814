import { isObject, type Json } from '../../../kit/json.ts';
import { nearest } from '../../../kit/nearest.ts';
import { at } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Path, spotOf } from '../../types.ts';
import { namesLike } from '../flux/missing.ts';
import { secretNames } from '../flux/secrets.ts';

export const existingSecret: Rule = {
  code: 'HLM007',
  title: 'a chart value names a Secret that is nearly right',
  severity: 'warning',
  run: (model) =>
    chartReleases(model.objects).flatMap(({ object, namespace, chart }) => {
      const known = secretNames(model, namespace);
      if (known.length === 0) return [];
      return named(at(object.json, 'spec', 'values') ?? null, []).flatMap(({ path, name }) => {
        const near = known.includes(name) ? undefined : nearest(name, namesLike(name, known));
        if (near === undefined) return [];
        const place = ['spec', 'values', ...path];
        const message = `chart ${chart} is told of Secret ${name}, and there is none in namespace ${namespace}`;
        return [{ at: spotOf(object, place), message, hint: `did you mean "${near}"?` }];
      });
    }),
  docs: {
    cause:
      'A value `existingSecret` of a HelmRelease names a Secret that the input does not hold, and the input holds (or makes, by External Secrets, Sealed Secrets or cert-manager) one of nearly that name in the namespace of the release. The pods wait for the Secret and do not start.',
    fix: 'Correct the name.',
    example:
      'kind: HelmRelease   # of chart kube-prometheus-stack\nspec: {values: {grafana: {admin: {existingSecret: grafana-admins}}}}   # the Secret is grafana-admin',
  },
};

interface Named {
  readonly path: Path;
  readonly name: string;
}

/** The Secrets that values name as there already, at any depth. */
function named(node: Json, path: Path): Named[] {
  if (Array.isArray(node)) return node.flatMap((one, i) => named(one, [...path, i]));
  if (!isObject(node)) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'string' && /^existingSecret(Name)?$/.test(key) && !/[${}]/.test(value)
      ? [{ path: [...path, key], name: value }]
      : named(value, [...path, key]),
  );
}
