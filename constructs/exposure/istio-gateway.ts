import { Construct } from 'constructs';
import {
  DestinationRule,
  DestinationRuleSpecTrafficPolicyTlsMode,
  Gateway,
  VirtualService,
} from '../../imports/networking.istio.io.ts';
import type { Exposed, IngressPods, MeshLike, Page, Published } from '../kit/capabilities.ts';
import { checkDnsLabel, namespaceOf } from '../kit/layer.ts';
import { UserError } from '../kit/user-error.ts';

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

/** How a page is published. */
export interface PublishOptions {
  /**
   * The name that people open. You can pass one of:
   * - a lower-case DNS name of at least two labels: 'grafana.mesh.test';
   * - a wildcard: '*.mesh.test';
   * - '*': any name, the gateway's address included.
   */
  readonly host: string;
}

/**
 * The way into the mesh through Istio's ingress gateway pods, by plain HTTP.
 *
 * Each published page gets a Gateway `NAME-gateway` and a VirtualService `NAME`, and a DestinationRule `NAME` where the gateway must be
 * told not to use mutual TLS. They land in the namespace of this construct's layer.
 */
export class IstioGateway extends Construct {
  private readonly pods: IngressPods;
  private readonly plaintextRules: boolean;
  /** Namespaces in which the gateway pods find DestinationRules, besides that of the called Service. */
  private readonly ruleNamespaces: readonly string[];
  private readonly published: { readonly host: string; readonly page: Page }[] = [];

  /** @throws UserError when the mesh's install brings no ingress pods */
  constructor(scope: Construct, id: string, props: IstioGatewayProps) {
    super(scope, id);
    if (props.mesh) {
      const { ingress, needsPlaintextRules, rootNamespace } = props.mesh;
      if (!ingress) {
        throw new UserError(
          `gateway '${this.node.path}' has no pods: the mesh's install brings no ingress gateway. ` +
            `Install by istioctl with the profile 'default' or 'demo' ('minimal', 'ambient' and 'empty' bring none), ` +
            `or pass gateway pods that run already: { pods: { selector, namespace, service } } instead of { mesh }`,
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
   * @param published a construct with a page: Bookinfo, Grafana, Kiali, or your own `{ page }`
   * @throws UserError when the host is malformed or taken, the page is published already, its name is no DNS label, or its address is
   * not a plain HTTP Service of this cluster
   */
  publish(published: Published, options: PublishOptions): Exposed {
    const { page } = published;
    const { host } = options;
    checkHost(host, this.node.path);
    checkDnsLabel(page.name, `name of the page published by '${this.node.path}'`);
    const destination = this.destinationOf(page);
    this.checkNew(page, host);
    this.published.push({ host, page });

    const { service: entry, selector } = this.pods;
    const at = new Construct(this, page.name);
    const gateway = `${page.name}-gateway`;
    const metadata = { namespace: namespaceOf(this) };
    new Gateway(at, 'gateway', {
      metadata: { ...metadata, name: gateway },
      spec: {
        selector: { ...selector },
        // The number of the gateway Service's port: istiod finds the port that the pods listen at by it.
        servers: [{ port: { number: entry.port, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
      },
    });
    new VirtualService(at, 'virtual-service', {
      metadata: { ...metadata, name: page.name },
      spec: {
        hosts: [host],
        gateways: [gateway],
        http: [
          {
            ...(page.routes ? { match: page.routes.map((uri) => ({ uri })) } : {}),
            route: [{ destination: { host: destination, port: { number: page.endpoint.port } } }],
          },
        ],
      },
    });
    if (this.plaintextRules && page.sidecar === 'never') {
      this.checkRuleNamespace(page, metadata.namespace);
      new DestinationRule(at, 'destination-rule', {
        metadata: { ...metadata, name: page.name },
        spec: { host: destination, trafficPolicy: { tls: { mode: DestinationRuleSpecTrafficPolicyTlsMode.DISABLE } } },
      });
    }
    return { host, page, entry, url: urlOf(host, entry.port, page.path) };
  }

  private destinationOf(page: Page): string {
    const { endpoint } = page;
    if (!endpoint.service || endpoint.tls) {
      throw new UserError(
        `page '${page.name}' at ${endpoint.url} cannot be published by '${this.node.path}': ` +
          `allowed is a Service of this cluster that speaks plain HTTP, 'NAME.NAMESPACE.svc.cluster.local'`,
      );
    }
    return endpoint.host;
  }

  private checkNew(page: Page, host: string): void {
    const taken = this.published.find((p) => p.host === host);
    if (taken) {
      throw new UserError(
        `host '${host}' leads to page '${taken.page.name}' already, so '${this.node.path}' cannot lead it to page '${page.name}': ` +
          `give each page its own host`,
      );
    }
    const again = this.published.find((p) => p.page.name === page.name);
    if (again) {
      throw new UserError(
        `'${this.node.path}' has published a page '${page.name}' at host '${again.host}', so it cannot publish one at '${host}': ` +
          `a page's name names its objects, give the page another name`,
      );
    }
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

/**
 * One label alone is refused: Istio reads 'shop' in a VirtualService as 'shop.NAMESPACE.svc.cluster.local' (Istio 1.30, short names),
 * and the host would never match.
 */
function checkHost(host: string, path: string): void {
  const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
  const allowed = new RegExp(`^(\\*|(\\*|${label})(\\.${label})+)$`);
  if (host.length > 253 || !allowed.test(host)) {
    throw new UserError(
      `host ${JSON.stringify(host)} cannot be published by '${path}': ` +
        `allowed are a lower-case DNS name with a dot ('shop.mesh.test'), a wildcard ('*.mesh.test') and '*'`,
    );
  }
}

/** A wildcard is no address: a name that it matches stands for it. */
function urlOf(host: string, port: number, path: string): string {
  const name = host === '*' ? 'localhost' : host.replace('*', 'any');
  return `http://${name}${port === 80 ? '' : `:${port}`}${path}`;
}
