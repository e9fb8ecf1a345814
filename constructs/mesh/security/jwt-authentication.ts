import { Construct } from 'constructs';
import { RequestAuthentication, type RequestAuthenticationSpecJwtRules } from '../../../imports/security.istio.io.ts';
import { type JsonObject, UserError } from '../../kit/index.ts';
import { Authorization } from './authorization.ts';
import { type PodPort, type PolicyTarget, takeName, targetOf } from './target.ts';

/** Who signs tokens, and how a token is read. */
export type JwtIssuer = {
  /** The token's `iss` claim. */
  readonly issuer: string;
  /** The `aud` claims that are taken, one of which the token must have. @default any */
  readonly audiences?: readonly [string, ...string[]];
  /**
   * The headers that may carry a token, with the prefix before it.
   * @default `Authorization: Bearer TOKEN`, and the parameter `access_token`
   */
  readonly fromHeaders?: readonly [
    { readonly name: string; readonly prefix?: string },
    ...{ readonly name: string; readonly prefix?: string }[],
  ];
  /** The query parameters that may carry a token. @default as fromHeaders */
  readonly fromParams?: readonly [string, ...string[]];
  /** The cookies that may carry a token. @default none */
  readonly fromCookies?: readonly [string, ...string[]];
  /** Whether the app gets the token as well. @default false */
  readonly forwardOriginalToken?: boolean;
  /** Claims that the app gets as headers: header name to claim, `{ 'x-user': 'sub' }`. @default none */
  readonly outputClaimToHeaders?: Readonly<Record<string, string>>;
  /** How long the keys may take to come from their address, in seconds. @default Istio's 5 */
  readonly timeoutSeconds?: number;
} & (
  | {
      /** Where its public keys are. @default found by OpenID discovery, at the issuer's `/.well-known/openid-configuration` */
      readonly jwksUri?: string;
      readonly jwks?: never;
    }
  | {
      /** Its public keys themselves (RFC 7517). */
      readonly jwks: { readonly keys: readonly [JsonObject, ...JsonObject[]] };
      readonly jwksUri?: never;
    }
);

/** Options of {@link JwtAuthentication}. */
export interface JwtAuthenticationProps {
  /**
   * Whose requests: those to some pods of the layer's namespace (a workload, the ingress gateway's pods), to all of its pods, or what
   * passes a waypoint. ztunnel reads no tokens: for ambient pods name the waypoint, or a Service behind it.
   */
  readonly to: PolicyTarget;
  readonly issuers: readonly [JwtIssuer, ...JwtIssuer[]];
  /**
   * What happens to a request without token. `token` refuses it, by an AuthorizationPolicy `NAME-require-token` beside; `optional` lets it
   * pass: Istio by itself refuses only tokens that are not valid.
   */
  readonly required: 'token' | 'optional';
  /** The ports at which a token is required. @default the HTTP ports of the workload or Service; to be said where they are not known */
  readonly ports?: readonly [PodPort, ...PodPort[]];
  /** The object's name. @default the construct's id */
  readonly name?: string;
}

/**
 * Which tokens (JWT) requests may carry, and whether they must: a RequestAuthentication.
 *
 * What a token must say is for an Authorization: `from: { token: { issuer } }`, `claims`.
 */
export class JwtAuthentication extends Construct {
  /** The object's name. */
  readonly name: string;

  /** @throws UserError when keys cannot be found or are private ones, a header has no HTTP name, or the ports are not known where a token is required */
  constructor(scope: Construct, id: string, props: JwtAuthenticationProps) {
    super(scope, id);
    const path = this.node.path;
    const { to, issuers, required, ports } = props;
    const target = targetOf(this, to);
    if (issuers.length === 0) throw new UserError(`issuers of '${path}' is empty: name who signs the tokens`);
    if (ports && required === 'optional')
      throw new UserError(
        `ports of '${path}' say where a token is required, but it is optional: leave them out, or say required: 'token'`,
      );
    this.name = takeName(this, 'RequestAuthentication', props.name ?? id);
    new RequestAuthentication(this, 'authentication', {
      metadata: { name: this.name, namespace: target.namespace },
      spec: {
        ...target.scope,
        jwtRules: issuers.map((issuer) => jwtRule(issuer, path)),
      },
    });
    if (required === 'token') {
      new Authorization(this, 'require-token', {
        name: `${this.name}-require-token`,
        to,
        action: 'deny',
        rules: [{ notFrom: { token: 'any' }, ...(ports ? { ports } : {}) }],
      });
    }
  }
}

