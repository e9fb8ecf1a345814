import { serviceAddresses } from '../hosts/addresses.ts';
import { at, fields, items, number, strings, text } from '../json-path.ts';
import type { Gateway } from '../model/gateways.ts';
import type { Model } from '../model/model.ts';
import type { Service } from '../model/services.ts';
import { selects } from '../model/workloads.ts';
import type { ProofObject } from '../types.ts';

/** What stands at the address of a way in. */
export interface Door {
  /** For people: 'Istio Gateway `istio-system/bookinfo-gateway`'. */
  readonly words: string;
  /** The command that prints its address, where the cluster gave it one. */
  readonly ask: string;
  /** Its Service, where the stack shows it. */
  readonly service: Service | undefined;
  /** It is reached at a port of the nodes. */
  readonly onNode: boolean;
  /** The mesh's proxy that stands there; undefined outside the mesh. */
  readonly proxy: DoorProxy | undefined;
}

/** A gateway's proxy. */
export interface DoorProxy {
  readonly namespace: string;
  /** Name of its Deployment. */
  readonly deployment: string;
  /** What its spans are listed under: `APP.NAMESPACE` (Istio 1.30, tracing service name). */
  readonly spanName: string;
}

const LOAD_BALANCER = "-o jsonpath='{.status.loadBalancer.ingress[0].ip}{.status.loadBalancer.ingress[0].hostname}'";

/** The command that prints the address of a node. */
const askNode = `kubectl get nodes -o jsonpath='{.items[0].status.addresses[?(@.type=="InternalIP")].address}'`;

/** The same door at a port of the nodes. */
export function onNodes(door: Door): Door {
  return { ...door, ask: askNode, onNode: true };
}

/** The pods of Istio that a Gateway chooses. */
export function istioDoor(model: Model, gateway: Gateway): Door {
  const service = model.services.all.find((one) => gateway.selector.size > 0 && selects(gateway.selector, one.selector));
  const pods = model.workloads.find(({ labels }) => gateway.selector.size > 0 && selects(gateway.selector, labels));
  const namespace = service?.namespace ?? pods?.namespace ?? model.meshConfigs[0]?.rootNamespace ?? 'istio-system';
  const name = service?.name ?? pods?.name ?? 'istio-ingressgateway';
  const deployment = pods?.name ?? name;
  const app = pods?.labels.get('app') ?? deployment;
  return {
    words: `Istio Gateway \`${gateway.namespace}/${gateway.name}\``,
    ask: `kubectl -n ${namespace} get service ${name} ${LOAD_BALANCER}`,
    service: service ?? standIn(gateway.object, namespace, name),
    onNode: false,
    proxy: { namespace: pods?.namespace ?? namespace, deployment, spanName: `${app}.${pods?.namespace ?? namespace}` },
  };
}

/** The usual Service of a gateway that the stack does not show: one of an Istio that is there already. */
function standIn(object: ProofObject, namespace: string, name: string): Service {
  return { name, namespace, id: `Service/${namespace}/${name}`, ports: 'unknown', selector: new Map(), object, created: true };
}

/** The pods that istiod makes for a Gateway of the Gateway API. */
export function gatewayApiDoor(model: Model, { object, namespace, name }: Gateway): Door {
  const service = model.services.all.find((one) => one.created && one.object === object);
  const deployment = service?.name ?? name;
  const door = {
    words: `Gateway API \`${namespace}/${name}\``,
    ask: `kubectl -n ${namespace} get gateways.gateway.networking.k8s.io ${name} -o jsonpath='{.status.addresses[0].value}'`,
    service,
    onNode: false,
    proxy: { namespace, deployment, spanName: `${deployment}.${namespace}` },
  };
  return serviceType(object) === 'NodePort' ? onNodes(door) : door;
}

/** The type of the Service that istiod makes for a Gateway (Istio 1.30: annotations of `infrastructure`, else the Gateway's own). */
function serviceType({ json }: ProofObject): string | undefined {
  const passed =
    at(json, 'spec', 'infrastructure') === undefined ? fields(json, 'metadata') : fields(json, 'spec', 'infrastructure');
  return strings(passed, 'annotations').get('networking.istio.io/service-type');
}

/** The controller that serves an Ingress; Istio's gateway pods for the class of Istio. */
export function ingressDoor(model: Model, object: ProofObject | undefined): Door {
  const name = object && text(object.json, 'spec', 'ingressClassName');
  const own = object && strings(object.json, 'metadata', 'annotations').get('kubernetes.io/ingress.class');
  const called = name ?? own;
  const words = called === undefined ? 'Ingress' : `Ingress \`${called}\``;
  const isIstio =
    called !== undefined &&
    model
      .kind('IngressClass')
      .some((one) => one.name === called && text(one.json, 'spec', 'controller') === 'istio.io/ingress-controller');
  const gateway = isIstio ? model.workloads.find(({ labels }) => labels.get('istio') === 'ingressgateway') : undefined;
  return {
    words,
    ask: object ? `kubectl -n ${object.namespace} get ingress ${object.name} ${LOAD_BALANCER}` : askNode,
    service: gateway && model.services.get(gateway.namespace, gateway.name),
    onNode: false,
    proxy: gateway && {
      namespace: gateway.namespace,
      deployment: gateway.name,
      spanName: `${gateway.labels.get('app') ?? gateway.name}.${gateway.namespace}`,
    },
  };
}

/** A Service that is reached itself. */
export function serviceDoor(service: Service): { readonly door: Door; readonly addresses: readonly string[] } {
  const type = text(service.object.json, 'spec', 'type') ?? 'ClusterIP';
  const ask = `kubectl -n ${service.namespace} get service ${service.name} ${LOAD_BALANCER}`;
  const door = { words: type, ask, service, onNode: false, proxy: undefined };
  return { door, addresses: serviceAddresses(service) };
}

/** The port of the nodes that a gateway's Service has for one of its ports; undefined where it is no NodePort Service. */
export function nodePortOf({ object, created }: Service, port: number): { readonly port: number | undefined } | undefined {
  const spec = created
    ? object.kind === 'HelmRelease'
      ? fields(object.json, 'spec', 'values', 'service')
      : undefined
    : fields(object.json, 'spec');
  if (at(spec, 'type') !== 'NodePort') return undefined;
  return {
    port: items(spec, 'ports').flatMap((one) => (number(one, 'port') === port ? (number(one, 'nodePort') ?? []) : []))[0],
  };
}
