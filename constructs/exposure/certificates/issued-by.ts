/** How a {@link CertificateIssuer} signs. */
export type IssuedBy =
  | {
      /** Each certificate signs itself: browsers warn of each of them anew. */
      readonly selfSigned: true;
      readonly ca?: never;
      readonly ownCa?: never;
      readonly acme?: never;
    }
  | {
      /** A CA whose certificate and key are there already: for a site with a PKI of its own. */
      readonly ca: {
        /**
         * A Secret of type `kubernetes.io/tls`: in cert-manager's namespace with the scope 'cluster', else in the issuer's (cert-manager
         * 1.21, cluster resource namespace).
         */
        readonly secret: string;
      };
      readonly selfSigned?: never;
      readonly ownCa?: never;
      readonly acme?: never;
    }
  | {
      /** A CA that cert-manager makes for this purpose, for a lab: people trust its certificate once, from the Secret `NAME-ca`. */
      readonly ownCa: {
        /** What the CA is called: 'mesh.test CA'. 64 letters at most. */
        readonly commonName: string;
        /** How long the CA is good for, as Go spells durations. @default '87600h', ten years */
        readonly duration?: string;
      };
      readonly selfSigned?: never;
      readonly ca?: never;
      readonly acme?: never;
    }
  | {
      /** A CA with an ACME server: Let's Encrypt, or one of the site. */
      readonly acme: AcmeIssuer;
      readonly selfSigned?: never;
      readonly ca?: never;
      readonly ownCa?: never;
    };

/** A CA that is asked by ACME (RFC 8555). */
export interface AcmeIssuer {
  /** Its directory: 'https://acme-v02.api.letsencrypt.org/directory'. */
  readonly server: string;
  /** Whom the CA writes to before a certificate runs out. */
  readonly email: string;
  /** How a name is shown to be yours: its challenge comes by plain HTTP, at port 80 of wherever the name leads. */
  readonly solver: { readonly http01: Http01Solver };
  /** The Secret where cert-manager keeps the account's key; it makes it. @default 'NAME-account' */
  readonly accountKeySecret?: string;
}

/** What answers the challenge: Ingress objects of a class (an exposure by Ingress has its `ingressClass`), or a Gateway of the Gateway API. */
export type Http01Solver =
  | {
      /** Of the controller to which the names lead. */
      readonly ingressClass: string;
      readonly gateway?: never;
    }
  | {
      /** The Gateway to which the names lead: a `GatewayApiGateway`. cert-manager must have its Gateway API support on. */
      readonly gateway: { readonly name: string; readonly namespace: string };
      readonly ingressClass?: never;
    };
