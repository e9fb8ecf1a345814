import { remember } from '../../../kit/remember.ts';
import { items, strings, text } from '../../json-path.ts';
import { type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';
import { selects } from '../workloads.ts';
import { classOf, ingressClassesOf } from './ingress-classes.ts';

/** A Secret with a certificate that a way in shows to its visitors. */
export interface TlsUser {
  readonly object: ProofObject;
  readonly secret: string;
  readonly at: Spot;
  /** Where it must lie: the namespace of the Ingress, of the Gateway API's reference, or of the pods of Istio's gateway. */
  readonly namespaces: readonly string[];
  /** The hosts that it is shown for. */
  readonly hosts: readonly { readonly host: string; readonly at: Spot }[];
  /** cert-manager makes it, by an annotation of the object. */
  readonly annotated: boolean;
}

/** Every use of a certificate by Ingresses, and Gateways of both APIs. */
export const tlsUsersOf: (model: Model) => readonly TlsUser[] = remember((model) =>
  [
    ...model.kind('Ingress').flatMap((object) => ofIngress(model, object)),
    ...model.kind('Gateway').flatMap((object) => ofGateway(model, object)),
  ].filter(({ secret }) => !/[${}]/.test(secret)),
);

function ofIngress(model: Model, object: ProofObject): TlsUser[] {
  const { json, namespace } = object;
  const namespaces = isIstios(model, object) ? podNamespaces(model, INGRESS_SELECTOR) : [namespace];
  const annotated = isAnnotated(object);
  return items(json, 'spec', 'tls').flatMap((one, i): TlsUser[] => {
    const secret = text(one, 'secretName');
    if (secret === undefined) return [];
    const hosts = items(one, 'hosts').flatMap((host, j) =>
      typeof host === 'string' ? [{ host: host.toLowerCase(), at: spotOf(object, ['spec', 'tls', i, 'hosts', j]) }] : [],
    );
    const at = spotOf(object, ['spec', 'tls', i, 'secretName']);
    return [{ object, secret, at, namespaces, hosts, annotated }];
  });
}

// Istio 1.30, meshConfig.ingressSelector: the pods of Ingresses, unless it says others.
const INGRESS_SELECTOR: ReadonlyMap<string, string> = new Map([['istio', 'ingressgateway']]);

/** Whether istiod serves an Ingress: it reads the Secret beside the pods of its gateway, as it does for a Gateway. */
function isIstios(model: Model, object: ProofObject): boolean {
  const name = classOf(object)?.name;
  return name === 'istio' || ingressClassesOf(model).all.some((one) => one.name === name && one.controller === 'istio');
}

function podNamespaces(model: Model, selector: ReadonlyMap<string, string>): readonly string[] {
  const pods = selector.size === 0 ? [] : model.workloads.filter((one) => selects(selector, one.labels));
  return [...new Set(pods.map(({ namespace }) => namespace))];
}

function ofGateway(model: Model, object: ProofObject): TlsUser[] {
  if (object.group === 'networking.istio.io') return ofIstio(model, object);
  return object.group === 'gateway.networking.k8s.io' ? ofGatewayApi(object) : [];
}

function ofIstio(model: Model, object: ProofObject): TlsUser[] {
  const { json } = object;
  const namespaces = podNamespaces(model, strings(json, 'spec', 'selector'));
  return items(json, 'spec', 'servers').flatMap((server, i): TlsUser[] => {
    const secret = text(server, 'tls', 'credentialName');
    // `configmap://` and `kubernetes://` references, and those of other providers, are no plain names.
    if (secret === undefined || secret.includes(':')) return [];
    const hosts = items(server, 'hosts').flatMap((host, j) =>
      typeof host === 'string'
        ? [{ host: host.slice(host.indexOf('/') + 1).toLowerCase(), at: spotOf(object, ['spec', 'servers', i, 'hosts', j]) }]
        : [],
    );
    const at = spotOf(object, ['spec', 'servers', i, 'tls', 'credentialName']);
    return [{ object, secret, at, namespaces, hosts, annotated: false }];
  });
}

function ofGatewayApi(object: ProofObject): TlsUser[] {
  return items(object.json, 'spec', 'listeners').flatMap((listener, i) => {
    const host = text(listener, 'hostname');
    const hosts =
      host === undefined ? [] : [{ host: host.toLowerCase(), at: spotOf(object, ['spec', 'listeners', i, 'hostname']) }];
    const refs = items(listener, 'tls', 'certificateRefs');
    return refs.flatMap((ref, j): TlsUser[] => {
      const secret = text(ref, 'name');
      if (secret === undefined || (text(ref, 'kind') ?? 'Secret') !== 'Secret' || (text(ref, 'group') ?? '') !== '') return [];
      const at = spotOf(object, ['spec', 'listeners', i, 'tls', 'certificateRefs', j, 'name']);
      const namespaces = [text(ref, 'namespace') ?? object.namespace];
      // Of several certificates each is for some of the names.
      return [{ object, secret, at, namespaces, hosts: refs.length > 1 ? [] : hosts, annotated: isAnnotated(object) }];
    });
  });
}

function isAnnotated({ json }: ProofObject): boolean {
  const keys = [...strings(json, 'metadata', 'annotations').keys()];
  return keys.some((key) => /^cert-manager\.io\/(cluster-)?issuer$|^kubernetes\.io\/tls-acme$/.test(key));
}
