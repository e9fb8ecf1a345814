import { byCodeUnit } from '../../../kit/json.ts';
import { suggest } from '../../../kit/nearest.ts';
import { UserError } from '../../../kit/user-error.ts';
import { items, text } from '../../json-path.ts';
import { gatewayWorkloads } from '../../model/gateways.ts';
import type { Model } from '../../model/model.ts';
import type { Pods } from '../../model/reach/pods.ts';
import { selects, type Workload } from '../../model/workloads.ts';
import { type ProofObject, spotOf } from '../../types.ts';
import { podsOf } from '../registry/pods-behind.ts';
import { byAge } from '../registry/registry.ts';
import { ingressServers } from '../routes/ingress.ts';
import { listenersOf } from './listeners.ts';
import { isSecure, type Server, serversOf } from './server.ts';

/** The pods of a gateway, and everything that istiod tells them to open. */
export interface GatewayProxy {
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Undefined when the input does not show them. */
  readonly pods: Pods | undefined;
  /** The port of its pods that a port of its Service leads to. */
  target(port: number): number;
  /** In istiod's order. */
  readonly servers: readonly Server[];
}

/**
 * The pods that a gateway's name means: those that an Istio Gateway selects, with all other Gateways that select them; those made for a
 * Gateway of the Gateway API; or those of a workload.
 *
 * @throws UserError when there is no such gateway
 */
export function gatewayProxy(model: Model, namespace: string, name: string): GatewayProxy {
  const istio = model.gateways.get('istio', namespace, name);
  if (istio) {
    const workload = workloadFor(model, istio.selector, namespace);
    return workload ? proxyOf(model, workload) : unseen(model, namespace, istio.selector);
  }
  const kubernetes = model.gateways.get('gateway-api', namespace, name);
  if (kubernetes) return kubernetesProxy(model, kubernetes.object);
  const workload = model.workloadsIn(namespace).find((one) => one.name === name && (one.podSpec !== undefined || one.created));
  if (workload) return proxyOf(model, workload);
  const known = [
    ...model.gateways.all.filter((one) => one.namespace === namespace).map((one) => one.name),
    ...gatewayWorkloads(model.workloadsIn(namespace)).map((one) => one.name),
  ];
  throw new UserError(
    `there is no gateway ${name} in namespace ${namespace}: ${suggest(name, known, 'give the namespace and name of a Gateway, or of the workload that runs one')}`,
  );
}

function workloadFor(model: Model, selector: ReadonlyMap<string, string>, namespace: string): Workload | undefined {
  const able = model.workloads.filter((one) => (one.podSpec !== undefined || one.created) && selects(selector, one.labels));
  const gateways = gatewayWorkloads(able);
  // A Gateway without selector is for every gateway there is.
  const found = gateways.length > 0 || selector.size === 0 ? gateways : able;
  return found.find((one) => one.namespace === namespace) ?? found[0];
}

function proxyOf(model: Model, workload: Workload): GatewayProxy {
  const { namespace, labels } = workload;
  const services = model.services.inNamespace(namespace).filter((one) => one.selector.size > 0 && selects(one.selector, labels));
  const leads = (port: number) => {
    for (const { ports, created, object } of services) {
      // istioctl's gateways listen on ports that need no rights.
      if (created && object.kind === 'IstioOperator' && (port === 80 || port === 443)) return port === 80 ? 8080 : 8443;
      const found = ports === 'unknown' ? undefined : ports.find((one) => one.number === port);
      const target = found?.target;
      const named = typeof target === 'string' ? workload.ports.find((one) => one.name === target)?.number : target;
      if (named !== undefined) return named;
    }
    return port;
  };
  const gateway = labels.get('gateway.networking.k8s.io/gateway-name');
  const read = podsOf(model)(workload);
  const pods = workload.created && read.serviceAccount === undefined ? { ...read, serviceAccount: accountOf(workload) } : read;
  return { namespace, labels, pods, target: leads, servers: serversFor(model, labels, namespace, gateway) };
}

