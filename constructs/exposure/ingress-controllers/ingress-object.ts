import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { Exposed, PathMatch, Published } from '../../kit/capabilities.ts';
import { certificateFor } from '../certificates/certificate.ts';
import { objectName } from '../object-name.ts';
import { tooEarly } from '../order.ts';
import { exposed, type PublishOptions, routesOf, serviceOf, told } from '../pages.ts';
import type { Controller } from './controller.ts';

/** What one page's Ingress is made of, before its controller's own annotations are known. @internal */
export interface IngressPlan {
  readonly at: Construct;
  readonly name: string;
  readonly namespace: string;
  /** Whether plain requests are sent to https; undefined without TLS. */
  readonly redirect: 'on' | 'off' | undefined;
  readonly exposed: Exposed;
  /** Makes the Ingress. */
  make(annotations: Readonly<Record<string, string>>): void;
}

/**
 * Plans the Ingress of a page, in the namespace of its Service: an Ingress reaches no other. A challenge of ACME has an Ingress of its own,
 * which a redirect of this one does not concern.
 *
 * @throws UserError when the page's address is not a plain HTTP Service of this cluster, it answers nothing at the path, or no certificate
 * can be had
 * @internal
 */
export function planIngress(way: Construct, controller: Controller, { page }: Published, options: PublishOptions): IngressPlan {
  const { host, path, tls } = options;
  const where = way.node.path;
  const service = serviceOf(page, where);
  const { namespace } = service;
  const routes = routesOf(page, path, where) ?? [{ prefix: '/' }];
  const name = objectName(way, 'Ingress', namespace, page.name);
  const at = new Construct(way, page.name);
  at.node.addValidation({ validate: () => tooEarly(at, namespace, 'Ingress') });
  const secretName = tls ? certificateFor(at, tls, { host, namespace }) : undefined;
  const redirect = tls ? (tls.redirect ?? 'on') : undefined;
  const backend = { service: { name: service.name, port: { number: page.endpoint.port } } };
  const { ingressClass, address } = controller;
  const some = host !== '*';
  return {
    at,
    name,
    namespace,
    redirect,
    exposed: told(way, page, exposed(page, options, controller, redirect ?? 'off')),
    make: (annotations) => {
      const all = { ...annotations, ...(address === undefined ? {} : { [addressAnnotation]: address }) };
      new k8s.KubeIngress(at, 'ingress', {
        metadata: { name, namespace, ...(Object.keys(all).length > 0 ? { annotations: all } : {}) },
        spec: {
          ingressClassName: ingressClass,
          ...(secretName === undefined ? {} : { tls: [{ ...(some ? { hosts: [host] } : {}), secretName }] }),
          rules: [{ ...(some ? { host } : {}), http: { paths: pathsOf(routes).map((one) => ({ ...one, backend })) } }],
        },
      });
    },
  };
}

/** Where an Ingress' hosts lead: read by `meshwright hosts`, as no object says it of a controller at the nodes' own ports. */
const addressAnnotation = 'meshwright.dev/address';

/** In an Ingress a prefix takes whole segments, the path itself included (Kubernetes 1.33, pathType Prefix). */
function pathsOf(routes: readonly PathMatch[]) {
  const prefixes = routes.flatMap((one) => ('prefix' in one ? [one.prefix.replace(/(.)\/$/, '$1')] : []));
  const exact = routes.flatMap((one) => ('exact' in one && !prefixes.includes(one.exact) ? [one.exact] : []));
  return [...exact.map((path) => ({ path, pathType: 'Exact' })), ...prefixes.map((path) => ({ path, pathType: 'Prefix' }))];
}
