import type { JsonObject } from '../../../kit/json.ts';
import { remember, rememberList } from '../../../kit/remember.ts';
import { at, fields, items, strings, text } from '../../json-path.ts';
import type { ProofObject, Spot } from '../../types.ts';
import { spotOf } from '../../types.ts';
import type { Service } from '../services.ts';
import type { Workload } from '../workloads.ts';
import type { Labels } from './label-selector.ts';

/**
 * How pods take part in the mesh: with a proxy of their own, through ztunnel, or not at all. `unknown` where it depends on what the
 * input does not hold, as the labels of a namespace that it only refers to.
 */
export type Plane = 'sidecar' | 'ambient' | 'none' | 'unknown';

/** Pods of one shape, as policies see them. */
export interface Pods {
  /** For people: `jaeger`, `istio-ingressgateway`. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly plane: Plane;
  /** They are a gateway: a proxy that no Sidecar resource scopes. */
  readonly gateway: boolean;
  /** They use the node's network: no NetworkPolicy holds for them. */
  readonly hostNetwork: boolean;
  /** Undefined when the input does not tell. */
  readonly serviceAccount: string | undefined;
  /** Container ports by name. */
  readonly ports: ReadonlyMap<string, number>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly object: ProofObject;
  /** Where the pods' labels are written. */
  readonly labelsAt: Spot;
}

/** The namespaces of a world, and who in them is in the mesh. */
export interface Namespaces {
  /** Labels of a namespace; not complete when the input holds no such Namespace. */
  labels(namespace: string): Labels;
  object(namespace: string): ProofObject | undefined;
  readonly all: readonly ProofObject[];
  /** The pods of a workload. */
  pods(workload: Workload, gateway?: boolean): Pods;
  /** The pods that an operator makes from a custom resource. */
  made(object: ProofObject): Pods | undefined;
}

/** Reads the namespaces of a world. */
export function namespacesOf(objects: readonly ProofObject[]): Namespaces {
  return readNamespaces(objects.filter((object) => isNamespace(object) || injectsByDefault(object)));
}

function isNamespace({ kind, group }: ProofObject): boolean {
  return kind === 'Namespace' && group === '';
}

function injectsByDefault({ json }: ProofObject): boolean {
  return at(json, 'spec', 'values', 'sidecarInjectorWebhook', 'enableNamespacesByDefault') === true;
}

/** A stack and most of its variants have the same namespaces, and pods in them. */
const readNamespaces = rememberList((objects: readonly ProofObject[]): Namespaces => {
  const all = objects.filter(isNamespace);
  const byName = new Map(all.map((object) => [object.name, object]));
  const byDefault = objects.some(injectsByDefault);
  const known = new Map<string, Labels>();
  const labels = (namespace: string): Labels => {
    const found = known.get(namespace) ?? read(byName.get(namespace), namespace);
    known.set(namespace, found);
    return found;
  };
  const gateways = remember((workload: Workload) => podsOf(workload, true, labels(workload.namespace), byDefault));
  const others = remember((workload: Workload) => podsOf(workload, false, labels(workload.namespace), byDefault));
  return {
    all,
    labels,
    object: (namespace) => byName.get(namespace),
    pods: (workload, gateway = false) => (gateway ? gateways : others)(workload),
    made: remember((object: ProofObject) => madePods(object, labels, byDefault)),
  };
});

function read(object: ProofObject | undefined, namespace: string): Labels {
  // The API server puts the name on every namespace.
  const values = new Map([...strings(object?.json, 'metadata', 'labels'), ['kubernetes.io/metadata.name', namespace]]);
  return { values, complete: object !== undefined };
}

/** The container port that a port of a Service means for some pods; undefined for a name that they do not state. */
export function containerPort(service: Service, port: number, pods: Pods): number | undefined {
  const found = service.ports === 'unknown' ? undefined : service.ports.find((one) => one.number === port);
  const target = found?.target ?? port;
  return typeof target === 'number' ? target : pods.ports.get(target);
}

/** Whether an annotation of Istio takes a port past the proxy (`traffic.sidecar.istio.io/excludeInboundPorts` and the like). */
export function bypasses(pods: Pods, way: 'Inbound' | 'Outbound', port: number): boolean {
  const list = (verb: string) => pods.annotations.get(`traffic.sidecar.istio.io/${verb}${way}Ports`);
  const excluded =
    list('exclude')
      ?.split(',')
      .some((one) => one.trim() === `${port}`) === true;
  const included = list('include');
  const left = included !== undefined && included.trim() !== '*' && !included.split(',').some((one) => one.trim() === `${port}`);
  return excluded || (way === 'Inbound' && left);
}

