import { nearest, suggest } from '../../../kit/nearest.ts';
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
  const all = ['Issuer', 'ClusterIssuer'].flatMap((one) => model.kind(one)).filter(({ group }) => group === 'cert-manager.io');
  const wide = kind === 'ClusterIssuer';
  const fits = (one: ProofObject) => one.kind === kind && (wide || one.namespace === object.namespace);
  if (/[${}]/.test(name) || all.some((one) => one.name === name && fits(one))) return undefined;
  const same = all.find((one) => one.name === name);
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
  const here = all.filter(fits).map((one) => one.name);
  const near = nearest(name, here);
  const certain = near !== undefined || object.origin.construct !== null;
  if (here.length === 0) return undefined;
  return fault(
    `there is no ${kind} ${name}${where}`,
    suggest(name, here, `name one that is there`),
    certain ? undefined : 'warning',
  );
}
