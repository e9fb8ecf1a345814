import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type { Exposed, Published } from '../../kit/capabilities.ts';
import type { HelmRelease } from '../../kit/helm/index.ts';
import type { JsonObject } from '../../kit/json.ts';
import type { Layer } from '../../kit/layer.ts';
import { Hosts } from '../pages.ts';
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

/** Options of a {@link TraefikIngress}: installed here, brought by the platform, or there already. */
export type TraefikIngressProps =
  | { readonly install: InstalledController; readonly bundled?: never; readonly existing?: never }
  | BundledController
  | ExistingController;

/**
 * The way in by Ingress objects and Traefik (chart 37, Traefik 3): what k3s, and RKE2 from 1.36 on, bring.
 *
 * Each published page gets an Ingress `NAME` in the namespace of its Service, and with TLS a Middleware `NAME-https` that sends plain
 * requests to https. It stands outside the mesh: pods that take mutual TLS alone refuse it. Publish those by a gateway of the mesh.
 */
export class TraefikIngress extends Construct {
  /** The class of its Ingresses. */
  readonly ingressClass: string;
  /** The release; undefined where it is not installed here. */
  readonly release: HelmRelease | undefined;
  private readonly controller: Controller;
  private readonly installedIn: Layer | undefined;
  private readonly hosts = new Hosts(this);

  /**
   * @throws UserError when the platform brings no Traefik, or an address is malformed, used by another controller, or in a pool of the stack
   */
  constructor(scope: Construct, id: string, props: TraefikIngressProps) {
    super(scope, id);
    if (props.install) {
      const { install } = props;
      const installed = installController(this, install, {
        name: 'traefik',
        ingressClass: 'traefik',
        suffix: '',
        values: (_release, ingressClass) => valuesOf(install, ingressClass),
      });
      this.controller = installed;
      this.release = installed.release;
      this.installedIn = install.in;
    } else {
      this.controller = props.bundled ? bundledController(this, 'traefik', props) : existingController(this, props);
    }
    this.ingressClass = this.controller.ingressClass;
  }

  /**
   * Lets a page in under a host's name.
   *
   * A prefix takes whole segments where Traefik is installed here (`strictPrefixMatching`); one that is there already takes `/statics` by
   * the prefix `/static` as well, unless it is told so.
   *
   * @param published a construct with a page: Bookinfo, Grafana, Kiali, or your own `{ page }`
   * @throws UserError when the host is malformed or taken, the page is published already, its name is no DNS label, its address is not a
   * plain HTTP Service of this cluster, or no certificate can be had; at synth when nothing says that the page's namespace is there first,
   * or plain requests are redirected by an object of the layer that brings its CRD
   */
  publish(published: Published, options: IngressPublishOptions): Exposed {
    this.hosts.add({ what: 'page', name: published.page.name, host: options.host });
    const { at, name, namespace, redirect, exposed, make } = planIngress(this, this.controller, published, options);
    const { login } = options;
    if (login) checkLogin(login, 'users', redirect, `page '${published.page.name}' published by '${this.node.path}'`);
    // In this order: nobody is asked for a password before the connection is encrypted.
    const middlewares: readonly [what: string, spec: JsonObject][] = [
      ...(redirect === 'on'
        ? [['https', { redirectScheme: { scheme: 'https', permanent: true } }] satisfies [string, JsonObject]]
        : []),
      ...(login ? [['login', { basicAuth: { secret: login.secret, removeHeader: true } }] satisfies [string, JsonObject]] : []),
    ];
    make({
      'traefik.ingress.kubernetes.io/router.entrypoints': redirect ? 'web,websecure' : 'web',
      // The name of a Middleware as Traefik's providers know it (Traefik 3, provider namespace).
      ...(middlewares.length > 0
        ? {
            'traefik.ingress.kubernetes.io/router.middlewares': middlewares
              .map(([what]) => `${namespace}-${name}-${what}@kubernetescrd`)
              .join(','),
          }
        : {}),
    });
    if (middlewares.length > 0) at.node.addValidation({ validate: () => this.beforeItsCrd(at) });
    for (const [what, spec] of middlewares) this.middleware(at, what, { name: `${name}-${what}`, namespace }, spec);
    return exposed;
  }

  private middleware(at: Construct, id: string, metadata: { name: string; namespace: string }, spec: JsonObject): void {
    new ApiObject(at, id, {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'Middleware',
      // RKE2's Traefik reads none of another class, or of none.
      metadata: { ...metadata, annotations: { 'kubernetes.io/ingress.class': this.ingressClass } },
      spec,
    });
  }

  private beforeItsCrd(at: Construct): string[] {
    const layer = Chart.of(at);
    if (layer !== this.installedIn) return [];
    return [
      `'${at.node.path}' needs a Middleware, whose CRD comes with the release of its own layer '${layer.node.path}': ` +
        `put the TraefikIngress into a later layer, or say tls: { redirect: 'off' } and no login`,
    ];
  }
}

function valuesOf({ hostAddress, address }: InstalledController, ingressClass: string): JsonObject {
  return {
    global: { checkNewVersion: false },
    ingressClass: { name: ingressClass, isDefaultClass: false },
    providers: {
      kubernetesIngress: { ingressClass, strictPrefixMatching: true },
      kubernetesCRD: { ingressClass },
    },
    ...(hostAddress === undefined
      ? { service: { annotations: { ...address.annotations } } }
      : {
          deployment: { kind: 'DaemonSet' },
          ports: { web: { hostPort: 80 }, websecure: { hostPort: 443 } },
          service: { type: 'ClusterIP' },
          // A new pod cannot have the node's ports while the old one does.
          updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        }),
  };
}
