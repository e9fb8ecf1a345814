import type { Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { at, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { allOf, anyOf, type Match, matchesSelector, not } from '../../model/reach/label-selector.ts';
import type { Pods } from '../../model/reach/pods.ts';
import { selects } from '../../model/workloads.ts';
import type { ProofObject } from '../../types.ts';
import { type ArrivingRequest, headerMatches, headerOf, hostMatches, pathMatches, valueMatches } from './authorization-values.ts';
import { accountIs, type IdentityReader, namespaceIs, principalIs, trustDomainIs, trustDomainsOf } from './identities.ts';
import { tokenPlaces, tokenSays } from './tokens.ts';

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
  const policies = policiesIn(model)(pods.namespace);
  const before = pods.plane === 'ambient' ? policies.find((one) => isForWaypoint(model, one, pods)) : undefined;
  const all = policies
    .map((policy) => ({ policy, action: text(policy.json, 'spec', 'action') ?? 'ALLOW', holds: holdsFor(policy, pods) }))
    .filter((one) => one.holds !== 'no');
  if ((all.length === 0 && !before) || pods.plane === 'none') return { allowed: true, reason: undefined };
  const mesh = { trustDomains: trustDomainsOf(model), tokens: tokenPlaces(model) };
  const asked = all.map((one) => ({
    ...one,
    says: allOf([one.holds, rulesMatch(one, { ...mesh, request, namespace: one.policy.namespace })]),
  }));
  const of = (action: string) => asked.filter((one) => one.action === action);
  const open = (policy: ProofObject | undefined): Verdict => ({
    allowed: 'unknown',
    reason: `whether ${policy?.id ?? 'a policy'} matches depends on what the request does not tell`,
  });
  const denied = of('DENY').find((one) => one.says === 'yes');
  if (denied && pods.plane !== 'unknown') return { allowed: false, reason: `${denied.policy.id} denies it at ${pods.object.id}` };
  if (before) return { allowed: 'unknown', reason: `${before.id} is asked by the waypoint before ${pods.object.id}` };
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

function targetsOf({ json }: ProofObject): Json[] {
  const single = at(json, 'spec', 'targetRef');
  return [...items(json, 'spec', 'targetRefs'), ...(single === undefined ? [] : [single])];
}

/** Whether a policy is for a waypoint that pods may be behind: it names a Service of theirs, a waypoint beside them, or all waypoints. */
function isForWaypoint(model: Model, policy: ProofObject, pods: Pods): boolean {
  return targetsOf(policy).some((target) => {
    const [kind, name = ''] = [text(target, 'kind'), text(target, 'name')];
    if (kind === 'GatewayClass') return name.includes('waypoint');
    if (policy.namespace !== pods.namespace) return false;
    const gateway = kind === 'Gateway' ? model.gateways.get('gateway-api', policy.namespace, name) : undefined;
    const service = kind === 'Service' ? model.services.get(policy.namespace, name) : undefined;
    return (
      text(gateway?.object.json, 'spec', 'gatewayClassName')?.includes('waypoint') === true ||
      (service !== undefined && service.selector.size > 0 && selects(service.selector, pods.labels.values))
    );
  });
}

/** A policy with targetRefs is for a Gateway or waypoint; at a gateway's pods it holds when it names that Gateway. */
function holdsFor(policy: ProofObject, pods: Pods): Match {
  const { json } = policy;
  const targets = targetsOf(policy);
  if (targets.length > 0) {
    const gateway = pods.labels.values.get('gateway.networking.k8s.io/gateway-name');
    return gateway !== undefined &&
      policy.namespace === pods.namespace &&
      targets.some((one) => text(one, 'kind') === 'Gateway' && text(one, 'name') === gateway)
      ? 'yes'
      : 'no';
  }
  return matchesSelector(at(json, 'spec', 'selector'), pods.labels);
}

/**
 * What only HTTP tells counts for nothing on a plain connection: rules of ALLOW never hold by it, all others hold without it
 * (pilot/pkg/security/authz/model, checkError).
 */
function rulesMatch({ policy, action }: { readonly policy: ProofObject; readonly action: string }, by: IdentityReader): Match {
  const { request } = by;
  const http = (matches: Match[]): Match[] =>
    request.method === undefined ? matches.map(() => (action === 'ALLOW' ? 'no' : 'yes')) : matches;
  return anyOf(
    items(policy.json, 'spec', 'rules').map((rule) => {
      const from = items(rule, 'from').map((one) => sourceMatches(at(one, 'source'), by, http));
      const to = items(rule, 'to').map((one) => operationMatches(at(one, 'operation'), request, http));
      const when = items(rule, 'when').map((one) => conditionMatches(one, by, http));
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

function sourceMatches(source: Json | undefined, by: IdentityReader, http: HttpOnly): Match {
  return allOf([
    ...both(source, 'namespaces', (pattern) => namespaceIs(pattern, by)),
    ...both(source, 'serviceAccounts', (pattern) => accountIs(pattern, by)),
    ...both(source, 'principals', (pattern) => principalIs(pattern, by)),
    ...both(source, 'trustDomains', (pattern) => trustDomainIs(pattern, by)),
    ...http(both(source, 'requestPrincipals', () => tokenSays(by))),
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

function conditionMatches(when: Json, by: IdentityReader, http: HttpOnly): Match {
  const { request } = by;
  const key = text(when, 'key') ?? '';
  const one = (value: string): Match => {
    const header = /^request\.headers\[(.+)\]$/.exec(key)?.[1];
    if (header !== undefined) return yes(headerMatches(value, headerOf(request, header)));
    if (key === 'source.namespace') return namespaceIs(value, by);
    if (key === 'source.principal') return principalIs(value, by);
    if (key === 'source.serviceAccount') return accountIs(value, by);
    if (key === 'source.trustDomain') return trustDomainIs(value, by);
    if (key === 'destination.port') return yes(value === `${request.port}`);
    if (key.startsWith('request.auth.')) return tokenSays(by);
    return 'maybe';
  };
  const found = [...listed(when, 'values', one), ...listed(when, 'notValues', one).map(not)];
  return allOf(key.startsWith('request.') ? http(found) : found);
}

function yes(is: boolean): Match {
  return is ? 'yes' : 'no';
}
