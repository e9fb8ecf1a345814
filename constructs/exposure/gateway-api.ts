import { Construct } from 'constructs';
import {
  Gateway,
  GatewaySpecListenersAllowedRoutesNamespacesFrom,
  HttpRoute,
  HttpRouteSpecRulesMatchesPathType,
} from '../../imports/gateway.networking.k8s.io.ts';
import type { Exposed, IngressPods, MeshLike, PathMatch, Published } from '../kit/capabilities.ts';
import type { Entrance } from '../kit/destination.ts';
import { checkPort, Endpoint } from '../kit/endpoint.ts';
import { checkDnsLabel, namespaceOf } from '../kit/layer.ts';
import { Hosts, nameOf, type OpenOptions, type PublishOptions, plaintextRule, serviceOf, tooEarly, urlOf } from './pages.ts';

/** Options of a {@link GatewayApiGateway}. */
export interface GatewayApiGatewayProps {
  /** The mesh whose istiod runs the gateway. Its install need not bring gateway pods: the profiles `minimal` and `ambient` do. */
  readonly mesh: MeshLike;
  /** The Gateway's name; the Deployment and Service that istiod makes are `NAME-istio`. A DNS label. @default the construct's id */
  readonly name?: string;
  /** Where it listens. @default 80 */
  readonly port?: number;
  /** The type of the Service that istiod makes. @default Istio's 'LoadBalancer' */
  readonly serviceType?: 'LoadBalancer' | 'ClusterIP';
}

const section = 'http';

/**
 * The way into the mesh by the Kubernetes Gateway API, by plain HTTP: one Gateway of class `istio`, whose pods istiod makes in the
 * namespace of this construct's layer (Istio 1.30, automated deployment). The cluster needs the Gateway API's CRDs.
 *
 * Each published page gets an HTTPRoute `NAME` in the namespace of its Service, where no ReferenceGrant is needed.
 */
export class GatewayApiGateway extends Construct {
  readonly name: string;
  readonly namespace: string;
  /** The pods that istiod makes for it. */
  readonly pods: IngressPods;
  private readonly plaintextRules: boolean;
  private readonly hosts = new Hosts(this);

  /** @throws UserError when the name is no DNS label, or the port is out of range */
  constructor(scope: Construct, id: string, props: GatewayApiGatewayProps) {
    super(scope, id);
    const { mesh, name = id, port = 80, serviceType } = props;
    checkDnsLabel(name, `name of gateway '${this.node.path}'`);
    checkPort(port, `gateway '${this.node.path}'`);
    this.name = name;
    this.namespace = namespaceOf(this);
    this.plaintextRules = mesh.needsPlaintextRules;
    this.pods = {
      selector: { 'gateway.networking.k8s.io/gateway-name': name },
      namespace: this.namespace,
      service: Endpoint.external({ protocol: 'http', host: `${name}-istio.${this.namespace}.svc.cluster.local`, port }),
      // Istio 1.30, automated deployment: Deployment, Service and ServiceAccount have one name.
      identity: { namespace: this.namespace, serviceAccount: `${name}-istio` },
    };
    new Gateway(this, 'gateway', {
      metadata: {
        name,
        namespace: this.namespace,
        ...(serviceType ? { annotations: { 'networking.istio.io/service-type': serviceType } } : {}),
      },
      spec: {
        gatewayClassName: 'istio',
        listeners: [
          {
            name: section,
            port,
            protocol: 'HTTP',
            // Routes stand beside the Services that they lead to.
            allowedRoutes: { namespaces: { from: GatewaySpecListenersAllowedRoutesNamespacesFrom.ALL } },
          },
        ],
      },
    });
  }

  /**
   * Lets a page in under a host's name.
   *
   * A prefix takes whole segments here: `/static` takes `/static/a`, not `/statics` (Gateway API, PathPrefix).
   *
   * @param published a construct with a page: Bookinfo, Grafana, Kiali, or your own `{ page }`
   * @throws UserError when the host is malformed or taken, the page is published already, its name is no DNS label, or its address is
   * not a plain HTTP Service of this cluster; at synth when nothing says that the page's namespace is there first
   */
  publish(published: Published, options: PublishOptions): Exposed {
    const { page } = published;
    const { host } = options;
    const { name, namespace } = serviceOf(page, this.node.path);
    this.hosts.add({ what: 'page', name: page.name, host });
    const at = new Construct(this, page.name);
    at.node.addValidation({ validate: () => tooEarly(at, namespace) });
    new HttpRoute(at, 'http-route', {
      metadata: { name: page.name, namespace },
      spec: {
        parentRefs: [{ name: this.name, namespace: this.namespace, sectionName: section }],
        // No hostname is any hostname: '*' alone is not allowed.
        ...(host === '*' ? {} : { hostnames: [host] }),
        rules: [
          {
            ...(page.routes ? { matches: page.routes.map((path) => ({ path: pathMatch(path) })) } : {}),
            backendRefs: [{ name, port: page.endpoint.port }],
          },
        ],
      },
    });
    if (this.plaintextRules && page.sidecar === 'never') plaintextRule(at, page, namespace);
    const entry = this.pods.service;
    const gateway = { namespace: this.namespace, name: this.name };
    return { host, page, gateway, entry, url: urlOf(host, entry.port, page.path) };
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
}

function pathMatch(path: PathMatch) {
  return 'exact' in path
    ? { type: HttpRouteSpecRulesMatchesPathType.EXACT, value: path.exact }
    : { type: HttpRouteSpecRulesMatchesPathType.PATH_PREFIX, value: path.prefix };
}
