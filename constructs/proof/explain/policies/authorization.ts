import type { Json } from '../../../kit/json.ts';
import { groupBy } from '../../group-by.ts';
import { at, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { allOf, anyOf, type Match, matchesSelector, not } from '../../model/reach/label-selector.ts';
import type { Pods } from '../../model/reach/pods.ts';
import { remember } from '../../remember.ts';
import type { ProofObject } from '../../types.ts';
import { type ArrivingRequest, hostMatches, pathMatches, valueMatches } from './authorization-values.ts';

/** What authorization says to one request. */
export interface Verdict {
  readonly allowed: boolean | 'unknown';
  readonly reason: string | undefined;
}

const policiesIn = remember((model: Model) => {
  const all = model
    .kind('AuthorizationPolicy')
    .filter(
      ({ group, json }) => group === 'security.istio.io' && text(json, 'metadata', 'annotations', 'istio.io/dry-run') !== 'true',
    );
  const byNamespace = groupBy(all, (one) => one.namespace);
  const root = model.meshConfigs[0]?.rootNamespace ?? 'istio-system';
  return (namespace: string) => [...new Set([root, namespace])].flatMap((one) => byNamespace.get(one) ?? []);
});

/**
 * Whether a request may pass at some pods (Istio 1.30): refused by a DENY policy with a rule that matches; asked elsewhere by a CUSTOM
 * one; else let in by an ALLOW policy, or because there is none.
 */
export function authorize(model: Model, pods: Pods, request: ArrivingRequest): Verdict {
  const all = policiesIn(model)(pods.namespace)
    .map((policy) => ({ policy, action: text(policy.json, 'spec', 'action') ?? 'ALLOW', holds: holdsFor(policy, pods) }))
    .filter((one) => one.holds !== 'no');
  if (all.length === 0 || pods.plane === 'none') return { allowed: true, reason: undefined };
  const asked = all.map((one) => ({ ...one, says: allOf([one.holds, rulesMatch(one.policy, one.action, request)]) }));
  const of = (action: string) => asked.filter((one) => one.action === action);
  const open = (policy: ProofObject | undefined): Verdict => ({
    allowed: 'unknown',
    reason: `whether ${policy?.id ?? 'a policy'} matches depends on what the request does not tell`,
  });
  const denied = of('DENY').find((one) => one.says === 'yes');
  if (denied && pods.plane !== 'unknown') return { allowed: false, reason: `${denied.policy.id} denies it at ${pods.object.id}` };
  const custom = of('CUSTOM').find((one) => one.says !== 'no');
  if (custom) return { allowed: 'unknown', reason: `${custom.policy.id} leaves the decision to an external authorizer` };
  const perhaps = of('DENY').find((one) => one.says !== 'no');
  if (perhaps) return open(perhaps.policy);
  const allow = of('ALLOW');
  const given = allow.find((one) => one.says === 'yes');
  if (given) return { allowed: true, reason: `${given.policy.id} allows it at ${pods.object.id}` };
  const [certain] = allow.filter((one) => one.holds === 'yes');
  if (!certain) return allow.length === 0 ? { allowed: true, reason: undefined } : open(allow[0]?.policy);
  const maybe = allow.find((one) => one.says === 'maybe');
  if (maybe) return open(maybe.policy);
  if (pods.plane !== 'sidecar') return open(certain.policy);
  const names = allow.map((one) => one.policy.id).join(', ');
  return {
    allowed: false,
    reason: `${names} ${allow.length === 1 ? 'allows' : 'allow'} other requests to ${pods.object.id} only`,
  };
}

/** A policy with targetRefs is for a Gateway or waypoint; at a gateway's pods it holds when it names that Gateway. */
function holdsFor({ json }: ProofObject, pods: Pods): Match {
  const targets = [
    ...items(json, 'spec', 'targetRefs'),
    ...(at(json, 'spec', 'targetRef') === undefined ? [] : [at(json, 'spec', 'targetRef') ?? null]),
  ];
  if (targets.length > 0) {
    const gateway = pods.labels.values.get('gateway.networking.k8s.io/gateway-name');
    return gateway !== undefined && targets.some((one) => text(one, 'kind') === 'Gateway' && text(one, 'name') === gateway)
      ? 'yes'
      : 'no';
  }
  return matchesSelector(at(json, 'spec', 'selector'), pods.labels);
}

/** What only HTTP tells counts for nothing on a plain connection: DENY rules hold without it, others never. */
function rulesMatch(policy: ProofObject, action: string, request: ArrivingRequest): Match {
  const http = (matches: Match[]): Match[] =>
    request.method === undefined ? matches.map(() => (action === 'DENY' ? 'yes' : 'no')) : matches;
  return anyOf(
    items(policy.json, 'spec', 'rules').map((rule) => {
      const from = items(rule, 'from').map((one) => sourceMatches(at(one, 'source'), request, http));
      const to = items(rule, 'to').map((one) => operationMatches(at(one, 'operation'), request, http));
      const when = items(rule, 'when').map((one) => conditionMatches(one, request, http));
      return allOf([from.length === 0 ? 'yes' : anyOf(from), to.length === 0 ? 'yes' : anyOf(to), ...when]);
    }),
  );
}

type HttpOnly = (matches: Match[]) => Match[];

/** Both a list and its negation: `principals` and `notPrincipals`. */
function both(json: Json | undefined, key: string, one: (pattern: string) => Match): Match[] {
  const negation = `not${key[0]?.toUpperCase()}${key.slice(1)}`;
  return [...listed(json, key, one), ...listed(json, negation, one).map(not)];
}

function listed(json: Json | undefined, key: string, one: (pattern: string) => Match): Match[] {
  const values = items(json, key);
  return values.length === 0 ? [] : [anyOf(values.map((value) => one(String(value))))];
}

function sourceMatches(source: Json | undefined, request: ArrivingRequest, http: HttpOnly): Match {
  return allOf([
    ...both(source, 'namespaces', (pattern) => namespaceIs(pattern, request)),
    ...both(source, 'serviceAccounts', (pattern) => accountIs(pattern, request)),
    ...both(source, 'principals', (pattern) => principalIs(pattern, request)),
    ...http(both(source, 'requestPrincipals', () => tokenSays(request))),
    ...both(source, 'ipBlocks', () => 'maybe'),
    ...both(source, 'remoteIpBlocks', () => 'maybe'),
  ]);
}

function operationMatches(operation: Json | undefined, request: ArrivingRequest, http: HttpOnly): Match {
  return allOf([
    ...both(operation, 'ports', (pattern) => yes(pattern === `${request.port}`)),
    ...http(both(operation, 'methods', (pattern) => yes(valueMatches(pattern, request.method)))),
    ...http(both(operation, 'paths', (pattern) => yes(pathMatches(pattern, request.path)))),
    ...http(both(operation, 'hosts', (pattern) => yes(hostMatches(pattern, request.host)))),
  ]);
}

function conditionMatches(when: Json, request: ArrivingRequest, http: HttpOnly): Match {
  const key = text(when, 'key') ?? '';
  const one = (value: string): Match => {
    const header = /^request\.headers\[(.+)\]$/.exec(key)?.[1];
    if (header !== undefined) return yes(valueMatches(value, request.headers.get(header.toLowerCase())));
    if (key === 'source.namespace') return namespaceIs(value, request);
    if (key === 'source.principal') return principalIs(value, request);
    if (key === 'source.serviceAccount') return accountIs(value, request);
    if (key === 'destination.port') return yes(value === `${request.port}`);
    if (key.startsWith('request.auth.')) return tokenSays(request);
    return 'maybe';
  };
  const found = [...listed(when, 'values', one), ...listed(when, 'notValues', one).map(not)];
  return allOf(key.startsWith('request.') ? http(found) : found);
}

/** Without mTLS there is no identity: what asks for one never holds. */
function known(request: ArrivingRequest, match: Match): Match {
  if (request.identity === 'none') return 'no';
  return request.identity === 'unknown' ? 'maybe' : match;
}

function namespaceIs(pattern: string, request: ArrivingRequest): Match {
  return known(request, request.namespace === undefined ? 'maybe' : yes(valueMatches(pattern, request.namespace)));
}

function accountIs(pattern: string, request: ArrivingRequest): Match {
  const [first = '', second] = pattern.split('/');
  if (request.namespace === undefined) return known(request, 'maybe');
  if (second !== undefined && first !== request.namespace) return known(request, 'no');
  if (request.account === undefined) return known(request, 'maybe');
  return known(request, yes((second ?? first) === request.account));
}

/** TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT; the trust domain is taken for right, it may be an alias. */
function principalIs(pattern: string, request: ArrivingRequest): Match {
  const { namespace, account } = request;
  if (pattern === '*') return known(request, 'yes');
  if (namespace === undefined) return known(request, 'maybe');
  if (pattern.startsWith('*') && account !== undefined)
    return known(request, yes(`cluster.local/ns/${namespace}/sa/${account}`.endsWith(pattern.slice(1))));
  const start = pattern.indexOf('/ns/');
  if (start < 0) return known(request, pattern.endsWith('*') && 'cluster.local/'.startsWith(pattern.slice(0, -1)) ? 'yes' : 'no');
  const path = pattern.slice(start);
  if (account !== undefined) return known(request, yes(valueMatches(path, `/ns/${namespace}/sa/${account}`)));
  const ours = `/ns/${namespace}/sa/`;
  const stem = path.replace(/\*$/, '');
  if (path.endsWith('*') && ours.startsWith(stem)) return known(request, 'yes');
  return known(request, stem.startsWith(ours) ? 'maybe' : 'no');
}

/** A token cannot be checked here; without one there is no principal of the request. */
function tokenSays(request: ArrivingRequest): Match {
  return request.headers.has('authorization') ? 'maybe' : 'no';
}

function yes(is: boolean): Match {
  return is ? 'yes' : 'no';
}
