import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import {
  HttpRouteSpecRulesFiltersType as FilterType,
  Gateway,
  type GatewaySpecListeners,
  GatewaySpecListenersAllowedRoutesNamespacesFrom,
  HttpRoute,
  HttpRouteSpecRulesMatchesPathType,
  HttpRouteSpecRulesFiltersRequestRedirectScheme as Scheme,
  GatewaySpecListenersTlsMode as TlsMode,
} from '../../imports/gateway.networking.k8s.io.ts';
import type { Exposed, IngressPods, LoadBalancerAddress, MeshLike, PathMatch, Published } from '../kit/capabilities.ts';
import type { Entrance } from '../kit/destination.ts';
import { checkPort, Endpoint } from '../kit/endpoint.ts';
import { checkDnsLabel, namespaceOf } from '../kit/layer.ts';
import { UserError } from '../kit/user-error.ts';
import { certificateFor } from './certificates/certificate.ts';
import type { TlsOptions } from './certificates/tls.ts';
import { objectName } from './object-name.ts';
import { tooEarly } from './order.ts';
import {
  exposed,
  Hosts,
  nameOf,
  type OpenOptions,
  type PublishOptions,
  plaintextRule,
  routesOf,
  serviceOf,
  told,
} from './pages.ts';

/** Options of a {@link GatewayApiGateway}. */
export type GatewayApiGatewayProps = {
  /** The mesh whose istiod runs the gateway. Its install need not bring gateway pods: the profiles `minimal` and `ambient` do. */
  readonly mesh: MeshLike;
  /** The Gateway's name; the Deployment and Service that istiod makes are `NAME-istio`. A DNS label. @default the construct's id */
  readonly name?: string;
  /** Where it listens. @default 80 */
  readonly port?: number;
  /** Where it listens for TLS, once a page is published with it. @default 443 */
  readonly tlsPort?: number;
} & (
  | {
      /** The type of the Service that istiod makes: `ClusterIP` has no address outside the cluster. @default Istio's 'LoadBalancer' */
      readonly serviceType?: 'LoadBalancer';
      /** A fixed address of its Service: of an `AddressPool`. @default one that the load balancer picks */
      readonly address?: LoadBalancerAddress;
    }
  | { readonly serviceType: 'ClusterIP'; readonly address?: never }
);

const section = 'http';

/** Routes stand beside the Services that they lead to. */
const anyNamespace = { allowedRoutes: { namespaces: { from: GatewaySpecListenersAllowedRoutesNamespacesFrom.ALL } } };

/**
 * The way into the mesh by the Kubernetes Gateway API, by HTTP, with TLS that ends there or without: one Gateway of class `istio`, whose
 * pods istiod makes in the namespace of this construct's layer (Istio 1.30, automated deployment). The cluster needs the Gateway API's CRDs.
 *
 * Each published page gets an HTTPRoute `NAME` in the namespace of its Service, where no ReferenceGrant is needed; `NAME-ID` where
 * another way in of the stack has one there already. With TLS the Gateway gets a listener `https-NAME`, whose certificate lies beside it, and
 * plain requests an HTTPRoute `NAME-redirect`.
 */
export class GatewayApiGateway extends Construct {
  /** That of the Gateway. */
  readonly name: string;
  /** Where the Gateway, its pods and its certificates stand. */
  readonly namespace: string;
  /** The pods that istiod makes for it. */
  readonly pods: IngressPods;
  private readonly plaintextRules: boolean;
  private readonly hosts = new Hosts(this);
  private readonly tlsPort: number;
  private readonly listeners: GatewaySpecListeners[];

  /** @throws UserError when the name is no DNS label, a port is out of range, or both are the same */
  constructor(scope: Construct, id: string, props: GatewayApiGatewayProps) {
    super(scope, id);
    const { mesh, name = id, port = 80, tlsPort = 443, serviceType, address } = props;
    checkDnsLabel(name, `name of gateway '${this.node.path}'`);
    checkPort(port, `gateway '${this.node.path}'`);
    checkPort(tlsPort, `gateway '${this.node.path}'`);
    if (port === tlsPort)
      throw new UserError(
        `gateway '${this.node.path}' listens at ${port} for plain HTTP and for TLS: give port and tlsPort different numbers`,
      );
    this.tlsPort = tlsPort;
    this.listeners = [{ name: section, port, protocol: 'HTTP', ...anyNamespace }];
    this.name = name;
    this.namespace = namespaceOf(this);
    this.plaintextRules = mesh.needsPlaintextRules;
    this.pods = {
      selector: { 'gateway.networking.k8s.io/gateway-name': name },
      namespace: this.namespace,
      service: Endpoint.external({ protocol: 'http', host: `${name}-istio.${this.namespace}.svc.cluster.local`, port }),
      // Istio 1.30, automated deployment: Deployment, Service and ServiceAccount have one name.
      identity: { namespace: this.namespace, serviceAccount: `${name}-istio` },
      ...(address ? { address: address.ip } : {}),
    };
    new Gateway(this, 'gateway', {
      metadata: {
        name,
        namespace: this.namespace,
        ...(serviceType ? { annotations: { 'networking.istio.io/service-type': serviceType } } : {}),
      },
      spec: {
        gatewayClassName: 'istio',
        // Istio 1.30 hands these on to the Service that it makes.
        ...(address ? { infrastructure: { annotations: { ...address.annotations } } } : {}),
        // Each host with TLS adds one.
        listeners: Lazy.any({ produce: () => this.listeners }),
      },
    });
  }

