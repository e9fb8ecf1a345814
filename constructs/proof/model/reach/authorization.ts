import type { Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { at, items, text } from '../../json-path.ts';
import { type ProofObject, type Spot, spotOf } from '../../types.ts';
import { allOf, anyOf, type Match, matchesSelector, not } from './label-selector.ts';
import type { Pods } from './pods.ts';

/** One request, as a proxy sees it. */
export interface Request {
  readonly from: Pods;
  readonly port: number;
  /** A span on its way: sent by POST, without a token. */
  readonly span: boolean;
}

/** Why a request is refused. */
export interface Refusal {
  readonly action: 'ALLOW' | 'DENY';
  readonly policy: ProofObject;
  readonly at: Spot;
}

/**
 * Tells who refuses a request to some pods (Istio 1.30, AuthorizationPolicy): a DENY policy with a rule that matches, or ALLOW policies
 * none of whose rules can match. Undefined when nobody does, as far as the input shows.
 */
export function authorization(objects: readonly ProofObject[], rootNamespace: string) {
  const policies = objects.filter(
    ({ kind, group, json }) =>
      kind === 'AuthorizationPolicy' &&
      group === 'security.istio.io' &&
      // For a Gateway, a waypoint or what lies behind one.
      at(json, 'spec', 'targetRefs') === undefined &&
      at(json, 'spec', 'targetRef') === undefined &&
      text(json, 'metadata', 'annotations', 'istio.io/dry-run') !== 'true',
  );
  const byNamespace = groupBy(policies, (policy) => policy.namespace);
  const policiesOf = remember((to: Pods) =>
    [...new Set([rootNamespace, to.namespace])]
      .flatMap((namespace) => byNamespace.get(namespace) ?? [])
      .map((policy) => ({ policy, selected: matchesSelector(at(policy.json, 'spec', 'selector'), to.labels) }))
      .filter((one) => one.selected !== 'no'),
  );
  return (to: Pods, request: Request): Refusal | undefined => {
    const all = policiesOf(to);
    const denied = all.find(({ policy, selected }) => {
      return action(policy) === 'DENY' && selected === 'yes' && rulesOf(policy, request) === 'yes';
    });
    if (denied) return { action: 'DENY', policy: denied.policy, at: spotOf(denied.policy, ['spec']) };
    const allowing = all.filter(({ policy }) => action(policy) === 'ALLOW');
    const [first] = allowing.filter((one) => one.selected === 'yes');
    if (!first || anyOf(allowing.map(({ policy }) => rulesOf(policy, request))) !== 'no') return undefined;
    // Of several, the one that tries to name senders or ports is more likely wrong than a general refusal beside it.
    const named = allowing.find((one) => one.selected === 'yes' && items(one.policy.json, 'spec', 'rules').length > 0) ?? first;
    return { action: 'ALLOW', policy: named.policy, at: spotOf(named.policy, ['spec']) };
  };
}

function action(policy: ProofObject): string {
  return text(policy.json, 'spec', 'action') ?? 'ALLOW';
}

function rulesOf(policy: ProofObject, request: Request): Match {
  return anyOf(
    items(policy.json, 'spec', 'rules').map((rule) => {
      const from = items(rule, 'from').map((one) => sourceMatches(at(one, 'source'), request));
      const to = items(rule, 'to').map((one) => operationMatches(at(one, 'operation'), request));
      return allOf([
        from.length === 0 ? 'yes' : anyOf(from),
        to.length === 0 ? 'yes' : anyOf(to),
        items(rule, 'when').length === 0 ? 'yes' : 'maybe',
      ]);
    }),
  );
}

function sourceMatches(source: Json | undefined, { from, span }: Request): Match {
  const { namespace, serviceAccount, plane } = from;
  // Without mTLS there is no identity; a condition on one then never holds, its negation always.
  const known = (match: Match): Match => (plane === 'none' ? 'no' : plane === 'unknown' ? 'maybe' : match);
  const inNamespace = (pattern: string) => known(matches(pattern, namespace));
  const isAccount = (pattern: string): Match => {
    const [first = '', second] = pattern.split('/');
    if (second !== undefined && first !== namespace) return known('no');
    if (serviceAccount === undefined) return 'maybe';
    return known((second ?? first) === serviceAccount ? 'yes' : 'no');
  };
  return allOf([
    ...listed(source, 'namespaces', inNamespace),
    ...listed(source, 'serviceAccounts', isAccount),
    ...listed(source, 'principals', (pattern) => known(principal(pattern, from))),
    ...listed(source, 'requestPrincipals', () => (span ? 'no' : 'maybe')),
    ...listed(source, 'notNamespaces', inNamespace).map(not),
    ...listed(source, 'notServiceAccounts', isAccount).map(not),
    ...listed(source, 'notPrincipals', (pattern) => known(principal(pattern, from))).map(not),
    ...['ipBlocks', 'remoteIpBlocks', 'notIpBlocks', 'notRemoteIpBlocks'].flatMap((key) => listed(source, key, () => 'maybe')),
  ]);
}

function operationMatches(operation: Json | undefined, { port, span }: Request): Match {
  const isPort = (pattern: string) => matches(pattern, `${port}`);
  const isMethod = (pattern: string): Match => (span ? matches(pattern, 'POST') : 'maybe');
  return allOf([
    ...listed(operation, 'ports', isPort),
    ...listed(operation, 'notPorts', isPort).map(not),
    ...listed(operation, 'methods', isMethod),
    ...listed(operation, 'notMethods', isMethod).map(not),
    ...['hosts', 'paths', 'notHosts', 'notPaths'].flatMap((key) => listed(operation, key, () => 'maybe')),
  ]);
}

/** A list of values of which one must match; nothing when the list is not there. */
function listed(json: Json | undefined, key: string, one: (pattern: string) => Match): Match[] {
  const values = items(json, key);
  return values.length === 0 ? [] : [anyOf(values.map((value) => (typeof value === 'object' ? 'maybe' : one(`${value}`))))];
}

/** Istio's patterns: whole, `prefix*`, `*suffix`, `*`. */
function matches(pattern: string, value: string): Match {
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1)) ? 'yes' : 'no';
  if (pattern.startsWith('*')) return value.endsWith(pattern.slice(1)) ? 'yes' : 'no';
  return pattern === value ? 'yes' : 'no';
}

/** A principal is TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT; the trust domain is taken for right, it may be an alias. */
function principal(pattern: string, { namespace, serviceAccount }: Pods): Match {
  if (pattern === '*') return 'yes';
  const start = pattern.indexOf('/ns/');
  if (start < 0 || pattern.startsWith('*/sa/')) return pattern.includes('*') ? 'maybe' : 'no';
  const path = pattern.slice(start);
  if (serviceAccount !== undefined) return matches(path, `/ns/${namespace}/sa/${serviceAccount}`);
  const ours = `/ns/${namespace}/`;
  return path.startsWith(ours) || ours.startsWith(path.replace(/\*$/, '')) ? 'maybe' : 'no';
}
