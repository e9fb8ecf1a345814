import type { Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, items, number, strings, text } from '../../json-path.ts';
import { type ProofObject, type Spot, spotOf } from '../../types.ts';
import { allOf, anyOf, candidatesByNamespace, type Match, matchesSelector } from './label-selector.ts';
import type { Namespaces, Pods } from './pods.ts';

/** A connection between pods: the port is the container's, where it arrives. */
export interface Connection {
  readonly from: Pods;
  readonly to: Pods;
  readonly port: number;
}

/** The policies that stop a connection on one side. */
export interface Stop {
  readonly policies: readonly ProofObject[];
  readonly at: Spot;
}

/**
 * Tells which NetworkPolicies stop a connection: policies that isolate the pods of one side while no rule of any of them lets it
 * through. Address blocks may be anybody's, so a rule that names one lets everything through here.
 */
export function networkPolicies(objects: readonly ProofObject[], namespaces: Namespaces) {
  const all = objects.filter(({ kind, group }) => kind === 'NetworkPolicy' && group === 'networking.k8s.io');
  const near = candidatesByNamespace(all, (policy) => strings(policy.json, 'spec', 'podSelector', 'matchLabels'));
  const isolatingOf = remember((pods: Pods) =>
    near(pods.namespace, pods.labels)
      .map((policy) => ({ policy, selected: matchesSelector(at(policy.json, 'spec', 'podSelector'), pods.labels) }))
      .filter((one) => one.selected !== 'no'),
  );
  return (side: 'ingress' | 'egress', { from, to, port }: Connection): Stop | undefined => {
    const [isolated, other] = side === 'ingress' ? [to, from] : [from, to];
    const isolating = isolatingOf(isolated).filter(({ policy }) => directions(policy).includes(side));
    const [first] = isolating.filter((one) => one.selected === 'yes').map((one) => one.policy);
    if (!first) return undefined;
    const admitted = isolating.some(({ policy }) =>
      items(policy.json, 'spec', side).some((rule) => {
        const peers = items(rule, side === 'ingress' ? 'from' : 'to');
        const ports = items(rule, 'ports');
        const isPeer = peers.length === 0 ? 'yes' : anyOf(peers.map((peer) => peerMatches(peer, other, policy, namespaces)));
        const isPort = ports.length === 0 ? 'yes' : anyOf(ports.map((one) => portMatches(one, port, to)));
        return allOf([isPeer, isPort]) !== 'no';
      }),
    );
    if (admitted) return undefined;
    const policies = isolating.filter((one) => one.selected === 'yes').map((one) => one.policy);
    // Of several, one with rules is the place to add another.
    const place = policies.find((policy) => items(policy.json, 'spec', side).length > 0) ?? first;
    return { policies, at: spotOf(place, ['spec', side]) };
  };
}

function directions({ json }: ProofObject): readonly string[] {
  const types = items(json, 'spec', 'policyTypes').flatMap((type) => (typeof type === 'string' ? [type.toLowerCase()] : []));
  if (types.length > 0) return types;
  return items(json, 'spec', 'egress').length > 0 ? ['ingress', 'egress'] : ['ingress'];
}

function peerMatches(peer: Json, pods: Pods, policy: ProofObject, namespaces: Namespaces): Match {
  if (at(peer, 'ipBlock') !== undefined) return 'maybe';
  const namespace = at(peer, 'namespaceSelector');
  const inNamespace: Match =
    namespace === undefined
      ? pods.namespace === policy.namespace
        ? 'yes'
        : 'no'
      : matchesSelector(namespace, namespaces.labels(pods.namespace));
  return allOf([inNamespace, matchesSelector(at(peer, 'podSelector'), pods.labels)]);
}

function portMatches(port: Json, wanted: number, to: Pods): Match {
  if ((text(port, 'protocol') ?? 'TCP') !== 'TCP') return 'no';
  const from = number(port, 'port');
  if (from !== undefined) return wanted >= from && wanted <= (number(port, 'endPort') ?? from) ? 'yes' : 'no';
  const name = text(port, 'port');
  if (name === undefined) return 'yes';
  const found = to.ports.get(name);
  if (found !== undefined) return found === wanted ? 'yes' : 'no';
  return to.labels.complete ? 'no' : 'maybe';
}