/** The ServiceAccount that the installers give a gateway (Istio 1.30: istioctl's profiles, the gateway chart). */
function accountOf({ object, name }: Workload): string {
  return object.kind === 'IstioOperator' ? `${name}-service-account` : name;
}

/** Pods that the input does not show: they have at least the labels that the Gateway asks for. */
function unseen(model: Model, namespace: string, labels: ReadonlyMap<string, string>): GatewayProxy {
  return { namespace, labels, pods: undefined, target: (port) => port, servers: serversFor(model, labels, namespace, undefined) };
}

function kubernetesProxy(model: Model, object: ProofObject): GatewayProxy {
  const { namespace, name } = object;
  const address = items(object.json, 'spec', 'addresses').flatMap((one) => text(one, 'value') ?? [])[0];
  if (address !== undefined) {
    const [service = '', of = namespace] = address.split('.');
    const found = model.services.get(of, service);
    const workload = found && workloadFor(model, found.selector, of);
    if (workload) {
      const proxy = proxyOf(model, workload);
      const all = [...proxy.servers, ...listenersOf(model)(`${namespace}/${name}`).map((one) => one.server)];
      return { ...proxy, servers: [...new Set(all)] };
    }
  }
  const labels = new Map([
    ['gateway.networking.k8s.io/gateway-name', name],
    ['istio.io/gateway-name', name],
  ]);
  const account = `${name}-${text(object.json, 'spec', 'gatewayClassName') ?? 'istio'}`;
  const pods: Pods = {
    ...{ name: account, namespace, object, plane: 'sidecar', gateway: true, hostNetwork: false, serviceAccount: account },
    ...{ labels: { values: labels, complete: false }, ports: new Map(), annotations: new Map(), labelsAt: spotOf(object, []) },
  };
  return { namespace, labels, pods, target: (port) => port, servers: serversFor(model, labels, namespace, name) };
}

/**
 * What selects the pods, oldest Gateway first; those that istiod makes of Ingresses have no age, and so come before (pilot/pkg/model,
 * initGateways, Istio 1.30). A managed Gateway does not share its pods with Gateways of other namespaces.
 */
function serversFor(
  model: Model,
  labels: ReadonlyMap<string, string>,
  namespace: string,
  managed: string | undefined,
): readonly Server[] {
  const selected = model.gateways.all
    .filter(
      (one) => one.api === 'istio' && selects(one.selector, labels) && (managed === undefined || one.namespace === namespace),
    )
    .map((one) => one.object);
  const own = managed === undefined ? [] : listenersOf(model)(`${namespace}/${managed}`).map((one) => one.server);
  const byListener = [...own].sort((a, b) => byCodeUnit(a.gateway, b.gateway));
  const ingress = ingressServers(model);
  const ingresses = labels.get('istio') === ingress.selector ? ingress.servers : [];
  return [...byListener, ...ingresses, ...selected.sort(byAge).flatMap(serversOf)];
}

/**
 * The servers of one port of the pods that istiod keeps (pilot/pkg/model, mergeGateways, Istio 1.30): the first of a port says whether it
 * is plain text; others must be of its kind, and no two TLS servers may have a host in common.
 */
export function serversAt({ servers, target }: GatewayProxy, port: number): { readonly kept: Server[]; readonly left: Server[] } {
  const wanted = target(port);
  const kept: Server[] = [];
  const left: Server[] = [];
  const hosts = new Set<string>();
  for (const server of servers) {
    if (target(server.port) !== wanted) continue;
    const [first] = kept;
    const clashes = server.tls !== undefined && server.hosts.some((host) => hosts.has(`${server.bind} ${host}`));
    const fits = !first || (isSecure(first) ? isSecure(server) : first.speaks === 'http' && server.speaks === 'http');
    if (clashes || !fits) left.push(server);
    else {
      kept.push(server);
      if (server.tls !== undefined) for (const host of server.hosts) hosts.add(`${server.bind} ${host}`);
    }
  }
  return { kept, left };
}