  /**
   * Lets a page in under a host's name.
   *
   * A prefix takes whole segments here: `/static` takes `/static/a`, not `/statics` (Gateway API, PathPrefix).
   *
   * @param published a construct with a page: Bookinfo, Grafana, Kiali, or your own `{ page }`
   * @throws UserError when the host is malformed or taken, the page is published already, its name is no DNS label, its address is not a
   * plain HTTP Service of this cluster, it answers nothing at the path, or no certificate can be had; at synth when nothing says that the
   * page's namespace and the certificate's issuer are there first
   */
  publish(published: Published, options: PublishOptions): Exposed {
    const { page } = published;
    const { host, path, tls } = options;
    const service = serviceOf(page, this.node.path);
    const { namespace } = service;
    const routes = routesOf(page, path, this.node.path);
    this.hosts.add({ what: 'page', name: page.name, host });
    const at = new Construct(this, page.name);
    at.node.addValidation({ validate: () => tooEarly(at, namespace) });
    const name = objectName(this, 'HTTPRoute', namespace, page.name);
    const redirect = tls ? (tls.redirect ?? 'on') : 'off';
    const secure = tls ? [this.listen(at, page.name, host, tls)] : [];
    // No hostname is any hostname: '*' alone is not allowed.
    const hostnames = host === '*' ? {} : { hostnames: [host] };
    new HttpRoute(at, 'http-route', {
      metadata: { name, namespace },
      spec: {
        parentRefs: [...(redirect === 'on' ? [] : [section]), ...secure].map((one) => this.parent(one)),
        ...hostnames,
        rules: [
          {
            ...(routes ? { matches: routes.map((one) => ({ path: pathMatch(one) })) } : {}),
            backendRefs: [{ name: service.name, port: page.endpoint.port }],
          },
        ],
      },
    });
    if (redirect === 'on') {
      const to = { scheme: Scheme.HTTPS, statusCode: 301, ...(this.tlsPort === 443 ? {} : { port: this.tlsPort }) };
      new HttpRoute(at, 'redirect', {
        metadata: { name: `${name}-redirect`, namespace },
        spec: {
          parentRefs: [this.parent(section)],
          ...hostnames,
          rules: [{ filters: [{ type: FilterType.REQUEST_REDIRECT, requestRedirect: to }] }],
        },
      });
    }
    if (this.plaintextRules && page.sidecar === 'never') plaintextRule(at, page, namespace);
    const gateway = { namespace: this.namespace, name: this.name };
    return told(this, page, { ...exposed(page, options, this.pods, redirect, this.tlsPort), gateway });
  }

  /**
   * Lets a host in, and leaves it to others where its requests go: hang `HttpRoutes` on what comes back.
   *
   * @throws UserError when the host is malformed or taken
   */
  open(options: OpenOptions): Entrance {
    const { host } = options;
    this.hosts.add({ what: 'entrance', name: nameOf(options), host });
    const gateway = { namespace: this.namespace, name: this.name };
    return { api: 'gateway-api', host, port: this.pods.service.port, gateway, section };
  }

  /** @returns the name of the listener that ends TLS for a host */
  private listen(scope: Construct, of: string, host: string, tls: TlsOptions): string {
    const secret = certificateFor(scope, tls, { host, namespace: this.namespace });
    const name = `https-${of}`;
    this.listeners.push({
      name,
      port: this.tlsPort,
      protocol: 'HTTPS',
      ...(host === '*' ? {} : { hostname: host }),
      tls: { mode: TlsMode.TERMINATE, certificateRefs: [{ name: secret }] },
      ...anyNamespace,
    });
    return name;
  }

  private parent(sectionName: string) {
    return { name: this.name, namespace: this.namespace, sectionName };
  }
}

function pathMatch(path: PathMatch) {
  return 'exact' in path
    ? { type: HttpRouteSpecRulesMatchesPathType.EXACT, value: path.exact }
    : { type: HttpRouteSpecRulesMatchesPathType.PATH_PREFIX, value: path.prefix };
}
