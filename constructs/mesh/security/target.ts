import type { Construct, IConstruct } from 'constructs';
import {
  checkPort,
  type Destination,
  httpProtocols,
  type ListeningPort,
  type MeshService,
  namespaceOf,
  type PodSet,
  UserError,
  type VersionedApp,
} from '../../kit/index.ts';
import { checkDnsSubdomain, checkOwnNamespace } from '../../kit/layer.ts';
import { stackOrVariant } from '../../kit/stack-of.ts';
import { Waypoint } from '../waypoint.ts';

/**
 * Whose requests a policy is about. You can pass one of:
 * - some pods: a Workload, one version of an app, all versions behind a Service, gateway pods. Their sidecar or gateway asks the policy;
 *   of ambient pods it is ztunnel, which knows senders and ports, but no HTTP;
 * - 'namespace': all pods of the policy's namespace; in the mesh's root namespace the whole mesh;
 * - a {@link Waypoint}: all that passes through it, also to the other namespaces that use it;
 * - `{ service: bookinfo.reviews }`: what passes to one Service through its waypoint.
 *
 * A waypoint reads policies that name it or a Service (`targetRefs`), never those of pods or namespaces (Istio 1.30).
 */
export type PolicyTarget = 'namespace' | PodSet | Destination | Waypoint | ServiceTarget;

/** What is sent to a Service of the policy's namespace, and passes a {@link Waypoint} there. */
export interface ServiceTarget {
  readonly service: MeshService | VersionedApp<string>;
}

/**
 * A port, by number or name: the container's, for it is there that a sidecar sees requests. A waypoint sees those for a Service at the
 * Service's port.
 */
export type PodPort = number | string;

/** What a policy is about, checked. */
export interface Target {
  /** For messages: `'reviews'`, `namespace 'shop'`. */
  readonly what: string;
  readonly namespace: string;
  /** Whom the policy's `spec` names; nobody for the whole namespace. */
  readonly scope:
    | { readonly selector?: { readonly matchLabels: { [key: string]: string } }; readonly targetRefs?: never }
    | { readonly selector?: never; readonly targetRefs: [TargetRef] };
  /** What is known of the ports; empty when nothing is. */
  readonly ports: readonly ListeningPort[];
  /** Whether these are all ports, so that another one is a mistake. */
  readonly complete: boolean;
  /** The end of a message about a port that is none of those known. */
  readonly tellPorts: (known: string) => string;
}

interface TargetRef {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

const tellContainers: Target['tellPorts'] = (known) =>
  known
    ? `whose containers listen at ${known}: it is the container's port, not the Service's`
    : 'whose containers do not say their ports: give its number';

/**
 * Reads whom a policy is for.
 *
 * @throws UserError when it is of another namespace than the policy, has no pods, or would select every pod by no label
 */
export function targetOf(scope: Construct, to: PolicyTarget): Target {
  const namespace = namespaceOf(scope);
  const path = scope.node.path;
  if (to === 'namespace')
    return { what: `namespace '${namespace}'`, namespace, scope: {}, ports: [], complete: false, tellPorts: tellContainers };
  if (to instanceof Waypoint) return waypointTarget(to, namespace, path);
  if (!('selector' in to)) return serviceTarget(to, namespace, path);
  const { selector } = to;
  if (selector === undefined) {
    const host = 'host' in to ? to.host : to.namespace;
    throw new UserError(
      `'${path}' is for '${host}', which has no pods in the cluster: a policy holds where pods with a proxy take requests`,
    );
  }
  const labels = Object.entries(selector);
  const name = nameOf(to);
  if (labels.length === 0)
    throw new UserError(`'${path}' selects pods by no label, which means all of namespace '${namespace}': say to: 'namespace'`);
  checkOwnNamespace(`'${path}'`, namespace, `'${name}'`, to.namespace);
  const declared = 'listens' in to ? (to.listens ?? []) : [];
  return {
    what: `'${name}'`,
    namespace,
    scope: { selector: { matchLabels: { ...selector } } },
    ports: declared.length > 0 ? declared : 'ports' in to ? behind(to) : [],
    complete: declared.length > 0,
    tellPorts: tellContainers,
  };
}

function waypointTarget(waypoint: Waypoint, namespace: string, path: string): Target {
  const { name } = waypoint;
  const what = `waypoint '${name}'`;
  checkOwnNamespace(`'${path}'`, namespace, what, waypoint.namespace);
  return {
    what,
    namespace,
    scope: { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name }] },
    ports: [],
    complete: false,
    tellPorts: () => 'which does not know the ports of what is behind it: give its number',
  };
}

function serviceTarget({ service }: ServiceTarget, namespace: string, path: string): Target {
  const what = `service '${service.name}'`;
  checkOwnNamespace(`'${path}'`, namespace, what, service.namespace);
  return {
    what,
    namespace,
    scope: { targetRefs: [{ group: '', kind: 'Service', name: service.name }] },
    ports: service.ports.flatMap(({ name, port, appProtocol }) => (appProtocol === 'udp' ? [] : [{ name, port, appProtocol }])),
    complete: true,
    tellPorts: (known) => `which has ${known}: a waypoint sees the Service's port, not the container's`,
  };
}

/** The pods' ports that a Service leads to. */
function behind({ ports }: Destination): ListeningPort[] {
  return ports.flatMap(({ name, port, targetPort = port, appProtocol }) =>
    appProtocol === 'udp' ? [] : [{ name, port: targetPort, appProtocol }],
  );
}

/** What people call some pods: the construct's name, else their `app` label, else their first label. */
export function nameOf(to: PodSet | Destination): string {
  if ('name' in to && typeof to.name === 'string') return to.name;
  const { selector = {} } = to;
  return selector['app.kubernetes.io/name'] ?? selector.app ?? Object.values(selector)[0] ?? to.namespace;
}

/**
 * The number of a container's port.
 *
 * @throws UserError when the pods say all of their ports and this is none of them, or a name is unknown
 */
export function portOf(target: Target, port: PodPort, path: string): number {
  const found = target.ports.find((one) => one.name === port || one.port === port);
  if (found) return found.port;
  if (typeof port === 'number' && !target.complete) {
    checkPort(port, `'${path}'`);
    return port;
  }
  const known = target.ports.map((one) => `${one.name} (${one.port})`).join(', ');
  throw new UserError(`'${path}' is about port ${JSON.stringify(port)} of ${target.what}, ${target.tellPorts(known)}`);
}

/** Whether a sidecar reads requests there, rather than bytes (Istio 1.30, protocol selection); undefined when nobody says. */
export function speaksHttp({ appProtocol }: ListeningPort): boolean | undefined {
  return appProtocol && httpProtocols.includes(appProtocol);
}

const taken = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Takes a name for a policy. A variant layer has names of its own: its objects replace those of the stack.
 *
 * @throws UserError when it is no object's name, or another policy of the kind has it
 */
export function takeName(scope: Construct, kind: string, name: string, hint = 'give one of them another name'): string {
  const place = stackOrVariant(scope);
  checkDnsSubdomain(name, `name of '${scope.node.path}'`);
  const names = taken.get(place) ?? new Map<string, string>();
  taken.set(place, names);
  const key = `${kind}/${namespaceOf(scope)}/${name}`;
  const other = names.get(key);
  if (other !== undefined) {
    throw new UserError(
      `'${scope.node.path}' and '${other}' would both make ${kind} '${name}' in namespace '${namespaceOf(scope)}': ${hint}`,
    );
  }
  names.set(key, scope.node.path);
  return name;
}
