import type { Json } from '../../../kit/json.ts';
import { groupBy } from '../../group-by.ts';
import { at, items, text } from '../../json-path.ts';
import { certificatesBySecret } from '../../model/exposure/certificates.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';

export const referenceGrant: Rule = {
  code: 'RTE013',
  title: 'a reference into another namespace without a ReferenceGrant',
  severity: 'error',
  run: (model) => {
    const grants = groupBy(model.kind('ReferenceGrant'), (one) => one.namespace);
    return [...backends(model), ...certificates(model)].flatMap(({ object, path, kind, name, namespace }): Fault[] => {
      if (namespace === object.namespace || !isShown(model, namespace, kind, name)) return [];
      const own = grants.get(namespace) ?? [];
      if (own.some((grant) => allows(grant, object, kind, name))) return [];
      return [
        {
          at: spotOf(object, path),
          message: `${object.kind} of namespace ${object.namespace} may not use ${kind} ${name} of namespace ${namespace}: no ReferenceGrant there allows it`,
          hint: `add a ReferenceGrant to namespace ${namespace}: from ${object.kind} in ${object.namespace}, to ${kind}`,
          cause: `grant ${namespace} ${object.kind} ${object.namespace} ${kind}`,
        },
      ];
    });
  },
  docs: {
    cause:
      'The Gateway API lets a route or Gateway use a Service or Secret of another namespace only when a ReferenceGrant in that namespace says so. Without it Istio answers 500, or the listener has no certificate.',
    fix: 'Add the ReferenceGrant to the namespace of what is used, or move the route there.',
    example:
      'kind: HTTPRoute\nmetadata: {name: front, namespace: shop}\nspec:\n  rules: [{backendRefs: [{name: reviews, namespace: bookinfo, port: 9080}]}]   # bookinfo has no ReferenceGrant',
  },
};

interface Reference {
  readonly object: ProofObject;
  readonly path: Path;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

function backends(model: Model): Reference[] {
  return model.routes
    .filter(({ api }) => api === 'gateway-api')
    .flatMap(({ object }) =>
      items(object.json, 'spec', 'rules').flatMap((rule, i) =>
        items(rule, 'backendRefs').flatMap((ref, j) => reference(object, ref, ['spec', 'rules', i, 'backendRefs', j], 'Service')),
      ),
    );
}

function certificates(model: Model): Reference[] {
  return model
    .kind('Gateway')
    .filter(({ group }) => group === 'gateway.networking.k8s.io')
    .flatMap((object) =>
      items(object.json, 'spec', 'listeners').flatMap((one, i) =>
        items(one, 'tls', 'certificateRefs').flatMap((ref, j) =>
          reference(object, ref, ['spec', 'listeners', i, 'tls', 'certificateRefs', j], 'Secret'),
        ),
      ),
    );
}

function reference(object: ProofObject, ref: Json, path: Path, usual: string): Reference[] {
  const [name, namespace] = [text(ref, 'name'), text(ref, 'namespace')];
  if (name === undefined || namespace === undefined || (text(ref, 'group') ?? '') !== '') return [];
  return [{ object, path: [...path, 'namespace'], kind: text(ref, 'kind') ?? usual, name, namespace }];
}

/** Whether a grant that is not in the input is not there: the input makes the namespace, or shows what is wanted of it. */
function isShown(model: Model, namespace: string, kind: string, name: string): boolean {
  const made = model.kind('Namespace').some((one) => one.name === namespace && one.origin.construct !== null);
  if (kind === 'Secret' && certificatesBySecret(model).has(`${namespace}/${name}`)) return true;
  return made || (kind === 'Service' && model.isKnown(namespace));
}

function allows({ json }: ProofObject, from: ProofObject, kind: string, name: string): boolean {
  const source = items(json, 'spec', 'from').some(
    (one) => text(one, 'group') === from.group && text(one, 'kind') === from.kind && text(one, 'namespace') === from.namespace,
  );
  const target = items(json, 'spec', 'to').some(
    (one) =>
      (text(one, 'group') ?? '') === '' &&
      text(one, 'kind') === kind &&
      (at(one, 'name') === undefined || at(one, 'name') === name),
  );
  return source && target;
}
