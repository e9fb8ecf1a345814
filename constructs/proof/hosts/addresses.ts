import type { Json } from '../../kit/json.ts';
import { remember } from '../../kit/remember.ts';
import { fields, items, strings, text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import type { Service } from '../model/services.ts';
import { selects } from '../model/workloads.ts';
import { chartReleases } from '../read/charts.ts';
import type { ProofObject } from '../types.ts';

/** Where an exposure of this library says its address, as no other object does: of a controller at the nodes' own ports. */
export const ADDRESS = 'meshwright.dev/address';

// How a Service asks MetalLB for addresses, several separated by commas (MetalLB 0.16; the second is the old spelling).
const ASKED = ['metallb.io/loadBalancerIPs', 'metallb.universe.tf/loadBalancerIPs'];

/** The addresses that annotations tell. */
export function annotated(annotations: ReadonlyMap<string, string>): readonly string[] {
  for (const key of [ADDRESS, ...ASKED]) {
    const value = annotations.get(key);
    if (value !== undefined) return listed(value);
  }
  return [];
}

/** The addresses at which the pods that a selector of Istio chooses are reached. */
export function podAddresses(model: Model, selector: ReadonlyMap<string, string>): readonly string[] {
  if (selector.size === 0) return [];
  const known = podsKnown(model);
  const key = JSON.stringify([...selector]);
  const found = known.get(key);
  if (found) return found;
  const pods = model.workloads.filter((one) => selects(selector, one.labels));
  const beside = pods.flatMap(({ namespace, labels }) =>
    model.services.inNamespace(namespace).filter((one) => one.selector.size > 0 && selects(one.selector, labels)),
  );
  // The pods themselves need not be shown.
  const alike = model.services.all.filter((one) => selects(selector, one.selector));
  const addresses = unique([...alike, ...beside].flatMap(serviceAddresses));
  known.set(key, addresses);
  return addresses;
}

/** What was found for each selector: most Gateways of a mesh have the same. */
const podsKnown = remember((_: Model) => new Map<string, readonly string[]>());

/** The addresses of a Service, as far as the input says them. */
export function serviceAddresses({ object, created, name }: Service): readonly string[] {
  const { json, kind } = object;
  if (!created) return addressesIn(fields(json, 'metadata'), fields(json, 'spec'));
  if (kind === 'HelmRelease') {
    const values = fields(json, 'spec', 'values', 'service');
    return addressesIn(values, values);
  }
  if (kind !== 'IstioOperator') return [];
  const gateways = ['ingress', 'egress'].flatMap((way) => {
    const usual = `istio-${way}gateway`;
    const entries = items(json, 'spec', 'components', `${way}Gateways`).filter((one) => (text(one, 'name') ?? usual) === name);
    const values = name === usual ? [fields(json, 'spec', 'values', 'gateways', usual)] : [];
    return [
      ...entries.map((one) => ({
        annotations: strings(one, 'k8s', 'serviceAnnotations'),
        spec: fields(one, 'k8s', 'service'),
      })),
      ...values.map((one) => ({ annotations: strings(one, 'serviceAnnotations'), spec: one })),
    ];
  });
  return unique(gateways.flatMap(({ annotations, spec }) => [...annotated(annotations), ...stated(spec)]));
}

/** The addresses at which the Ingresses of each class are served, as far as the input says them. */
export const classAddresses = remember((model: Model): ((ingressClass: string) => readonly string[]) => {
  const found = new Map<string, readonly string[]>();
  const add = (name: string, addresses: readonly string[]) => found.set(name, unique([...(found.get(name) ?? []), ...addresses]));
  for (const object of model.kind('Ingress')) {
    const addresses = annotated(strings(object.json, 'metadata', 'annotations'));
    if (addresses.length > 0) add(classOf(object), addresses);
  }
  for (const { chart, object } of chartReleases(model.objects)) {
    const values = fields(object.json, 'spec', 'values');
    if (chart === 'ingress-nginx') {
      const controller = fields(values, 'controller');
      const service = fields(controller, 'service');
      const name = text(controller, 'ingressClassResource', 'name') ?? text(controller, 'ingressClass') ?? 'nginx';
      add(name, addressesIn(service, service));
    }
    if (chart === 'traefik') {
      const service = fields(values, 'service');
      const name = text(values, 'ingressClass', 'name') ?? 'traefik';
      add(name, [...annotated(strings(service, 'annotations')), ...stated(fields(service, 'spec')), ...stated(service)]);
    }
  }
  for (const object of model.kind('IngressClass')) {
    if (text(object.json, 'spec', 'controller') === 'istio.io/ingress-controller')
      add(object.name, podAddresses(model, new Map([['istio', 'ingressgateway']])));
  }
  return (name) => found.get(name) ?? [];
});

/** The class of an Ingress; empty where none is said. */
export function classOf({ json }: ProofObject): string {
  return (
    text(json, 'spec', 'ingressClassName') ?? strings(json, 'metadata', 'annotations').get('kubernetes.io/ingress.class') ?? ''
  );
}

function addressesIn(annotations: Json | undefined, spec: Json | undefined): readonly string[] {
  return unique([...annotated(strings(annotations, 'annotations')), ...stated(spec)]);
}

function stated(spec: Json | undefined): readonly string[] {
  const one = text(spec, 'loadBalancerIP');
  const outer = items(spec, 'externalIPs').flatMap((ip) => (typeof ip === 'string' ? [ip] : []));
  return [...(one === undefined ? [] : [one]), ...outer];
}

function listed(value: string): readonly string[] {
  return value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function unique(all: readonly string[]): readonly string[] {
  return [...new Set(all)];
}
