import { nearest, suggest } from '../../../kit/nearest.ts';
import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { type IssuerReference, issuerReferences } from '../../model/exposure/certificates.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import type { Fault, ProofObject } from '../../types.ts';

export const issuer: Rule = {
  code: 'EXP019',
  title: 'an issuer that does not exist',
  severity: 'error',
  run: (model) => issuerReferences(model).flatMap((one) => faultOf(model, one) ?? []),
  docs: {
    cause:
      'A Certificate (`issuerRef`), Ingress or Gateway (`cert-manager.io/issuer`, `cluster-issuer`) names an issuer that the input does not hold, and the input holds others: of nearly that name, of the other kind (without `kind` an Issuer is meant, of the same namespace), or in another namespace. The Certificate is never issued.',
    fix: 'Correct name or kind; an Issuer serves its own namespace alone.',
    example: 'kind: Certificate\nspec: {issuerRef: {name: site-ca}}   # site-ca is a ClusterIssuer: kind is missing',
  },
};

function faultOf(model: Model, { object, name, kind, at }: IssuerReference): Fault | undefined {
  const { named, serving } = issuersOf(model);
  const wide = kind === 'ClusterIssuer';
  const here = serving.get(placeOf({ kind, namespace: object.namespace })) ?? NONE;
  if (/[${}]/.test(name) || here.has(name)) return undefined;
  const [same] = named.get(name) ?? [];
  const fault = (message: string, hint: string, severity?: 'warning'): Fault => ({
    ...{ at, message, hint, cause: `issuer ${wide ? '' : object.namespace}/${kind}/${name}` },
    ...(severity ? { severity } : {}),
  });
  const where = wide ? '' : ` in namespace ${object.namespace}`;
  if (same) {
    const message = `there is no ${kind} ${name}${where}, but a ${same.id}`;
    if (same.kind !== kind) return fault(message, `name the kind: ${same.kind}`);
    // A plain file may leave its namespace to a kustomization.
    if (object.namespace === 'default' || same.namespace === 'default') return undefined;
    return fault(message, 'an Issuer serves its own namespace: add one there, or make it a ClusterIssuer');
  }
  const near = nearest(name, here);
  const certain = near !== undefined || object.origin.construct !== null;
  if (here.size === 0) return undefined;
  return fault(
    `there is no ${kind} ${name}${where}`,
    suggest(name, here, `name one that is there`),
    certain ? undefined : 'warning',
  );
}

const NONE: ReadonlySet<string> = new Set();

/** The issuers of a world: by name, and the names of those that serve a place. */
const issuersOf = remember((model: Model) => {
  const all = ['Issuer', 'ClusterIssuer'].flatMap((one) => model.kind(one)).filter(({ group }) => group === 'cert-manager.io');
  const serving = [...groupBy(all, placeOf)].map(([place, own]) => [place, new Set(own.map(({ name }) => name))] as const);
  return { named: groupBy(all, ({ name }) => name), serving: new Map(serving) };
});

/** A namespace, or the whole cluster. */
function placeOf({ kind, namespace }: Pick<ProofObject, 'kind' | 'namespace'>): string {
  return kind === 'ClusterIssuer' ? kind : `${kind} ${namespace}`;
}
