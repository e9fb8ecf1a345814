import { isObject, type Json } from '../../../kit/json.ts';
import { nearest } from '../../../kit/nearest.ts';
import { at, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';
import { namesLike } from '../flux/missing.ts';
import { secretNames } from '../flux/secrets.ts';

export const existingSecret: Rule = {
  code: 'HLM007',
  title: 'a Secret is named by a chart value, or Kiali, nearly right',
  severity: 'warning',
  run: (model) => [
    ...chartReleases(model.objects).flatMap(({ object, namespace, chart }) =>
      named(at(object.json, 'spec', 'values') ?? null, ['spec', 'values']).flatMap(
        (one) => nearlyRight(model, object, { ...one, namespace, who: `chart ${chart}` }) ?? [],
      ),
    ),
    ...model.kind('Kiali').flatMap((object) => {
      const namespace = text(object.json, 'spec', 'deployment', 'namespace') ?? object.namespace;
      return ofKiali(at(object.json, 'spec') ?? null, ['spec']).flatMap(
        (one) => nearlyRight(model, object, { ...one, namespace, who: 'Kiali' }) ?? [],
      );
    }),
  ],
  docs: {
    cause:
      'A value `existingSecret` of a HelmRelease, or a `secret:NAME:KEY` of a Kiali, names a Secret that the input does not hold, and the input holds (or makes, by External Secrets, Sealed Secrets or cert-manager) one of nearly that name in the namespace of the pods. They wait for the Secret and do not start.',
    fix: 'Correct the name.',
    example:
      'kind: HelmRelease   # of chart kube-prometheus-stack\nspec: {values: {grafana: {admin: {existingSecret: grafana-admins}}}}   # the Secret is grafana-admin',
  },
};

interface Named {
  readonly path: Path;
  readonly name: string;
}

function nearlyRight(
  model: Model,
  object: ProofObject,
  { path, name, namespace, who }: Named & { readonly namespace: string; readonly who: string },
): Fault | undefined {
  const known = secretNames(model, namespace);
  const near = known.includes(name) ? undefined : nearest(name, namesLike(name, known));
  if (near === undefined) return undefined;
  const message = `${who} is told of Secret ${name}, and there is none in namespace ${namespace}`;
  return { at: spotOf(object, path), message, hint: `did you mean "${near}"?` };
}

/** The Secrets that Kiali takes values from: `secret:NAME:KEY`. */
function ofKiali(node: Json, path: Path): Named[] {
  if (Array.isArray(node)) return node.flatMap((one, i) => ofKiali(one, [...path, i]));
  if (isObject(node)) return Object.entries(node).flatMap(([key, value]) => ofKiali(value, [...path, key]));
  const name = typeof node === 'string' ? /^secret:([\w.-]+):./.exec(node)?.[1] : undefined;
  return name === undefined ? [] : [{ path, name }];
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
