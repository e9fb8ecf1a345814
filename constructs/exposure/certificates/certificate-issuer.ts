import { type ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { Certificate, CertificateSpecPrivateKeyAlgorithm, ClusterIssuer, Issuer } from '../../../imports/cert-manager.io.ts';
import { clusterScoped } from '../../kit/cluster-scoped.ts';
import { checkDnsSubdomain, namespaceOf } from '../../kit/layer.ts';
import { UserError } from '../../kit/user-error.ts';
import { afterHint, orderOf, tooEarly } from '../order.ts';
import { CertManager } from './cert-manager.ts';
import { checkDuration } from './duration.ts';
import type { AcmeIssuer, IssuedBy } from './issued-by.ts';
import type { IssuerReference } from './tls.ts';

/** Options of a {@link CertificateIssuer}. */
export interface CertificateIssuerProps {
  /** How it signs. */
  readonly by: IssuedBy;
  /** Whether it signs in every namespace (ClusterIssuer), or in that of its layer alone (Issuer). @default 'cluster' */
  readonly scope?: 'cluster' | 'namespace';
  /** The object's name. @default the construct's id */
  readonly name?: string;
}

/**
 * Who signs certificates (cert-manager 1.21): a ClusterIssuer or an Issuer, for `publish(page, { host, tls: { issuer } })`.
 *
 * Its layer comes after that of {@link CertManager}, which brings the CRDs. With `ownCa` an Issuer `NAME-self-signed` and a Certificate
 * `NAME-ca` stand beside it: in the namespace of the stack's CertManager with the scope 'cluster', or that of the layer when the stack has
 * none; it must then be cert-manager's, where a ClusterIssuer looks for its Secrets.
 */
export class CertificateIssuer extends Construct implements IssuerReference {
  /** A ClusterIssuer signs in every namespace, an Issuer in its own. */
  readonly kind: 'ClusterIssuer' | 'Issuer';
  /** The object's name. */
  readonly name: string;
  /** The only one in which an Issuer signs; undefined for a ClusterIssuer. */
  readonly namespace: string | undefined;
  /** 'http01' with `acme`, which wants to be shown that the host's name leads here. */
  readonly challenge: 'http01' | 'none';
  /** For JSON patches. */
  readonly object: ApiObject;

  /** @throws UserError when a name is none of Kubernetes, or the CA's name or duration or the ACME server's address is malformed */
  constructor(scope: Construct, id: string, props: CertificateIssuerProps) {
    super(scope, id);
    const { by, name = id } = props;
    checkDnsSubdomain(name, `name of issuer '${this.node.path}'`);
    this.name = name;
    this.kind = props.scope === 'namespace' ? 'Issuer' : 'ClusterIssuer';
    const own = namespaceOf(this);
    this.namespace = this.kind === 'Issuer' ? own : undefined;
    this.challenge = by.acme ? 'http01' : 'none';
    const spec = this.specOf(by);
    const metadata = { name, namespace: own };
    this.object =
      this.kind === 'Issuer'
        ? new Issuer(this, 'issuer', { metadata, spec })
        : clusterScoped(new ClusterIssuer(this, 'issuer', { metadata, spec }));
    this.node.addValidation({ validate: () => this.problems(by) });
  }

  private specOf({ selfSigned, ca, ownCa, acme }: IssuedBy) {
    if (selfSigned) return { selfSigned: {} };
    if (acme) return { acme: this.acme(acme) };
    if (ownCa) return { ca: { secretName: this.makeCa(ownCa) } };
    checkDnsSubdomain(ca.secret, `ca.secret of issuer '${this.node.path}'`);
    return { ca: { secretName: ca.secret } };
  }

  /** @returns the Secret of a CA that signs itself */
  private makeCa({ commonName, duration = '87600h' }: NonNullable<IssuedBy['ownCa']>): string {
    // RFC 5280, upper bound of a common name.
    if (!/^\S(.{0,62}\S)?$/u.test(commonName))
      throw new UserError(
        `ownCa.commonName of '${this.node.path}' is ${JSON.stringify(commonName)}: allowed are 1 to 64 letters, 'mesh.test CA'`,
      );
    checkDuration(duration, `CA of '${this.node.path}'`);
    const namespace = (this.kind === 'ClusterIssuer' && CertManager.of(this)?.namespace) || namespaceOf(this);
    const [root, secretName] = [`${this.name}-self-signed`, `${this.name}-ca`];
    this.node.addValidation({ validate: () => tooEarly(this, namespace, 'CA') });
    new Issuer(this, 'self-signed', { metadata: { name: root, namespace }, spec: { selfSigned: {} } });
    new Certificate(this, 'ca', {
      metadata: { name: secretName, namespace },
      spec: {
        isCa: true,
        commonName,
        secretName,
        duration,
        privateKey: { algorithm: CertificateSpecPrivateKeyAlgorithm.ECDSA, size: 256 },
        issuerRef: { name: root, kind: 'Issuer', group: 'cert-manager.io' },
      },
    });
    return secretName;
  }

  private acme({ server, email, solver: { http01 }, accountKeySecret = `${this.name}-account` }: AcmeIssuer) {
    if (!/^https:\/\/[^\s/]+(\/\S*)?$/.test(server))
      throw new UserError(
        `acme.server of '${this.node.path}' is ${JSON.stringify(server)}: allowed is the https address of its directory`,
      );
    if (!/^[^\s@]+@[^\s@]+$/.test(email))
      throw new UserError(
        `acme.email of '${this.node.path}' is ${JSON.stringify(email)}: allowed is an address, 'mesh@site.example'`,
      );
    checkDnsSubdomain(accountKeySecret, `acme.accountKeySecret of '${this.node.path}'`);
    if (http01.ingressClass !== undefined) checkDnsSubdomain(http01.ingressClass, `ingressClass of '${this.node.path}'`);
    const { gateway } = http01;
    const solver = gateway
      ? { gatewayHttpRoute: { parentRefs: [{ kind: 'Gateway', name: gateway.name, namespace: gateway.namespace }] } }
      : { ingress: { ingressClassName: http01.ingressClass } };
    return { server, email, privateKeySecretRef: { name: accountKeySecret }, solvers: [{ http01: solver }] };
  }

  private problems({ acme }: IssuedBy): string[] {
    const manager = CertManager.of(this);
    if (!manager) return [];
    const { path } = this.node;
    const brings = `'${manager.node.path}' brings the CRD of its ${this.kind}`;
    const order = orderOf(manager, this);
    const early =
      order === 'before'
        ? []
        : [
            order === 'together'
              ? `'${path}' stands in one layer with what it needs: ${brings}. Put it into a later layer, 'after: [${Chart.of(manager).node.id}]'`
              : `'${path}' may come too soon: ${brings}. Say that it comes first, ${afterHint(manager, this)}`,
          ];
    const deaf =
      acme?.solver.http01.gateway && manager.gatewayApi === 'off'
        ? [`'${path}' answers HTTP-01 through a Gateway, which '${manager.node.path}' cannot: give it gatewayApi: 'on'`]
        : [];
    return [...early, ...deaf];
  }
}

/** An issuer that somebody else keeps. */
export type ExistingIssuer = {
  /** The object's name. */
  readonly name: string;
  /** Whether it wants to be shown, by ACME's HTTP-01, that the host's name leads here. @default 'none' */
  readonly challenge?: 'http01' | 'none';
} & (
  | { readonly kind: 'ClusterIssuer'; readonly namespace?: never }
  | {
      readonly kind: 'Issuer';
      /** The only one in which it signs. */
      readonly namespace: string;
    }
);

/**
 * An issuer that is there already, for `publish(page, { host, tls: { issuer } })`.
 *
 * @throws UserError when no object can be called so
 */
export function existingIssuer({ kind, name, namespace, challenge = 'none' }: ExistingIssuer): IssuerReference {
  checkDnsSubdomain(name, `name of ${kind}`);
  return { kind, name, namespace, challenge };
}
