import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { items, strings, text } from '../../json-path.ts';
import { type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';

/** A Certificate of cert-manager. */
export interface Certificate {
  readonly object: ProofObject;
  readonly namespace: string;
  /** Name of the Secret that it writes. */
  readonly secret: string;
  readonly secretAt: Spot;
  /** DNS names, in lower case; with the common name. */
  readonly names: readonly string[];
  readonly namesAt: Spot;
  /** Names are filled in later. */
  readonly open: boolean;
  /** Its Secret is copied into other namespaces. */
  readonly copied: boolean;
}

/** An issuer that somebody names. */
export interface IssuerReference {
  readonly object: ProofObject;
  readonly name: string;
  readonly kind: string;
  readonly at: Spot;
}

/** The Certificates of a world. */
export const certificatesOf: (model: Model) => readonly Certificate[] = remember((model) =>
  model
    .kind('Certificate')
    .filter(({ group }) => group === 'cert-manager.io')
    .flatMap((object): Certificate[] => {
      const { json, namespace } = object;
      const secret = text(json, 'spec', 'secretName');
      if (secret === undefined) return [];
      const stated = items(json, 'spec', 'dnsNames').flatMap((one) => (typeof one === 'string' ? [one.toLowerCase()] : []));
      const common = text(json, 'spec', 'commonName')?.toLowerCase();
      const names = common === undefined ? stated : [...stated, common];
      const template = strings(json, 'spec', 'secretTemplate', 'annotations');
      return [
        {
          ...{ object, namespace, secret, names },
          secretAt: spotOf(object, ['spec', 'secretName']),
          namesAt: spotOf(object, ['spec', 'dnsNames']),
          open: names.some((one) => /[${}]/.test(one)) || text(json, 'spec', 'literalSubject') !== undefined,
          // Reflector, replicator and kubed copy Secrets that carry an annotation of theirs.
          copied: [...template.keys()].some((key) => /reflect|replicat|appscode|sync/.test(key)),
        },
      ];
    }),
);

/** The Certificates that write each Secret, by `namespace/name`. */
export const certificatesBySecret: (model: Model) => ReadonlyMap<string, readonly Certificate[]> = remember((model) =>
  groupBy(certificatesOf(model), ({ namespace, secret }) => `${namespace}/${secret}`),
);

const GROUP = 'cert-manager.io';

/** Every issuer that Certificates, Ingresses and Gateways name. */
export function issuerReferences(model: Model): IssuerReference[] {
  const ofCertificates = model
    .kind('Certificate')
    .filter(({ group }) => group === GROUP)
    .flatMap((object): IssuerReference[] => {
      const name = text(object.json, 'spec', 'issuerRef', 'name');
      const group = text(object.json, 'spec', 'issuerRef', 'group') ?? GROUP;
      const kind = text(object.json, 'spec', 'issuerRef', 'kind') ?? 'Issuer';
      const at = spotOf(object, ['spec', 'issuerRef', 'name']);
      return name === undefined || group !== GROUP ? [] : [{ object, name, kind, at }];
    });
  const annotated = [...model.kind('Ingress'), ...model.kind('Gateway')].flatMap((object) => {
    const annotations = strings(object.json, 'metadata', 'annotations');
    if (annotations.has(`${GROUP}/issuer-group`)) return [];
    return ISSUERS.flatMap(([key, usual]): IssuerReference[] => {
      const name = annotations.get(`${GROUP}/${key}`);
      const kind = annotations.get(`${GROUP}/issuer-kind`) ?? usual;
      const at = spotOf(object, ['metadata', 'annotations', `${GROUP}/${key}`]);
      return name === undefined || name === '' ? [] : [{ object, name, kind, at }];
    });
  });
  return [...ofCertificates, ...annotated];
}

const ISSUERS = [
  ['issuer', 'Issuer'],
  ['cluster-issuer', 'ClusterIssuer'],
] as const;
