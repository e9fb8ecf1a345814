import { App } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { Bookinfo } from '../constructs/apps/index.ts';
import { Layer, MeshService } from '../constructs/kit/index.ts';
import {
  Authorization,
  type AuthorizationProps,
  type AuthorizationRule,
  JwtAuthentication,
  type JwtAuthenticationProps,
  MutualTls,
  type PolicyTarget,
  type ServiceTarget,
  Waypoint,
} from '../constructs/mesh/index.ts';
import { object } from './support/synth.ts';

const issuer = { issuer: 'https://issuer.example.org' };

function shop() {
  const app = new App();
  const layer = new Layer(app, 'layer', { namespace: 'shop' });
  const other = new Layer(app, 'other', { namespace: 'bank' });
  const web = new MeshService(layer, 'web', {
    name: 'web',
    selector: { app: 'web' },
    ports: [
      { name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' },
      { name: 'tcp', port: 5432, appProtocol: 'tcp' },
      { name: 'dns', port: 53, appProtocol: 'udp' },
    ],
  });
  const waypoint = new Waypoint(layer, 'waypoint');
  const bookinfo = new Bookinfo(layer, 'bookinfo');
  return { layer, other, web, waypoint, bookinfo };
}

type Shop = ReturnType<typeof shop>;

/** The spec of a policy with one rule. */
function policy(to: (made: Shop) => PolicyTarget, rule: AuthorizationRule, action: AuthorizationProps['action'] = 'allow') {
  const made = shop();
  new Authorization(made.layer, 'policy', { to: to(made), action, rules: [rule] });
  return object(made.layer, 'AuthorizationPolicy', 'policy').spec;
}

const gateway = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'waypoint' };
const ofWaypoint = ({ waypoint }: Shop) => waypoint;
const ofWeb = ({ web }: Shop): Required<ServiceTarget> => ({ service: web });

describe('a policy for a waypoint', () => {
  it('names its Gateway, never its pods by labels: a waypoint reads no selector', () => {
    expect(policy(ofWaypoint, { methods: ['GET'], paths: ['/api/*'], headers: { 'end-user': ['jason'] } })).toEqual({
      targetRefs: [gateway],
      action: 'ALLOW',
      rules: [
        {
          to: [{ operation: { methods: ['GET'], paths: ['/api/*'] } }],
          when: [{ key: 'request.headers[end-user]', values: ['jason'] }],
        },
      ],
    });
    expect(policy(ofWaypoint, { paths: ['/x'] }, { custom: 'opa' })).toMatchObject({ targetRefs: [gateway], action: 'CUSTOM' });
  });

  it('gives a deny by HTTP its ports, which nobody but the author knows', () => {
    expect(() => policy(ofWaypoint, { methods: ['POST'] }, 'deny')).toThrow(
      "rule 1 of 'layer/policy' denies by what only HTTP has, and the ports of waypoint 'waypoint' are not known",
    );
    expect(policy(ofWaypoint, { methods: ['POST'], ports: [80] }, 'deny').rules).toEqual([
      { to: [{ operation: { methods: ['POST'], ports: ['80'] } }] },
    ]);
    expect(() => policy(ofWaypoint, { ports: ['http'] })).toThrow(
      `'layer/policy' is about port "http" of waypoint 'waypoint', which does not know the ports of what is behind it: give its number`,
    );
  });

  it('stands in its namespace', () => {
    const { other, waypoint } = shop();
    const made = () => new Authorization(other, 'p', { to: waypoint, action: 'allow', rules: [{ methods: ['GET'] }] });
    expect(made).toThrow(/'other\/p' is for waypoint 'waypoint' of 'shop', but stands in 'bank'/);
  });

  it('can be for its pods as senders: to what is behind it, they are who sends', () => {
    const { layer, waypoint, bookinfo } = shop();
    new Authorization(layer, 'p', { to: bookinfo.reviews, action: 'allow', rules: [{ from: [waypoint] }] });
    expect(object(layer, 'AuthorizationPolicy', 'p').spec).toMatchObject({
      selector: { matchLabels: { app: 'reviews' } },
      rules: [{ from: [{ source: { principals: ['cluster.local/ns/shop/sa/waypoint'] } }] }],
    });
  });
});

