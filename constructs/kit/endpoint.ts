import { UserError } from './user-error.ts';

/**
 * What an {@link Endpoint} needs to know of a Service: met by kit's own `MeshService`, by `Service` of any cdk8s-plus version, and by
 * the generated `KubeService` (which does not tell its ports: they are then believed).
 */
export interface ServiceLike {
  readonly name: string;
  readonly metadata: { readonly namespace?: string | undefined };
  readonly ports?: readonly { readonly name?: string | undefined; readonly port: number }[] | undefined;
}

/** A place outside the program's own Services, named by hand: see {@link Endpoint.external}. */
export interface ExternalEndpoint<P extends string> {
  /** What is spoken there. */
  readonly protocol: P;
  /** A DNS name or an address, without scheme and port. In the cluster: the full name, `NAME.NAMESPACE.svc.cluster.local`. */
  readonly host: string;
  readonly port: number;
  /** Where the page or API begins. @default '' */
  readonly path?: string;
  /** Whether the address is reached by TLS: the scheme of `url` is then https. @default false */
  readonly tls?: boolean;
}

/**
 * One port of one Service, with the protocol that is spoken there: the only form in which an address travels through a program.
 *
 * The protocol is part of the type, so that a zipkin address cannot stand where OTLP is needed.
 */
export class Endpoint<P extends string = string> {
  /** Keeps look-alike objects out: an address comes from a Service or from {@link Endpoint.external}. */
  declare private readonly brand: P;

  private constructor(
    readonly protocol: P,
    /** The full name, `NAME.NAMESPACE.svc.cluster.local` for a Service of the cluster. */
    readonly host: string,
    readonly port: number,
    /** Where the page or API begins: '' or '/jaeger'. */
    readonly path: string,
    readonly tls: boolean,
    /** The Service behind the address, when it is one of this cluster. */
    readonly service: { readonly name: string; readonly namespace: string } | undefined,
  ) {}

  /**
   * The endpoint of one port of a Service of this cluster.
   *
   * @param port the port's number or name; it must be one of the Service's ports when the Service tells them
   * @param path where the page or API begins
   * @throws UserError when the Service has no such port, or no namespace
   */
  static ofService<P extends string>(service: ServiceLike, port: number | string, protocol: P, path = ''): Endpoint<P> {
    const namespace = service.metadata.namespace;
    if (!namespace) {
      throw new UserError(
        `service '${service.name}' has no namespace, so it has no address: give its chart or its metadata a namespace`,
      );
    }
    const found = service.ports?.find((p) => p.port === port || p.name === port);
    if (service.ports && !found) {
      const known = service.ports.map((p) => (p.name ? `${p.name} (${p.port})` : `${p.port}`)).join(', ');
      throw new UserError(
        `service '${service.name}' in '${namespace}' has no port ${JSON.stringify(port)}, it has: ${known || 'none'}`,
      );
    }
    if (!found && typeof port === 'string') {
      throw new UserError(
        `service '${service.name}' in '${namespace}' does not tell its ports: name port '${port}' by its number`,
      );
    }
    const host = `${service.name}.${namespace}.svc.cluster.local`;
    const number = found?.port ?? Number(port);
    return new Endpoint(protocol, host, number, path, false, { name: service.name, namespace });
  }

  /**
   * An address that no Service of this program stands behind: an existing installation, or a vendor's.
   *
   * A host of the form `NAME.NAMESPACE.svc[.DOMAIN]` is understood as a Service of the cluster.
   *
   * @throws UserError when the host holds a scheme, port or path, or the port is not in 1-65535
   */
  static external<P extends string>(where: ExternalEndpoint<P>): Endpoint<P> {
    const { protocol, host, port, path = '', tls = false } = where;
    if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host)) {
      throw new UserError(`host ${JSON.stringify(host)} is not a DNS name or an IPv4 address: leave out scheme, port and path`);
    }
    checkPort(port);
    if (path !== '' && !path.startsWith('/')) throw new UserError(`path ${JSON.stringify(path)} must begin with '/'`);
    const [name, namespace, svc] = host.split('.');
    const service = svc === 'svc' && name && namespace ? { name, namespace } : undefined;
    return new Endpoint(protocol, host, port, path === '/' ? '' : path, tls, service);
  }

  /** `host:port` */
  get authority(): string {
    return `${this.host}:${this.port}`;
  }

  /** `http://host:port/path`; https when the endpoint is reached by TLS. */
  get url(): string {
    return `${this.tls ? 'https' : 'http'}://${this.authority}${this.path}`;
  }

  /** The same port with another protocol or path: Jaeger's query port serves its page and its API. */
  as<Q extends string>(protocol: Q, path = this.path): Endpoint<Q> {
    return new Endpoint(protocol, this.host, this.port, path, this.tls, this.service);
  }
}

/**
 * Checks a port number.
 *
 * @param of whose port it is, for the message
 * @throws UserError when it is not a whole number from 1 to 65535
 */
export function checkPort(port: number, of?: string): void {
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new UserError(`port ${port}${of === undefined ? '' : ` of ${of}`} is not a whole number from 1 to 65535`);
}