function podsOf(workload: Workload, gateway: boolean, namespace: Labels, byDefault: boolean): Pods {
  const { name, labels: values, podSpec, object, created } = workload;
  const metadata = podSpec === undefined ? [] : [...podSpec.slice(0, -1), 'metadata'];
  const spec: JsonObject = podSpec === undefined ? {} : fields(object.json, ...podSpec);
  const annotations = podSpec === undefined ? new Map<string, string>() : strings(object.json, ...metadata, 'annotations');
  const about = { labels: values, annotations, spec, namespace: workload.namespace };
  return {
    name,
    namespace: workload.namespace,
    labels: { values, complete: !created },
    plane: gateway ? 'sidecar' : planeOf(about, namespace, byDefault),
    gateway,
    hostNetwork: at(spec, 'hostNetwork') === true,
    serviceAccount: podSpec === undefined ? workload.account : (text(spec, 'serviceAccountName') ?? 'default'),
    ports: new Map(workload.ports.filter((port) => port.name !== '').map((port) => [port.name, port.number])),
    annotations,
    object,
    labelsAt: spotOf(object, [...metadata, 'labels']),
  };
}

/** Pods of a collector or of Kiali: the operators put the resource's own labels, or `pod_labels`, on them. */
function madePods(object: ProofObject, labelsOf: (namespace: string) => Labels, byDefault: boolean): Pods | undefined {
  const { json, group, kind, name } = object;
  const collector = group === 'opentelemetry.io' && kind === 'OpenTelemetryCollector';
  if (!collector && !(group === 'kiali.io' && kind === 'Kiali')) return undefined;
  // A sidecar collector runs in the pods of others.
  if (collector && text(json, 'spec', 'mode') === 'sidecar') return undefined;
  const values = collector
    ? new Map([
        ...strings(json, 'metadata', 'labels'),
        ['app.kubernetes.io/name', `${name}-collector`],
        ['app.kubernetes.io/instance', `${object.namespace}.${name}`],
        ['app.kubernetes.io/managed-by', 'opentelemetry-operator'],
        ['app.kubernetes.io/component', 'opentelemetry-collector'],
        ['app.kubernetes.io/part-of', 'opentelemetry'],
      ])
    : new Map([['app', 'kiali'], ['sidecar.istio.io/inject', 'false'], ...strings(json, 'spec', 'deployment', 'pod_labels')]);
  const annotations = collector
    ? strings(json, 'spec', 'podAnnotations')
    : strings(json, 'spec', 'deployment', 'pod_annotations');
  const home = (collector ? undefined : text(json, 'spec', 'deployment', 'namespace')) ?? object.namespace;
  const about = { labels: values, annotations, spec: fields(json, 'spec'), namespace: home };
  return {
    name: collector ? `${name}-collector` : 'kiali',
    namespace: home,
    labels: { values, complete: false },
    plane: planeOf(about, labelsOf(home), byDefault),
    gateway: false,
    hostNetwork: at(json, 'spec', 'hostNetwork') === true,
    serviceAccount: collector ? (text(json, 'spec', 'serviceAccount') ?? `${name}-collector`) : undefined,
    ports: new Map(),
    annotations,
    object,
    labelsAt: spotOf(object, ['metadata', 'labels']),
  };
}

// Never injected (Istio 1.30, pkg/kube/inject).
const IGNORED = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']);

interface About {
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly spec: JsonObject;
  readonly namespace: string;
}

function planeOf({ labels, annotations, spec, namespace }: About, of: Labels, byDefault: boolean): Plane {
  const containers = [...items(spec, 'containers'), ...items(spec, 'initContainers')];
  if (containers.some((one) => text(one, 'name') === 'istio-proxy')) return 'sidecar';
  if (at(spec, 'hostNetwork') === true || IGNORED.has(namespace)) return 'none';
  const injected = isInjected(labels, annotations, of, byDefault);
  if (injected === 'yes') return 'sidecar';
  const mode = labels.get('istio.io/dataplane-mode') ?? of.values.get('istio.io/dataplane-mode');
  if (mode === 'ambient') return 'ambient';
  return injected === 'no' ? 'none' : 'unknown';
}

/** What the webhooks of the injector select (Istio 1.30, istiod chart): the namespace's label wins, `disabled` over everything. */
function isInjected(
  labels: ReadonlyMap<string, string>,
  annotations: ReadonlyMap<string, string>,
  of: Labels,
  byDefault: boolean,
): 'yes' | 'no' | 'unknown' {
  const wish = labels.get('sidecar.istio.io/inject') ?? annotations.get('sidecar.istio.io/inject');
  if (wish === 'false') return 'no';
  const injection = of.values.get('istio-injection');
  if (injection === 'disabled') return 'no';
  if (injection === 'enabled') return 'yes';
  if (injection !== undefined) return 'unknown';
  if (of.values.has('istio.io/rev') || labels.get('sidecar.istio.io/inject') === 'true' || labels.has('istio.io/rev'))
    return 'yes';
  if (!of.complete) return 'unknown';
  return byDefault ? 'yes' : 'no';
}

/** Stand-ins for pods with a sidecar that the input does not show, in a namespace that an object speaks of. */
export function unseenPods(namespace: string, object: ProofObject): Pods {
  return {
    ...{
      name: 'pods',
      namespace,
      labels: { values: new Map(), complete: false },
      plane: 'sidecar',
      gateway: false,
      hostNetwork: false,
    },
    ...{ serviceAccount: undefined, ports: new Map(), annotations: new Map(), object, labelsAt: spotOf(object, []) },
  };
}
