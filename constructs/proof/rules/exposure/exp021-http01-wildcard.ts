import { at, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';

export const http01Wildcard: Rule = {
  code: 'EXP021',
  title: 'a wildcard certificate by HTTP-01',
  severity: 'error',
  run: (model) =>
    model.kind('Certificate').flatMap((object): Fault[] => {
      if (object.group !== 'cert-manager.io') return [];
      const names = items(object.json, 'spec', 'dnsNames');
      const wild = names.findIndex((name) => typeof name === 'string' && name.startsWith('*.'));
      const issuer = wild < 0 ? undefined : issuerOf(model, object);
      if (!issuer || !provesByHttpOnly(issuer)) return [];
      return [
        {
          at: spotOf(object, ['spec', 'dnsNames', wild]),
          message: `"${String(names[wild])}" is a wildcard, and ${issuer.id} proves names by HTTP-01 alone`,
          hint: 'add a solver of type dns01, or name each host',
        },
      ];
    }),
  docs: {
    cause:
      'ACME gives certificates for wildcards only by DNS-01 (Let’s Encrypt, challenge types). All solvers of the issuer are of type http01: the order fails.',
    fix: 'Add a dns01 solver, or list the hosts.',
    example:
      'kind: Certificate\nspec: {dnsNames: ["*.site.example"], issuerRef: {kind: ClusterIssuer, name: letsencrypt}}   # solvers: [{http01: ...}]',
  },
};

function issuerOf(model: Model, { json, namespace }: ProofObject): ProofObject | undefined {
  const kind = text(json, 'spec', 'issuerRef', 'kind') ?? 'Issuer';
  const name = text(json, 'spec', 'issuerRef', 'name');
  return model.kind(kind).find((one) => one.name === name && (kind !== 'Issuer' || one.namespace === namespace));
}

function provesByHttpOnly({ json }: ProofObject): boolean {
  const solvers = items(json, 'spec', 'acme', 'solvers');
  return solvers.length > 0 && solvers.every((one) => at(one, 'http01') !== undefined && at(one, 'dns01') === undefined);
}
