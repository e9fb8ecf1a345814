import { k8s } from 'cdk8s-plus-27';
import { Construct, type IConstruct } from 'constructs';
import type { Exposed, LoadBalancerAddress, Published } from '../kit/capabilities.ts';
import { checkPort, Endpoint } from '../kit/endpoint.ts';
import { checkDnsLabel } from '../kit/layer.ts';
import { stackOrVariant } from '../kit/stack-of.ts';
import { UserError } from '../kit/user-error.ts';
import { bracketed } from './node-port.ts';
import { objectName } from './object-name.ts';
import { tooEarly } from './order.ts';
import { Hosts, told } from './pages.ts';
import { podsBehind } from './pods-behind.ts';

/** How a page gets an address of its own. */
export interface LoadBalancerOptions {
  /** Where people reach it. @default 80 */
  readonly port?: number;
  /** A fixed address: `pool.address('10.34.124.116')`. @default whoever serves Services of type LoadBalancer chooses one */
  readonly address?: LoadBalancerAddress;
  /**
   * The name that people open, which the site's DNS must lead to the address. It stands in the annotation
   * `external-dns.alpha.kubernetes.io/hostname`, from which ExternalDNS makes the entry, where the cluster has it.
   *
   * @default none: people open the address
   */
  readonly host?: string;
}

/** Who listens at each address and port, by stack, and by variant layer. */
const listenersOf = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Pages at an address of their own, by plain HTTP: a Service `NAME-loadbalancer` of type LoadBalancer beside each page's own, for the
 * same pods. It needs somebody who gives addresses: `MetalLb`, or the platform. It leads past all gateways.
 */
export class LoadBalancerExposure extends Construct {
  private readonly published = new Set<string>();
  private readonly hosts = new Hosts(this);

  /**
   * Gives a page an address.
   *
   * @param published a construct with a page whose Service is an object of the same stack: Jaeger, Prometheus, Bookinfo
   * @returns its `url` says ADDRESS where only the cluster knows: `kubectl get service NAME-loadbalancer` tells
   * @throws UserError when the port is out of range, or taken at a shared address, the host is malformed, the page has an address already,
   * or nobody here knows its pods; at synth when nothing says that the page's namespace is there first
   */
  publish(published: Published, options: LoadBalancerOptions = {}): Exposed {
    const { page } = published;
    const { port = 80, address, host } = options;
    const path = this.node.path;
    checkPort(port, `page '${page.name}' published by '${path}'`);
    checkDnsLabel(`${page.name}-loadbalancer`, `name of the Service of '${path}'`);
    if (this.published.has(page.name))
      throw new UserError(`'${path}' has published page '${page.name}' already: one address leads to it`);
    this.published.add(page.name);
    if (host !== undefined) this.hosts.add({ what: 'page', name: page.name, host });
    if (address) this.take(address.ip, port, page.name);
    const { namespace, selector, targetPort } = podsBehind(this, page);
    const name = objectName(this, 'Service', namespace, `${page.name}-loadbalancer`);
    const at = new Construct(this, page.name);
    at.node.addValidation({ validate: () => tooEarly(at, namespace, 'Service') });
    const annotations = {
      ...address?.annotations,
      ...(host === undefined ? {} : { 'external-dns.alpha.kubernetes.io/hostname': host }),
    };
    new k8s.KubeService(at, 'service', {
      metadata: { name, namespace, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
      spec: {
        type: 'LoadBalancer',
        selector,
        ports: [{ name: 'http', port, targetPort, appProtocol: 'http' }],
      },
    });
    const entry = Endpoint.external({ protocol: 'http', host: `${name}.${namespace}.svc.cluster.local`, port });
    const where = host?.replace('*', 'any') ?? (address ? bracketed(address.ip) : 'ADDRESS');
    const url = `http://${where}${port === 80 ? '' : `:${port}`}${page.path}`;
    return told(this, page, { host: host ?? address?.ip ?? '*', page, entry, url, address: address?.ip });
  }

  /** An address may be shared by Services whose ports differ. */
  private take(ip: string, port: number, page: string): void {
    const place = stackOrVariant(this);
    const taken = listenersOf.get(place) ?? new Map<string, string>();
    listenersOf.set(place, taken);
    const key = `${ip} ${port}`;
    const owner = taken.get(key);
    if (owner !== undefined)
      throw new UserError(
        `port ${port} of ${ip} leads to ${owner} already, so '${this.node.path}' cannot lead it to page '${page}': give it another port or address`,
      );
    taken.set(key, `page '${page}' by '${this.node.path}'`);
  }
}