function jwtRule(rule: JwtIssuer, path: string): RequestAuthenticationSpecJwtRules {
  const { issuer, audiences, fromHeaders, fromParams, fromCookies, forwardOriginalToken, outputClaimToHeaders, timeoutSeconds } =
    rule;
  const where = `issuer ${JSON.stringify(issuer)} of '${path}'`;
  checkKeys(rule, where);
  for (const name of [...(fromHeaders ?? []).map((one) => one.name), ...Object.keys(outputClaimToHeaders ?? {})]) {
    if (!/^[A-Za-z0-9_-]+$/.test(name))
      throw new UserError(`header ${JSON.stringify(name)} of ${where}: allowed are letters, digits, '-' and '_'`);
  }
  for (const [option, list] of Object.entries({
    audiences,
    fromParams,
    fromCookies,
    outputClaimToHeaders: Object.values(outputClaimToHeaders ?? {}),
  })) {
    if (list?.includes('')) throw new UserError(`${option} of ${where} holds an empty value: leave it out`);
  }
  if (timeoutSeconds !== undefined && !(timeoutSeconds >= 0.001 && timeoutSeconds <= 31_536_000))
    throw new UserError(`timeoutSeconds of ${where} is ${timeoutSeconds}: allowed are numbers from 0.001 to 31536000`);
  return {
    issuer,
    ...(rule.jwksUri === undefined ? {} : { jwksUri: rule.jwksUri }),
    ...(rule.jwks === undefined ? {} : { jwks: JSON.stringify(rule.jwks) }),
    ...(audiences ? { audiences: [...audiences] } : {}),
    ...(fromHeaders ? { fromHeaders: fromHeaders.map((one) => ({ ...one })) } : {}),
    ...(fromParams ? { fromParams: [...fromParams] } : {}),
    ...(fromCookies ? { fromCookies: [...fromCookies] } : {}),
    ...(forwardOriginalToken === undefined ? {} : { forwardOriginalToken }),
    ...(outputClaimToHeaders
      ? { outputClaimToHeaders: Object.entries(outputClaimToHeaders).map(([header, claim]) => ({ header, claim })) }
      : {}),
    ...(timeoutSeconds === undefined ? {} : { timeout: `${timeoutSeconds}s` }),
  };
}

/** Members of a key that are its secret (RFC 7518: EC, RSA and symmetric keys). */
const secretMembers = ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi'];

function checkKeys({ issuer, jwksUri, jwks }: JwtIssuer, where: string): void {
  if (issuer === '') throw new UserError(`${where} is empty: it is what the token's 'iss' claim says`);
  if (jwksUri !== undefined && !isHttp(jwksUri))
    throw new UserError(
      `jwksUri of ${where} is ${JSON.stringify(jwksUri)}: allowed are addresses that begin with http:// or https://`,
    );
  if (jwksUri === undefined && jwks === undefined && !isHttp(issuer))
    throw new UserError(`${where} is no address, so its keys cannot be found there: give it jwksUri or jwks`);
  if (jwks && jwks.keys.length === 0) throw new UserError(`jwks of ${where} has no key: no token could be valid`);
  for (const [i, key] of (jwks?.keys ?? []).entries()) {
    if (typeof key.kty !== 'string') throw new UserError(`key ${i + 1} of jwks of ${where} has no 'kty': it is no JSON Web Key`);
    const secret = secretMembers.find((member) => member in key);
    if (secret)
      throw new UserError(`key ${i + 1} of jwks of ${where} holds '${secret}', which is secret: give the public key alone`);
  }
}

function isHttp(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}