describe('a policy for a Service behind a waypoint', () => {
  const webRef = { group: '', kind: 'Service', name: 'web' };

  it('names the Service, and its ports: those are what a waypoint sees', () => {
    expect(policy(ofWeb, { paths: ['/api/*'], ports: ['http'] })).toEqual({
      targetRefs: [webRef],
      action: 'ALLOW',
      rules: [{ to: [{ operation: { paths: ['/api/*'], ports: ['80'] } }] }],
    });
    expect(() => policy(ofWeb, { ports: [8080] })).toThrow(
      "'layer/policy' is about port 8080 of service 'web', which has http (80), tcp (5432): a waypoint sees the Service's port, not the container's",
    );
  });

  it('takes an app with versions for its Service, and by itself for its pods', () => {
    const anyone: AuthorizationRule = { from: 'authenticated' };
    expect(policy(({ bookinfo }) => ({ service: bookinfo.reviews }), anyone).targetRefs).toEqual([
      { ...webRef, name: 'reviews' },
    ]);
    const pods = policy(({ bookinfo }) => bookinfo.reviews, anyone);
    expect([pods.selector, pods.targetRefs]).toEqual([{ matchLabels: { app: 'reviews' } }, undefined]);
  });

  it('keeps a deny by HTTP away from its TCP port', () => {
    expect(policy(ofWeb, { methods: ['POST'] }, 'deny').rules).toEqual([
      { to: [{ operation: { methods: ['POST'], ports: ['80'] } }] },
    ]);
    expect(() => policy(ofWeb, { methods: ['POST'], ports: ['tcp'] })).toThrow("port tcp (5432) of service 'web' speaks tcp");
  });

  it('stands in its namespace', () => {
    const { other, web } = shop();
    const made = () => new Authorization(other, 'p', { to: { service: web }, action: 'allow', rules: [{ methods: ['GET'] }] });
    expect(made).toThrow(/'other\/p' is for service 'web' of 'shop', but stands in 'bank'/);
  });

  it('does not compile for what is no Service', () => {
    const { layer, bookinfo } = shop();
    const refused = () =>
      new Authorization(layer, 'p', {
        // @ts-expect-error one version has no Service of its own
        to: { service: bookinfo.reviews.v1 },
        action: 'allow',
        rules: [{ methods: ['GET'] }],
      });
    expect(refused).toThrow();
  });
});

describe('tokens at a waypoint', () => {
  const every = (to: PolicyTarget): Required<JwtAuthenticationProps> => ({
    to,
    issuers: [issuer],
    required: 'token',
    ports: [80],
    name: 'people',
  });

  it.each<[string, (made: Shop) => PolicyTarget, object]>([
    ['it', ofWaypoint, gateway],
    ['a Service behind it', ofWeb, { group: '', kind: 'Service', name: 'web' }],
  ])('are read and required by %s', (_, to, ref) => {
    const made = shop();
    new JwtAuthentication(made.layer, 'jwt', every(to(made)));
    expect(object(made.layer, 'RequestAuthentication', 'people').spec).toEqual({ targetRefs: [ref], jwtRules: [issuer] });
    expect(object(made.layer, 'AuthorizationPolicy', 'people-require-token').spec).toEqual({
      targetRefs: [ref],
      action: 'DENY',
      rules: [{ from: [{ source: { notRequestPrincipals: ['*'] } }], to: [{ operation: { ports: ['80'] } }] }],
    });
  });

  it('are required at the HTTP ports of a Service without a word', () => {
    const { layer, bookinfo } = shop();
    new JwtAuthentication(layer, 'jwt', { to: { service: bookinfo.reviews }, issuers: [issuer], required: 'token' });
    expect(object(layer, 'AuthorizationPolicy', 'jwt-require-token').spec.rules[0].to[0].operation.ports).toEqual(['9080']);
  });
});

describe('MutualTls', () => {
  it('is nothing for a waypoint to say', () => {
    const { layer, waypoint } = shop();
    expect(() => new MutualTls(layer, 'm', { to: waypoint, mode: 'strict' })).toThrow(
      "mutual tls 'layer/m' is for waypoint 'waypoint', which takes mutual tls anyway",
    );
  });
});
