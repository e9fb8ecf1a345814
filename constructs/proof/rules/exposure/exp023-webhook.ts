import { at, items, number } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { type Labels, matchesSelector } from '../../model/reach/label-selector.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';

export const webhook: Rule = {
  code: 'EXP023',
  title: 'a NetworkPolicy keeps the API server from a webhook',
  severity: 'warning',
  run: (model) => webhooks(model).flatMap((one) => faultOf(model, one) ?? []),
  docs: {
    cause:
      'The API server calls webhooks (istiod 15017, cert-manager 10250, the OpenTelemetry operator 9443) from the network of its node, which no `podSelector` selects. NetworkPolicies isolate the pods of such a webhook, and none has a rule for the port that is open to all, to a block of addresses or to all namespaces. Then no pod gets a sidecar, or the object is refused with a timeout. Some network plugins let the node in.',
    fix: 'Add an ingress rule with the container’s port and without `from`.',
    example:
      'kind: NetworkPolicy\nmetadata: {namespace: istio-system}\nspec: {podSelector: {}, policyTypes: [Ingress]}   # and no policy that opens 15017 of istiod',
  },
};

interface Webhook {
  readonly what: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly port: number;
}

const CHARTS: ReadonlyMap<string, readonly [name: string, label: string, port: number]> = new Map([
  ['istiod', ['istiod', 'istiod', 15017]],
  ['cert-manager', ['cert-manager’s webhook', 'webhook', 10250]],
  ['opentelemetry-operator', ['the OpenTelemetry operator', 'opentelemetry-operator', 9443]],
]);

function webhooks(model: Model): Webhook[] {
  const released = chartReleases(model.objects).flatMap(({ chart, namespace }): Webhook[] => {
    const known = CHARTS.get(chart ?? '');
    if (!known || chart === 'istiod') return [];
    const [what, label, port] = known;
    return [{ what, namespace, labels: { values: new Map([['app.kubernetes.io/name', label]]), complete: false }, port }];
  });
  const istiods = model.workloads
    .filter(({ labels }) => labels.get('app') === 'istiod')
    .map(({ namespace, labels, created }) => ({
      ...{ what: 'istiod', namespace, labels: { values: labels, complete: !created }, port: 15017 },
    }));
  return [...released, ...istiods];
}

function faultOf(model: Model, { what, namespace, labels, port }: Webhook): Fault | undefined {
  const policies = model
    .kind('NetworkPolicy')
    .filter((one) => one.group === 'networking.k8s.io' && one.namespace === namespace && isIngress(one))
    .map((object) => ({ object, selected: matchesSelector(at(object.json, 'spec', 'podSelector'), labels) }))
    .filter(({ selected }) => selected !== 'no');
  const [first] = policies.filter(({ selected }) => selected === 'yes');
  if (!first || policies.some(({ object }) => opens(object, port))) return undefined;
  return {
    at: spotOf(first.object, ['spec', 'podSelector']),
    message: `selects ${what}, and no policy lets the API server in at port ${port}`,
    hint: `add an ingress rule with port ${port} and without from`,
    cause: `webhook ${namespace} ${port}`,
  };
}

function isIngress({ json }: ProofObject): boolean {
  const types = items(json, 'spec', 'policyTypes');
  return types.length === 0 || types.includes('Ingress');
}

/** Whether a rule lets in at a port whoever has no labels: all, a block of addresses, or all namespaces. */
function opens({ json }: ProofObject, port: number): boolean {
  return items(json, 'spec', 'ingress').some((rule) => {
    const ports = items(rule, 'ports');
    const isPort = ports.some((one) => {
      const from = number(one, 'port');
      // A port by its name may be this one.
      return from === undefined || (port >= from && port <= (number(one, 'endPort') ?? from));
    });
    const peers = items(rule, 'from');
    const isOpen = peers.some((peer) => {
      const all = at(peer, 'namespaceSelector');
      const podSelector = at(peer, 'podSelector');
      return at(peer, 'ipBlock') !== undefined || (isEmpty(all) && (podSelector === undefined || isEmpty(podSelector)));
    });
    return (ports.length === 0 || isPort) && (peers.length === 0 || isOpen);
  });
}

function isEmpty(selector: unknown): boolean {
  return typeof selector === 'object' && selector !== null && Object.keys(selector).length === 0;
}
