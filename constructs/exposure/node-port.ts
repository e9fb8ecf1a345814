import { k8s } from 'cdk8s-plus-27';
import { Construct, type IConstruct } from 'constructs';
import type { Exposed, Published } from '../kit/capabilities.ts';
import { Endpoint } from '../kit/endpoint.ts';
import { checkDnsLabel } from '../kit/layer.ts';
import { stackOrVariant } from '../kit/stack-of.ts';
import { UserError } from '../kit/user-error.ts';
import { checkAddress } from './metallb/address-ranges.ts';
import { objectName } from './object-name.ts';
import { tooEarly } from './order.ts';
import { told } from './pages.ts';
import { podsBehind } from './pods-behind.ts';

/** Options of a {@link NodePortExposure}. */
export interface NodePortExposureProps {
  /** The IP address of a node, for the addresses that people open: '10.34.124.114'. @default not known: they read `http://NODE:30686` */
  readonly nodeAddress?: string;
}

/** How a page gets a port of the nodes. */
export interface NodePortOptions {
  /** From 30000 to 32767 (Kubernetes, --service-node-port-range), and taken by nothing else. @default the cluster chooses one */
  readonly port?: number;
}

/** The ports that are given away, by stack, and by variant layer: who has each. */
const portsOf = new WeakMap<IConstruct, Map<number, string>>();

/**
 * Pages at a port of every node, by plain HTTP: for a lab, and where there is neither an ingress nor a load balancer.
 *
 * Each page gets a Service `NAME-nodeport` of type NodePort beside its own, for the same pods. Everybody who reaches a node reaches the
 * page, past all gateways.
 */
export class NodePortExposure extends Construct {
  private readonly nodeAddress: string | undefined;
  private readonly published = new Map<string, number | undefined>();

  /** @throws UserError when the node's address is no IP address */
  constructor(scope: Construct, id: string, props: NodePortExposureProps = {}) {
    super(scope, id);
    const { nodeAddress } = props;
    this.nodeAddress = nodeAddress === undefined ? undefined : checkAddress(nodeAddress, `nodeAddress of '${this.node.path}'`);
  }

  /**
   * Gives a page a port of the nodes.
   *
   * @param published a construct with a page whose Service is an object of the same stack: Jaeger, Prometheus, Bookinfo
   * @returns its `url` says NODE and PORT where only the cluster knows: `kubectl get service NAME-nodeport` tells
   * @throws UserError when the port is out of range or taken, the page has one already, or nobody here knows its pods; at synth when nothing
   * says that the page's namespace is there first
   */
  publish(published: Published, options: NodePortOptions = {}): Exposed {
    const { page } = published;
    const { port } = options;
    const path = this.node.path;
    checkDnsLabel(`${page.name}-nodeport`, `name of the Service of '${path}'`);
    if (this.published.has(page.name)) {
      throw new UserError(
        `'${path}' has published page '${page.name}' at ${portOf(this.published.get(page.name))} already, so it cannot at ${portOf(port)}: one port leads to it`,
      );
    }
    if (port !== undefined) this.take(port, page.name);
    this.published.set(page.name, port);
    const { namespace, selector, targetPort } = podsBehind(this, page);
    const name = objectName(this, 'Service', namespace, `${page.name}-nodeport`);
    const at = new Construct(this, page.name);
    at.node.addValidation({ validate: () => tooEarly(at, namespace, 'Service') });
    new k8s.KubeService(at, 'service', {
      metadata: { name, namespace },
      spec: {
        type: 'NodePort',
        selector,
        ports: [
          {
            name: 'http',
            port: page.endpoint.port,
            targetPort,
            appProtocol: 'http',
            ...(port === undefined ? {} : { nodePort: port }),
          },
        ],
      },
    });
    const host = this.nodeAddress ?? '*';
    const entry = Endpoint.external({
      protocol: 'http',
      host: `${name}.${namespace}.svc.cluster.local`,
      port: page.endpoint.port,
    });
    const url = `http://${bracketed(this.nodeAddress ?? 'NODE')}:${port ?? 'PORT'}${page.path}`;
    return told(this, page, { host, page, entry, url, address: this.nodeAddress });
  }

  private take(port: number, page: string): void {
    const path = this.node.path;
    if (!Number.isInteger(port) || port < 30_000 || port > 32_767) {
      throw new UserError(
        `port ${port} of page '${page}' published by '${path}' is none of a node: allowed is a whole number from 30000 to 32767, or none, and the cluster chooses`,
      );
    }
    const place = stackOrVariant(this);
    const taken = portsOf.get(place) ?? new Map<number, string>();
    portsOf.set(place, taken);
    const owner = taken.get(port);
    if (owner !== undefined) {
      throw new UserError(
        `port ${port} of the nodes leads to ${owner} already, so '${path}' cannot lead it to page '${page}': give each page its own port, or none`,
      );
    }
    taken.set(port, `page '${page}' by '${path}'`);
  }
}

/** An IPv6 address stands in brackets in a URL (RFC 3986). */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function portOf(port: number | undefined): string {
  return port === undefined ? 'a port that the cluster chooses' : `port ${port}`;
}
