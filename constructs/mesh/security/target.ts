import { Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import {
  checkPort,
  type Destination,
  httpProtocols,
  isLayer,
  type ListeningPort,
  namespaceOf,
  type PodSet,
  UserError,
} from '../../kit/index.ts';
import { checkDnsSubdomain } from '../../kit/layer.ts';

/**
 * Whose requests a policy is about: those to some pods (a Workload, one version of an app, all versions behind a Service, gateway
 * pods), or to all pods of the policy's namespace; in the mesh's root namespace that is the whole mesh (Istio 1.30).
 */
export type PolicyTarget = 'namespace' | PodSet | Destination;

/** A port of the pods: its container's number, or its name. Istio sees requests at the container's port, not at the Service's. */
export type PodPort = number | string;

/** The pods that a policy is about, checked. */
export interface Target {
  /** For messages: `workload 'reviews'`, `namespace 'shop'`. */
  readonly what: string;
  readonly namespace: string;
  /** The policy's `spec.selector`; undefined for the whole namespace. */
  readonly selector: { readonly matchLabels: { [key: string]: string } } | undefined;
  /** What is known of the ports; empty when nothing is. */
  readonly ports: readonly ListeningPort[];
  /** Whether the pods say all of their ports, so that another one is a mistake. */
  readonly complete: boolean;
}

/**
 * Reads whom a policy is for.
 *
 * @throws UserError when it is of another namespace than the policy, has no pods, or would select every pod by no label
 */
export function targetOf(scope: Construct, to: PolicyTarget): Target {
  const namespace = namespaceOf(scope);
  const path = scope.node.path;
  if (to === 'namespace') return { what: `namespace '${namespace}'`, namespace, selector: undefined, ports: [], complete: false };
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
  if (to.namespace !== namespace) {
    throw new UserError(
      `'${path}' is of namespace '${namespace}', '${name}' of '${to.namespace}': istio looks for pods in the policy's own namespace, put it into a layer of that namespace`,
    );
  }
  const declared = 'listens' in to ? (to.listens ?? []) : [];
  return {
    what: `'${name}'`,
    namespace,
    selector: { matchLabels: { ...selector } },
    ports: declared.length > 0 ? declared : 'ports' in to ? behind(to) : [],
    complete: declared.length > 0,
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
  throw new UserError(
    `'${path}' is about port ${JSON.stringify(port)} of ${target.what}, whose containers ` +
      `${known ? `listen at ${known}: it is the container's port, not the Service's` : 'do not say their ports: give its number'}`,
  );
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
  const chart = Chart.of(scope);
  const place = isLayer(chart) && chart.variantOf ? chart : (chart.node.scope ?? chart);
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
