import { Construct } from 'constructs';
import type { Exposed, MeshLike, Published } from '../../kit/capabilities.ts';
import type { HelmRelease } from '../../kit/helm/index.ts';
import type { JsonObject } from '../../kit/json.ts';
import { Hosts, plaintextRule } from '../pages.ts';
import {
  type BundledController,
  bundledController,
  type Controller,
  type ExistingController,
  existingController,
  type InstalledController,
  installController,
} from './controller.ts';
import { planIngress } from './ingress-object.ts';
import { checkLogin, type IngressPublishOptions } from './login.ts';

/** Options of an {@link NginxIngress}: installed here, brought by the platform, or there already. */
export type NginxIngressProps =
  | {
      readonly install: InstalledController & {
        /**
         * The mesh that nginx's pods join, by a sidecar for what they send: needed where a published page's pods take mutual TLS alone.
         * Its layer must come before `in`, and the namespace of `in` must not be enrolled: the chart's jobs would never end.
         *
         * @default outside the mesh
         */
        readonly inMesh?: MeshLike;
      };
      readonly bundled?: never;
      readonly existing?: never;
    }
  | BundledController
  | ExistingController;

/**
 * The way in by Ingress objects and ingress-nginx (chart 4.15.1, controller 1.15.1).
 *
 * The project retired in March 2026: there are no releases and no fixes any more, also none of security holes (kubernetes.io, "Ingress NGINX
 * Retirement"). It is here for sites that run it, as RKE2 up to 1.35 does; for a new one take {@link TraefikIngress}, a
 * `GatewayApiGateway` or an `IstioGateway`: `publish` is the same.
 *
 * Each published page gets an Ingress `NAME` in the namespace of its Service. Its class is always said: without one the controller passes
 * over it (`watchIngressWithoutClass: false`).
 */
export class NginxIngress extends Construct {
  /** The class of its Ingresses. */
  readonly ingressClass: string;
  /** The release; undefined where it is not installed here. */
  readonly release: HelmRelease | undefined;
  private readonly controller: Controller;
  private readonly mesh: MeshLike | undefined;
  private readonly hosts = new Hosts(this);

  /**
   * @throws UserError when the platform brings no nginx, or an address is malformed, used by another controller, or in a pool of the stack
   */
  constructor(scope: Construct, id: string, props: NginxIngressProps) {
    super(scope, id);
    if (props.install) {
      const { install } = props;
      const installed = installController(this, install, {
        name: 'ingress-nginx',
        ingressClass: 'nginx',
        suffix: '-controller',
        values: (release, ingressClass) => ({ controller: valuesOf(install, { ingressClass, release }) }),
      });
      this.controller = installed;
      this.release = installed.release;
      this.mesh = install.inMesh;
    } else {
      this.controller = props.bundled ? bundledController(this, 'nginx', props) : existingController(this, props);
    }
    this.ingressClass = this.controller.ingressClass;
  }

  /**
   * Lets a page in under a host's name.
   *
   * A prefix takes whole segments: `/static` takes `/static/a`, not `/statics` (Kubernetes 1.33, pathType Prefix).
   *
   * @param published a construct with a page: Bookinfo, Grafana, Kiali, or your own `{ page }`
   * @throws UserError when the host is malformed or taken, the page is published already, its name is no DNS label, its address is not a
   * plain HTTP Service of this cluster, or no certificate can be had; at synth when nothing says that the page's namespace is there first
   */
  publish(published: Published, options: IngressPublishOptions): Exposed {
    const { page } = published;
    this.hosts.add({ what: 'page', name: page.name, host: options.host });
    const { at, namespace, redirect, exposed, make } = planIngress(this, this.controller, published, options);
    const { login } = options;
    if (login) checkLogin(login, 'auth', redirect, `page '${page.name}' published by '${this.node.path}'`);
    make({
      ...(login
        ? {
            'nginx.ingress.kubernetes.io/auth-type': 'basic',
            'nginx.ingress.kubernetes.io/auth-secret': login.secret,
            'nginx.ingress.kubernetes.io/auth-realm': page.name,
          }
        : {}),
      ...(redirect ? { 'nginx.ingress.kubernetes.io/ssl-redirect': String(redirect === 'on') } : {}),
      // A sidecar knows where to send a request, and encrypts it, by the Service's address and name alone (Istio 1.30, outbound routes).
      ...(this.mesh && page.sidecar === 'by-namespace'
        ? {
            'nginx.ingress.kubernetes.io/service-upstream': 'true',
            'nginx.ingress.kubernetes.io/upstream-vhost': page.endpoint.host,
          }
        : {}),
    });
    if (this.mesh?.needsPlaintextRules && page.sidecar === 'never') plaintextRule(at, page, namespace);
    return exposed;
  }
}

function valuesOf(
  install: Extract<NginxIngressProps, { install: object }>['install'],
  { ingressClass, release }: { ingressClass: string; release: string },
): JsonObject {
  const { address, inMesh } = install;
  // Two releases with one value would serve each other's classes.
  const controllerValue = release === 'ingress-nginx' ? 'k8s.io/ingress-nginx' : `k8s.io/${release}`;
  return {
    ingressClass,
    ingressClassResource: { name: ingressClass, controllerValue },
    watchIngressWithoutClass: false,
    ...(address
      ? { service: { annotations: { ...address.annotations } } }
      : {
          kind: 'DaemonSet',
          hostPort: { enabled: true },
          service: { type: 'ClusterIP' },
          // The status of an Ingress then tells the nodes, not the Service.
          publishService: { enabled: false },
        }),
    ...(inMesh
      ? {
          podLabels: { 'sidecar.istio.io/inject': 'true' },
          // What comes in is no mesh traffic, and must not be asked for mutual TLS.
          podAnnotations: { 'traffic.sidecar.istio.io/includeInboundPorts': '' },
        }
      : {}),
  };
}
