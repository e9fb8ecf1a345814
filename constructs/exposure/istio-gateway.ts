import { Construct } from 'constructs';
import {
  Gateway,
  type GatewaySpecServers,
  GatewaySpecServersTlsMode as TlsMode,
  VirtualService,
} from '../../imports/networking.istio.io.ts';
import type { Exposed, IngressPods, MeshLike, Page, Published } from '../kit/capabilities.ts';
import type { ConnectionEntrance, Entrance } from '../kit/destination.ts';
import { checkPort } from '../kit/endpoint.ts';
import { checkDnsLabel, namespaceOf } from '../kit/layer.ts';
import { UserError } from '../kit/user-error.ts';
import { certificateFor } from './certificates/certificate.ts';
import type { TlsOptions } from './certificates/tls.ts';
import { objectName } from './object-name.ts';
import {
  exposed,
  Hosts,
  nameOf,
  type OpenOptions,
  type OpenTcpOptions,
  type OpenTlsOptions,
  type PublishOptions,
  plaintextRule,
  routesOf,
  serviceOf,
  told,
} from './pages.ts';

/** Options of an {@link IstioGateway}: the mesh whose ingress pods it configures, or gateway pods that run already. */
export type IstioGatewayProps =
  | {
      /** Its install must bring ingress pods. */
      readonly mesh: MeshLike;
      readonly pods?: never;
      readonly autoMtls?: never;
    }
  | {
      /** Gateway pods that somebody else runs. */
      readonly pods: IngressPods;
      /** Whether their mesh has `enableAutoMtls` on. @default true, as in Istio */
      readonly autoMtls?: boolean;
      readonly mesh?: never;
    };

/** Of the gateway pods' Service, and the one that a redirect leads to (Istio 1.30, Gateway, httpsRedirect). */
const tlsPort = 443;

/**
 * The way into the mesh through Istio's ingress gateway pods: by HTTP, with TLS that ends at the pods or without, and for TLS and TCP that
 * others end.
 *
 * Each published page gets a Gateway `NAME-gateway` and a VirtualService `NAME`, and a DestinationRule `NAME` where the gateway must be
 * told not to use mutual TLS; `NAME-ID` where another way in of the stack has these already. They land in the namespace of this construct's
 * layer. A certificate lands in the namespace of the gateway's pods, the only one where they find it (Istio 1.30, Gateway, credentialName).
 */
export class IstioGateway extends Construct {
  private readonly pods: IngressPods;
  private readonly plaintextRules: boolean;
  /** Namespaces in which the gateway pods find DestinationRules, besides that of the called Service. */
  private readonly ruleNamespaces: readonly string[];
  private readonly hosts = new Hosts(this);
  private readonly tlsHosts = new Hosts(this);
  /** What each port carries. */
  private readonly carries = new Map<number, 'http' | 'tls' | 'tcp'>();

  /** @throws UserError when the mesh's install brings no ingress pods */
  constructor(scope: Construct, id: string, props: IstioGatewayProps) {
    super(scope, id);
    if (props.mesh) {
      const { ingress, needsPlaintextRules, rootNamespace } = props.mesh;
      if (!ingress) {
        throw new UserError(
          `gateway '${this.node.path}' has no pods: the mesh's install brings no ingress gateway. ` +
            `Install by istioctl with the profile 'default' or 'demo' ('minimal', 'ambient' and 'empty' bring none), ` +
            `or make a GatewayRelease and pass its pods, { pods: gateway.pods }, or pods that run already, { pods: { selector, namespace, service } }, instead of { mesh }`,
        );
      }
      this.pods = ingress;
      this.plaintextRules = needsPlaintextRules;
      this.ruleNamespaces = [ingress.namespace, rootNamespace];
    } else {
      this.pods = props.pods;
      this.plaintextRules = props.autoMtls === false;
      this.ruleNamespaces = [props.pods.namespace];
    }
    this.carries.set(this.pods.service.port, 'http');
    if (Object.keys(this.pods.selector).length === 0) {
      // Istio 1.30, Gateway.selector: an empty one applies to every proxy of the mesh.
      throw new UserError(
        `gateway '${this.node.path}' selects no pods: give pods.selector a label, e.g. { istio: 'ingressgateway' }`,
      );
    }
  }

  /**
   * Lets a page in under a host's name.
   *
   * With `tls` the pods end it at port 443 of their Service.
   *
   * @param published a construct with a page: Bookinfo, Grafana, Kiali, or your own `{ page }`
   * @throws UserError when the host is malformed or taken, the page is published already, its name is no DNS label, its address is not a
   * plain HTTP Service of this cluster, it answers nothing at the path, or no certificate can be had; at synth when nothing says that the
   * certificate's issuer and namespace are there first
   */
  publish(published: Published, options: PublishOptions): Exposed {
    const { page } = published;
    const { host, path, tls } = options;
    serviceOf(page, this.node.path);
    const routes = routesOf(page, path, this.node.path);
    const redirect = tls ? this.redirectOf(tls, host) : 'off';
    if (tls) this.takePort(tlsPort, 'tls');
    this.hosts.add({ what: 'page', name: page.name, host });
    if (tls) this.tlsHosts.add({ what: 'page', name: page.name, host });

    const namespace = namespaceOf(this);
    const at = new Construct(this, page.name);
    const name = objectName(this, 'VirtualService', namespace, page.name);
    const plain = redirect === 'on' ? { ...this.http, tls: { httpsRedirect: true } } : this.http;
    const servers = tls ? [plain, this.https(at, tls, host)] : [plain];
    const gateway = this.gateway(at, name, host, ...servers);
    new VirtualService(at, 'virtual-service', {
      metadata: { name, namespace },
      spec: {
        hosts: [host],
        gateways: [gateway],
        http: [
          {
            ...(routes ? { match: routes.map((uri) => ({ uri })) } : {}),
            route: [{ destination: { host: page.endpoint.host, port: { number: page.endpoint.port } } }],
          },
        ],
      },
    });
    if (this.plaintextRules && page.sidecar === 'never') {
      this.checkRuleNamespace(page, namespace);
      plaintextRule(at, page, namespace);
    }
    return told(this, page, { ...exposed(page, options, this.pods, redirect), gateway: { namespace, name: gateway } });
  }

