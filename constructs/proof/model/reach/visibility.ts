import { groupBy } from '../../group-by.ts';
import { at, fields, items, strings, text } from '../../json-path.ts';
import { type ProofObject, type Spot, spotOf } from '../../types.ts';
import { matchesWildcard } from '../hosts.ts';
import { candidatesByNamespace, type Match, matchesSelector } from './label-selector.ts';
import type { Pods } from './pods.ts';

/** A Sidecar resource: what the proxies it is for get to know. */
export interface SidecarScope {
  readonly object: ProofObject;
  readonly namespace: string;
  /** `NAMESPACE/HOST`, as written; all hosts when it has no egress. */
  readonly hosts: readonly string[];
  readonly at: Spot;
  readonly registryOnly: boolean | undefined;
  readonly selector: ReadonlyMap<string, string>;
}

/** A name in the mesh's registry, with the namespace of the object that puts it there. */
export interface RegistryHost {
  readonly host: string;
  readonly namespace: string;
}

/** Finds the Sidecar resource of some pods: one that selects them, that of their namespace, that of the root namespace. */
export function sidecarScopes(objects: readonly ProofObject[], rootNamespace: string) {
  const all = objects.filter((one) => one.kind === 'Sidecar' && one.group === 'networking.istio.io').map(scope);
  const byNamespace = groupBy(
    all.filter((one) => one.selector.size === 0),
    (one) => one.namespace,
  );
  const narrow = candidatesByNamespace(
    all.filter((one) => one.selector.size > 0),
    (one) => one.selector,
  );
  const [root] = byNamespace.get(rootNamespace) ?? [];
  return (pods: Pods): SidecarScope | undefined => {
    // Gateways and waypoints are scoped by none.
    if (pods.gateway) return undefined;
    const chosen = narrow(pods.namespace, pods.labels).find((one) => isFor(one, pods) !== 'no');
    return chosen ?? byNamespace.get(pods.namespace)?.[0] ?? root;
  };
}

/** Whether a Sidecar resource lets its proxies know a host. */
export function imports(sidecar: SidecarScope, of: string, { host, namespace }: RegistryHost): boolean {
  return sidecar.hosts.some((entry) => {
    const [from = '', name = ''] = entry.split('/', 2);
    if (from !== '*' && from !== namespace && !(from === '.' && of === namespace)) return false;
    return name === host || matchesWildcard(name, host);
  });
}

/** What an object of the registry says of where it is exported to; empty when it leaves that to the mesh config. */
export function statedExport(object: ProofObject): readonly string[] {
  const stated =
    object.kind === 'Service'
      ? (strings(object.json, 'metadata', 'annotations').get('networking.istio.io/exportTo') ?? '')
          .split(',')
          .map((one) => one.trim())
      : items(object.json, 'spec', 'exportTo').flatMap((one) => (typeof one === 'string' ? [one] : []));
  return stated.filter((one) => one !== '');
}

/** The namespaces that a list of exports means for a host of a namespace; undefined for all. */
export function exportedTo(to: readonly string[], namespace: string): readonly string[] | undefined {
  if (to.length === 0 || to.includes('*')) return undefined;
  return to.includes('~') ? [] : to.map((one) => (one === '.' ? namespace : one));
}

function scope(object: ProofObject): SidecarScope {
  const { json } = object;
  const egress = items(json, 'spec', 'egress');
  const hosts = egress.flatMap((one) => items(one, 'hosts')).flatMap((host) => (typeof host === 'string' ? [host] : []));
  const mode = text(json, 'spec', 'outboundTrafficPolicy', 'mode');
  return {
    object,
    namespace: object.namespace,
    hosts: egress.length === 0 ? ['*/*'] : hosts,
    at: spotOf(object, ['spec', 'egress', 0, 'hosts']),
    // The first value of the enumeration is REGISTRY_ONLY: a policy without a mode means it.
    registryOnly: at(json, 'spec', 'outboundTrafficPolicy') === undefined ? undefined : mode !== 'ALLOW_ANY',
    selector: strings(json, 'spec', 'workloadSelector', 'labels'),
  };
}

function isFor({ selector }: SidecarScope, { labels }: Pods): Match {
  return matchesSelector({ matchLabels: fields(Object.fromEntries(selector)) }, labels);
}
