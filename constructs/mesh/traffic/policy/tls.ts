import { type JsonObject, UserError } from '../../../kit/index.ts';

/** What a client asks of the server's certificate. */
export interface ServerName {
  /** The name asked for in the TLS handshake. @default the request's host, whose name the certificate must then have */
  readonly sni?: string;
  /** The names of which the certificate must have one. @default see `sni` */
  readonly subjectAltNames?: readonly [string, ...string[]];
}

/**
 * How a client's proxy speaks TLS to a destination (Istio 1.30, ClientTLSSettings):
 * - 'disable': plain text;
 * - 'istio-mutual': mutual TLS with Istio's certificates; auto mTLS does that by itself where the other side can. `istioMutual` names the
 *   server as well: for a gateway that tells hosts apart by it;
 * - see {@link ServerTls} for servers with certificates of their own.
 */
export type ClientTls = 'disable' | 'istio-mutual' | { readonly istioMutual: { readonly sni: string } } | ServerTls;

/**
 * TLS towards a server with a certificate of its own: `simple`, only the server shows one; `mutual`: both do.
 *
 * A `secret` lies in the namespace of the proxy. Gateways take it from there; sidecars only where the policy has `clients`.
 */
export type ServerTls =
  | {
      readonly simple: ServerName & {
        /**
         * Whose certificates are trusted: those of the system's CAs, of the CA in a Secret (key `cacert` or `ca.crt`) or in a file of the
         * proxy, or, for a lab, anybody's.
         * @default 'system'
         */
        readonly trust?: 'system' | { readonly secret: string } | { readonly file: string } | 'anybody';
      };
    }
  | {
      readonly mutual: ServerName &
        (
          | { /** A Secret with the keys tls.crt, tls.key and ca.crt. */ readonly secret: string }
          | {
              /** Paths in the proxy's container. */
              readonly certificate: string;
              readonly privateKey: string;
              /** @default the system's CAs */
              readonly ca?: string;
            }
        );
    };

/** What Istio takes when nothing is said (pilot, cluster_tls.go); said, because `istioctl analyze` warns of silence (IST0128). */
const systemCas = { caCertificates: 'system' } as const;

/** @throws UserError when a name is empty, or names are checked of certificates that anybody may show */
export function clientTls(tls: ClientTls, where: string): JsonObject {
  if (tls === 'disable') return { mode: 'DISABLE' };
  if (tls === 'istio-mutual') return { mode: 'ISTIO_MUTUAL' };
  if ('istioMutual' in tls) return { mode: 'ISTIO_MUTUAL', ...serverName(tls.istioMutual, where) };
  if ('simple' in tls) {
    const { trust = 'system' } = tls.simple;
    if (trust === 'anybody' && tls.simple.subjectAltNames)
      throw new UserError(
        `tls.simple of ${where} trusts anybody and names subjectAltNames, which are then not looked at: leave one out`,
      );
    return {
      mode: 'SIMPLE',
      ...(trust === 'anybody' ? { insecureSkipVerify: true } : {}),
      ...(trust === 'system' ? systemCas : {}),
      ...(typeof trust === 'string'
        ? {}
        : 'secret' in trust
          ? secret(trust.secret, where)
          : { caCertificates: path(trust.file, 'trust.file', where) }),
      ...serverName(tls.simple, where),
    };
  }
  const { mutual } = tls;
  return {
    mode: 'MUTUAL',
    ...('secret' in mutual
      ? secret(mutual.secret, where)
      : {
          clientCertificate: path(mutual.certificate, 'mutual.certificate', where),
          privateKey: path(mutual.privateKey, 'mutual.privateKey', where),
          ...(mutual.ca === undefined ? systemCas : { caCertificates: path(mutual.ca, 'mutual.ca', where) }),
        }),
    ...serverName(mutual, where),
  };
}

function serverName({ sni, subjectAltNames }: ServerName, where: string): JsonObject {
  if (sni === '' || subjectAltNames?.includes(''))
    throw new UserError(
      `tls of ${where} has an empty name in sni or subjectAltNames: give the server's DNS name, or leave it out`,
    );
  return { ...(sni === undefined ? {} : { sni }), ...(subjectAltNames ? { subjectAltNames: [...subjectAltNames] } : {}) };
}

function secret(name: string, where: string): JsonObject {
  if (!/^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name))
    throw new UserError(
      `tls of ${where} names the secret ${JSON.stringify(name)}: allowed are lower-case letters, digits, '-' and '.'`,
    );
  return { credentialName: name };
}

function path(value: string, field: string, where: string): string {
  if (!value.startsWith('/'))
    throw new UserError(
      `tls.${field} of ${where} is ${JSON.stringify(value)}: allowed is an absolute path in the proxy's container`,
    );
  return value;
}