  /**
   * Lets a host in, and leaves it to others where its requests go: hang `HttpRoutes` on what comes back.
   *
   * @throws UserError when the host is malformed or taken, or the name is no DNS label
   */
  open(options: OpenOptions): Entrance {
    const { host } = options;
    const name = nameOf(options);
    this.hosts.add({ what: 'entrance', name, host });
    const gateway = this.gateway(new Construct(this, name), name, host, this.http);
    return { api: 'istio', host, port: this.pods.service.port, gateway: { namespace: namespaceOf(this), name: gateway } };
  }

  /**
   * Lets TLS connections for a host in, and does not decrypt them: hang `TlsRoutes` on what comes back. The same host may be open to HTTP.
   *
   * The Gateway is named `NAME-tls-gateway`.
   *
   * @throws UserError when the host is malformed or taken, the name is no DNS label, or the port is out of range or carries something else
   */
  openTls(options: OpenTlsOptions): ConnectionEntrance<'tls'> {
    const { host, port = 443 } = options;
    const name = `${nameOf(options)}-tls`;
    this.takePort(port, 'tls');
    this.tlsHosts.add({ what: 'entrance', name, host });
    const server = { port: { number: port, name: 'tls', protocol: 'TLS' }, tls: { mode: TlsMode.PASSTHROUGH } };
    return { ...this.connections(name, host, server), carries: 'tls' };
  }

  /**
   * Lets in whatever comes to a port: hang `TcpRoutes` on what comes back.
   *
   * @throws UserError when the port is out of range or open already, or the name is no DNS label
   */
  openTcp({ port, name = `tcp-${port}` }: OpenTcpOptions): ConnectionEntrance<'tcp'> {
    checkDnsLabel(name, `name of the entrance opened by '${this.node.path}'`);
    this.takePort(port, 'tcp');
    return { ...this.connections(name, '*', { port: { number: port, name: 'tcp', protocol: 'TCP' } }), carries: 'tcp' };
  }

  /** TLS connections tell hosts apart, so that a port can carry several; TCP has nothing to tell by. */
  private takePort(port: number, what: 'tls' | 'tcp'): void {
    checkPort(port, `'${this.node.path}'`);
    const there = this.carries.get(port);
    if (there !== undefined && (there !== what || what === 'tcp'))
      throw new UserError(`port ${port} of '${this.node.path}' carries ${there} already: open another port for ${what}`);
    this.carries.set(port, what);
  }

  private connections(name: string, host: string, server: Omit<GatewaySpecServers, 'hosts'>) {
    const gateway = this.gateway(new Construct(this, name), name, host, server);
    return { api: 'istio', host, port: server.port.number, gateway: { namespace: namespaceOf(this), name: gateway } } as const;
  }

  private gateway(scope: Construct, of: string, host: string, ...servers: Omit<GatewaySpecServers, 'hosts'>[]): string {
    const name = `${of}-gateway`;
    new Gateway(scope, 'gateway', {
      metadata: { name, namespace: namespaceOf(this) },
      spec: { selector: { ...this.pods.selector }, servers: servers.map((one) => ({ ...one, hosts: [host] })) },
    });
    return name;
  }

  private get http(): Omit<GatewaySpecServers, 'hosts'> {
    // The number of the gateway Service's port: istiod finds the port that the pods listen at by it.
    return { port: { number: this.pods.service.port, name: 'http', protocol: 'HTTP' } };
  }

  private https(scope: Construct, tls: TlsOptions, host: string): Omit<GatewaySpecServers, 'hosts'> {
    const credentialName = certificateFor(scope, tls, { host, namespace: this.pods.namespace });
    return { port: { number: tlsPort, name: 'https', protocol: 'HTTPS' }, tls: { mode: TlsMode.SIMPLE, credentialName } };
  }

  /** A server that sends plain requests to https sends those of ACME's HTTP-01 there as well, before there is a certificate. */
  private redirectOf({ redirect, issuer }: TlsOptions, host: string): 'on' | 'off' {
    const asked = issuer?.challenge === 'http01';
    if (redirect === 'on' && asked) {
      throw new UserError(
        `host '${host}' published by '${this.node.path}' cannot be redirected to https: ${issuer.kind} '${issuer.name}' asks by HTTP-01 at the plain port, ` +
          `and would be redirected too. Say redirect: 'off', or take a GatewayApiGateway, whose redirect lets the challenge through`,
      );
    }
    return redirect ?? (asked ? 'off' : 'on');
  }

  /** Istio looks for a DestinationRule in the client's namespace, the Service's and the root namespace, nowhere else. */
  private checkRuleNamespace(page: Page, namespace: string): void {
    const found = [...this.ruleNamespaces, ...(page.endpoint.service ? [page.endpoint.service.namespace] : [])];
    if (found.includes(namespace)) return;
    const allowed = [...new Set(found)].map((n) => `'${n}'`).join(' or ');
    throw new UserError(
      `page '${page.name}' needs a DestinationRule that the gateway pods would not find in namespace '${namespace}': ` +
        `put '${this.node.path}' into a layer of namespace ${allowed}`,
    );
  }
}
