import { describe, expect, it } from 'vitest';
import { Workload } from '../constructs/kit/index.ts';
import { JwtAuthentication, type JwtAuthenticationProps, type JwtIssuer, Mesh } from '../constructs/mesh/index.ts';
import { layer, object, objects } from './support/synth.ts';

const key = { kty: 'RSA', kid: '1', n: 'abc', e: 'AQAB' };
const issuer = 'https://issuer.example.org';

function web() {
  const chart = layer('shop');
  const workload = new Workload(chart, 'web', {
    name: 'web',
    version: '1',
    image: 'web:1',
    user: 1000,
    ports: [
      { name: 'http', port: 8080 },
      { name: 'tcp', port: 9000 },
    ],
    service: [
      { name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' },
      { name: 'tcp', port: 9000, appProtocol: 'tcp' },
    ],
  });
  return { chart, workload };
}

type Every<T extends JwtIssuer> = Required<Omit<T, 'jwks' | 'jwksUri'>>;

/** The one rule that an issuer becomes. */
function rule(given: JwtIssuer) {
  const { chart, workload } = web();
  new JwtAuthentication(chart, 'jwt', { to: workload, issuers: [given], required: 'optional' });
  return object(chart, 'RequestAuthentication', 'jwt').spec.jwtRules[0];
}

describe('JwtAuthentication', () => {
  it('requires a token at the HTTP ports, by a second object', () => {
    const { chart, workload } = web();
    const props: Required<Omit<JwtAuthenticationProps, 'ports'>> = {
      to: workload,
      issuers: [{ issuer, jwksUri: `${issuer}/keys` }],
      required: 'token',
      name: 'people',
    };
    expect(new JwtAuthentication(chart, 'jwt', props).name).toBe('people');
    expect(object(chart, 'RequestAuthentication', 'people')).toMatchObject({
      metadata: { namespace: 'shop' },
      spec: { selector: { matchLabels: { app: 'web' } }, jwtRules: [{ issuer, jwksUri: `${issuer}/keys` }] },
    });
    expect(object(chart, 'AuthorizationPolicy', 'people-require-token').spec).toEqual({
      selector: { matchLabels: { app: 'web' } },
      action: 'DENY',
      rules: [{ from: [{ source: { notRequestPrincipals: ['*'] } }], to: [{ operation: { ports: ['8080'] } }] }],
    });
  });

  it('lets requests without token pass when that is said', () => {
    const { chart, workload } = web();
    new JwtAuthentication(chart, 'jwt', { to: workload, issuers: [{ issuer }], required: 'optional' });
    expect(objects(chart).filter((o) => o.kind === 'AuthorizationPolicy')).toEqual([]);
  });

  it('holds at the ingress gateway, whose ports are to be said', () => {
    const chart = layer();
    const { ingress: to } = new Mesh(chart, 'istio');
    if (!to) throw new Error('the default profile brings a gateway');
    const issuers = [{ issuer }] as const;
    expect(() => new JwtAuthentication(chart, 'a', { to, issuers, required: 'token' })).toThrow(
      'name the HTTP ports, e.g. ports: [8080]',
    );
    new JwtAuthentication(chart, 'b', { to, issuers, required: 'token', ports: [8080, 8443] });
    expect(object(chart, 'AuthorizationPolicy', 'b-require-token').spec).toMatchObject({
      selector: { matchLabels: { istio: 'ingressgateway' } },
      rules: [{ to: [{ operation: { ports: ['8080', '8443'] } }] }],
    });
  });

  it('takes every option of an issuer', () => {
    const every: Every<JwtIssuer> = {
      issuer,
      audiences: ['shop'],
      fromHeaders: [{ name: 'x-jwt', prefix: 'JWT ' }],
      fromParams: ['token'],
      fromCookies: ['session'],
      forwardOriginalToken: true,
      outputClaimToHeaders: { 'x-user': 'sub' },
      timeoutSeconds: 2.5,
    };
    const common = {
      ...every,
      timeoutSeconds: undefined,
      timeout: '2.5s',
      outputClaimToHeaders: [{ header: 'x-user', claim: 'sub' }],
    };
    expect(rule({ ...every, jwksUri: 'http://keys.shop/jwks' })).toEqual({ ...common, jwksUri: 'http://keys.shop/jwks' });
    expect(rule({ ...every, jwks: { keys: [key] } })).toEqual({ ...common, jwks: JSON.stringify({ keys: [key] }) });
    // Found by OpenID discovery.
    expect(rule({ issuer })).toEqual({ issuer });
  });

  it.each<[string, JwtIssuer, string]>([
    ['an empty issuer', { issuer: '', jwksUri: issuer }, "it is what the token's 'iss' claim says"],
    [
      'an issuer that is no address',
      { issuer: 'me@example.org' },
      'issuer "me@example.org" of \'layer/jwt\' is no address, so its keys cannot be found',
    ],
    [
      'keys at no address',
      { issuer, jwksUri: 'keys.json' },
      'jwksUri of issuer "https://issuer.example.org" of \'layer/jwt\' is "keys.json"',
    ],
    ['keys at another kind of address', { issuer, jwksUri: 'file:///keys' }, 'begin with http:// or https://'],
    ['a private key', { issuer, jwks: { keys: [key, { ...key, d: 'secret' }] } }, 'key 2 of jwks of issuer'],
    ['a symmetric key', { issuer, jwks: { keys: [{ kty: 'oct', k: 'secret' }] } }, "holds 'k', which is secret"],
    ['what is no key', { issuer, jwks: { keys: [{ n: 'abc' }] } }, "has no 'kty'"],
    ['a malformed header', { issuer, fromHeaders: [{ name: 'x jwt' }] }, 'header "x jwt" of issuer'],
    ['a malformed header to the app', { issuer, outputClaimToHeaders: { 'x:user': 'sub' } }, 'header "x:user" of issuer'],
    ['an empty claim', { issuer, outputClaimToHeaders: { 'x-user': '' } }, 'outputClaimToHeaders of issuer'],
    ['an empty audience', { issuer, audiences: [''] }, 'audiences of issuer'],
    ['an empty parameter', { issuer, fromParams: [''] }, 'fromParams of issuer'],
    ['an empty cookie', { issuer, fromCookies: [''] }, 'fromCookies of issuer'],
    ['no time', { issuer, timeoutSeconds: 0 }, 'timeoutSeconds of issuer'],
  ])('refuses %s', (_, given, message) => {
    expect(() => rule(given)).toThrow(message);
  });

  it('refuses no issuer, no key, two ways to the keys, and ports where nothing is required', () => {
    const { chart, workload: to } = web();
    // @ts-expect-error nobody signs
    expect(() => new JwtAuthentication(chart, 'a', { to, issuers: [], required: 'token' })).toThrow(
      "issuers of 'layer/a' is empty",
    );
    // @ts-expect-error no key
    expect(() => rule({ issuer, jwks: { keys: [] } })).toThrow('has no key: no token could be valid');
    // @ts-expect-error the keys are in one place
    expect(rule({ issuer, jwksUri: issuer, jwks: { keys: [key] } })).toBeDefined();
    const ports = ['http'] as const;
    expect(() => new JwtAuthentication(chart, 'b', { to, issuers: [{ issuer }], required: 'optional', ports })).toThrow(
      "ports of 'layer/b' say where a token is required, but it is optional",
    );
    const asked = () => new JwtAuthentication(chart, 'c', { to, issuers: [{ issuer }], required: 'token', ports: ['tcp'] });
    expect(asked).toThrow("port tcp (9000) of 'web' speaks tcp");
  });
});
