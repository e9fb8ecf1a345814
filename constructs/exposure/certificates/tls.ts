/** Who signs certificates: a `CertificateIssuer`, or one that stands already, by `existingIssuer`. */
export interface IssuerReference {
  /** A ClusterIssuer signs in every namespace, an Issuer in its own. */
  readonly kind: 'ClusterIssuer' | 'Issuer';
  /** The object's name. */
  readonly name: string;
  /** The only one in which an Issuer signs; undefined for a ClusterIssuer. */
  readonly namespace: string | undefined;
  /** Whether it wants to be shown, by ACME's HTTP-01, that the host's name leads here. Such an issuer signs no wildcard. */
  readonly challenge: 'http01' | 'none';
}

/** How requests to a published page are encrypted: by a certificate that is made here, or one that lies in a Secret already. */
export type TlsOptions = {
  /**
   * Whether plain requests are sent to https (301).
   *
   * @default 'on'; 'off' with an `IstioIngress`, which has no such thing, and with an `IstioGateway` whose certificate comes by ACME's
   * HTTP-01: the challenge comes by plain HTTP, and there is no certificate yet
   */
  readonly redirect?: 'on' | 'off';
} & (
  | {
      /** Who signs the certificate. */
      readonly issuer: IssuerReference;
      /** How long the certificate is good for, in hours and minutes as Go spells them, one hour at least: '2160h'. @default cert-manager's, 90 days */
      readonly duration?: string;
      readonly secret?: never;
    }
  | {
      /**
       * A Secret of type `kubernetes.io/tls` that is there already, in the namespace where the exposure looks: that of the gateway's pods
       * (`IstioGateway`, `IstioIngress`), of the Gateway object (`GatewayApiGateway`), or of the page's Service (other Ingress controllers).
       */
      readonly secret: string;
      readonly issuer?: never;
      readonly duration?: never;
    }
);
