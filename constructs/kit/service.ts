import type { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { Destination } from './destination.ts';
import { checkPort, Endpoint, type ServiceLike } from './endpoint.ts';
import { checkDnsLabel, namespaceOf } from './layer.ts';
import { UserError } from './user-error.ts';

/** What Istio reads from a port's `appProtocol` (Istio 1.30, protocol selection); `udp` is also the port's transport. */
export type AppProtocol = 'http' | 'http2' | 'https' | 'grpc' | 'grpc-web' | 'tcp' | 'tls' | 'udp' | 'mongo' | 'redis' | 'mysql';

/** The protocols whose requests a proxy reads (Istio 1.30, protocol selection). */
export const httpProtocols: readonly AppProtocol[] = ['http', 'http2', 'grpc', 'grpc-web'];

/** One port of a {@link MeshService}. */
export interface ServicePort {
  /** Unique in its Service; 15 characters at most. */
  readonly name: string;
  readonly port: number;
  /** The container's port. @default the same number */
  readonly targetPort?: number;
  /** What is spoken: said for every port, because Istio otherwise guesses, and speaks HTTP/1.1 to a gRPC port. */
  readonly appProtocol: AppProtocol;
}

/** Options of a {@link MeshService}. */
export interface MeshServiceProps {
  readonly name: string;
  /** The labels of the pods behind it. */
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly [ServicePort, ...ServicePort[]];
  readonly labels?: Readonly<Record<string, string>>;
  /** Without an address of its own: its name leads to every pod, not to one of them (clusterIP: None). @default false */
  readonly headless?: boolean;
}

/** A Service whose ports all have a name and say what they speak. */
export class MeshService extends Construct implements ServiceLike, Destination<never> {
  readonly name: string;
  readonly namespace: string;
  /** The full name, `NAME.NAMESPACE.svc.cluster.local`. */
  readonly host: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly ServicePort[];
  readonly versions = {};
  readonly metadata: { readonly namespace: string };
  /** The Service object, for JSON patches. */
  readonly object: ApiObject;

  /** @throws UserError when a name is not a DNS label, a port is out of range, or a name or number comes twice */
  constructor(scope: Construct, id: string, props: MeshServiceProps) {
    super(scope, id);
    const { name, selector, ports, labels, headless = false } = props;
    checkDnsLabel(name, `service name of '${this.node.path}'`);
    for (const [i, p] of ports.entries()) {
      checkPort(p.port, `service '${name}' at '${this.node.path}'`);
      if (typeof p.targetPort === 'number') checkPort(p.targetPort, `service '${name}' at '${this.node.path}'`);
      checkDnsLabel(p.name, `name of port ${p.port} of service '${name}' at '${this.node.path}'`);
      const twin = ports.slice(0, i).find((q) => q.name === p.name || q.port === p.port);
      if (twin)
        throw new UserError(
          `service '${name}' at '${this.node.path}' has ports ${twin.name} (${twin.port}) and ${p.name} (${p.port}): name and number must be unique`,
        );
    }
    this.name = name;
    this.ports = ports;
    this.namespace = namespaceOf(this);
    this.host = `${name}.${this.namespace}.svc.cluster.local`;
    this.selector = selector;
    this.metadata = { namespace: this.namespace };
    this.object = new k8s.KubeService(this, 'service', {
      metadata: { name, namespace: this.namespace, labels: { ...labels } },
      spec: {
        ...(headless ? { clusterIp: 'None' } : {}),
        selector: { ...selector },
        ports: ports.map((p) => ({
          name: p.name,
          port: p.port,
          targetPort: k8s.IntOrString.fromNumber(p.targetPort ?? p.port),
          appProtocol: p.appProtocol,
          ...(p.appProtocol === 'udp' ? { protocol: 'UDP' } : {}),
        })),
      },
    });
  }

  /**
   * The address of one port.
   *
   * @param port name or number
   * @throws UserError when there is no such port
   */
  endpoint<P extends string>(port: string | number, protocol: P, path = ''): Endpoint<P> {
    return Endpoint.ofService(this, port, protocol, path);
  }
}
