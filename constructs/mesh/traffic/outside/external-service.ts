import { isIP } from 'node:net';
import { Construct } from 'constructs';
import {
  ServiceEntrySpecLocation as Location,
  ServiceEntrySpecResolution as Resolution,
  ServiceEntry,
} from '../../../../imports/networking.istio.io.ts';
import {
  checkDnsLabel,
  checkPort,
  type Destination,
  type DestinationPort,
  httpProtocols,
  namespaceOf,
  UserError,
} from '../../../kit/index.ts';
import { checkDnsSubdomain } from '../../../kit/layer.ts';
import { checkLocality, didYouMean } from '../checks.ts';
import { nameOf } from '../names.ts';
import type { ServerTls } from '../policy/tls.ts';
import { TrafficPolicy } from '../policy/traffic-policy.ts';

/** One port of an {@link ExternalService}. */
export interface ExternalPort extends DestinationPort {
  /** The port that the proxy connects to, where it differs from the one that clients name. @default the same */
  readonly targetPort?: number;
}

/** One address behind an {@link ExternalService}. */
export interface ExternalAddress {
  /** An IP address; a DNS name too where addresses come from DNS. */
  readonly address: string;
  /** Other port numbers, by the port's name. @default the service's */
  readonly ports?: Readonly<Record<string, number>>;
  /** `region/zone/subzone`. @default none */
  readonly locality?: string;
}

/**
 * Where the addresses come from (Istio 1.30, ServiceEntry.Resolution): asked of DNS; of DNS, one connection at a time to the first answer;
 * the `endpoints`; whatever address the client has asked for; of DNS for each name below a wildcard.
 */
export type AddressesFrom = 'dns' | 'dns-round-robin' | 'endpoints' | 'client' | 'dns-of-each-name';

/** Options of an {@link ExternalService}. */
export interface ExternalServiceProps {
  /** A DNS name, or a wildcard: 'api.vendor.example', '*.vendor.example'. */
  readonly host: string;
  readonly ports: readonly [ExternalPort, ...ExternalPort[]];
  /** Of the objects. @default the host, with 'any' for '*' */
  readonly name?: string;
  /** @default 'endpoints' when all endpoints are IP addresses; 'client' for a wildcard; else 'dns' */
  readonly addressesFrom?: AddressesFrom;
  /** @default none */
  readonly endpoints?: readonly [ExternalAddress, ...ExternalAddress[]];
  /** Virtual IP addresses or CIDR blocks by which clients reach it: matters for TCP. @default those that Istio allocates */
  readonly addresses?: readonly string[];
  /** `inside`: it has a sidecar or Istio's certificates, as a VM has. @default 'outside' */
  readonly location?: 'outside' | 'inside';
  /** Who gets to know it. @default 'mesh' */
  readonly visibleTo?: 'mesh' | 'own-namespace';
  /**
   * Clients say plain HTTP, their proxies make it TLS: `{}` for a server with a public certificate. Adds a TrafficPolicy for every port of
   * HTTP or gRPC in plain text. For more settings of the same host leave it out, and give the port a `targetPort` and a TrafficPolicy `tls`.
   */
  readonly originateTls?: {
    /** The server's TLS port. @default 443 */
    readonly port?: number;
    /** @default the system's CAs are trusted */
    readonly tls?: ServerTls;
  };
}

const resolutions: Record<AddressesFrom, Resolution> = {
  dns: Resolution.DNS,
  'dns-round-robin': Resolution.DNS_UNDERSCORE_ROUND_UNDERSCORE_ROBIN,
  endpoints: Resolution.STATIC,
  client: Resolution.NONE,
  'dns-of-each-name': Resolution.DYNAMIC_UNDERSCORE_DNS,
};

/** Whether a port carries requests that a proxy can read and route. */
export function isPlainHttp(port: DestinationPort): boolean {
  return httpProtocols.includes(port.appProtocol);
}

/**
 * A host outside the mesh that the mesh knows: one ServiceEntry. With `outboundTraffic: 'registry-only'` it is what lets requests out.
 *
 * It is a {@link Destination}: HttpRoutes and TrafficPolicy take it.
 */
export class ExternalService extends Construct implements Destination<never> {
  readonly host: string;
  readonly namespace: string;
  readonly ports: readonly ExternalPort[];
  readonly selector = undefined;
  readonly versions = {};
  /** The name of its objects. */
  readonly name: string;
  /** Who gets to know it. */
  readonly visibleTo: 'mesh' | 'own-namespace';

  /** @throws UserError when the host, a port or an address is misspelt, or the addresses cannot come from where it is said */
  constructor(scope: Construct, id: string, props: ExternalServiceProps) {
    super(scope, id);
    const where = `'${this.node.path}'`;
    const { host, endpoints, addresses, location = 'outside', visibleTo = 'mesh', originateTls } = props;
    checkHost(host, where);
    checkPorts(props.ports, where);
    if (props.name !== undefined) checkDnsSubdomain(props.name, `name of ${where}`);
    if (originateTls?.port !== undefined) checkPort(originateTls.port, `originateTls of ${where}`);
    const from = props.addressesFrom ?? defaultSource(host, endpoints);
    checkSource(from, props, where);
    this.host = host;
    this.namespace = namespaceOf(this);
    this.name = props.name ?? nameOf({ host });
    this.visibleTo = visibleTo;
    this.ports = originateTls
      ? props.ports.map((port) => (isPlainHttp(port) ? { targetPort: originateTls.port ?? 443, ...port } : port))
      : props.ports;
    new ServiceEntry(this, 'service-entry', {
      metadata: { namespace: this.namespace, name: this.name },
      spec: {
        hosts: [host],
        ...(addresses ? { addresses: [...addresses] } : {}),
        ports: this.ports.map(({ name, port, appProtocol, targetPort }) => ({
          name,
          number: port,
          protocol: appProtocol.toUpperCase(),
          ...(targetPort === undefined ? {} : { targetPort }),
        })),
        location: location === 'inside' ? Location.MESH_UNDERSCORE_INTERNAL : Location.MESH_UNDERSCORE_EXTERNAL,
        resolution: resolutions[from],
        ...(endpoints ? { endpoints: endpoints.map((e) => ({ ...e, ...(e.ports ? { ports: { ...e.ports } } : {}) })) } : {}),
        ...(visibleTo === 'own-namespace' ? { exportTo: ['.'] } : {}),
      },
    });
    if (originateTls) this.originate(originateTls.tls ?? { simple: {} }, from, where);
  }

  private originate(tls: ServerTls, from: AddressesFrom, where: string): void {
    const plain = this.ports.filter(isPlainHttp);
    if (plain.length === 0)
      throw new UserError(
        `${where} originates TLS, but has no port of plain HTTP: add { name: 'http', port: 80, appProtocol: 'http' }`,
      );
    if (from === 'client')
      throw new UserError(
        `${where} originates TLS, but goes to whatever port the client asked for: take the addresses from 'dns' or 'endpoints'`,
      );
    const ports = Object.fromEntries(plain.map(({ name }) => [name, { tls }]));
    new TrafficPolicy(this, 'tls', { of: this, name: this.name, ports });
  }
}

function checkHost(host: string, where: string): void {
  const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
  if (host.length > 253 || isIP(host) !== 0 || !new RegExp(`^(\\*\\.)?${label}(\\.${label})*$`).test(host)) {
    throw new UserError(
      `host of ${where} is ${JSON.stringify(host)}: allowed are a lower-case DNS name and a wildcard of one, '*.vendor.example'; an IP address goes into addresses or endpoints`,
    );
  }
}

function checkPorts(ports: readonly ExternalPort[], where: string): void {
  for (const [i, { name, port, targetPort }] of ports.entries()) {
    checkPort(port, where);
    if (targetPort !== undefined) checkPort(targetPort, where);
    checkDnsLabel(name, `name of port ${port} of ${where}`);
    const twin = ports.slice(0, i).find((p) => p.name === name || p.port === port);
    if (twin)
      throw new UserError(`${where} has ports ${twin.name} (${twin.port}) and ${name} (${port}): name and number must be unique`);
  }
}

function defaultSource(host: string, endpoints: ExternalServiceProps['endpoints']): AddressesFrom {
  if (endpoints) return endpoints.every(({ address }) => isIP(address) !== 0) ? 'endpoints' : 'dns';
  return host.startsWith('*.') ? 'client' : 'dns';
}

function checkSource(from: AddressesFrom, props: ExternalServiceProps, where: string): void {
  const { host, addresses = [], ports } = props;
  const endpoints: readonly ExternalAddress[] = props.endpoints ?? [];
  const refuse = (why: string): never => {
    throw new UserError(`${where} takes addresses from '${from}', ${why}`);
  };
  const wildcard = host.startsWith('*.');
  // Istio 1.30, the CRD of ServiceEntry.
  if (addresses.length > 256) throw new UserError(`addresses of ${where} are ${addresses.length}: allowed are 256 at most`);
  for (const address of addresses)
    if (isIP(address.replace(/\/\d{1,3}$/, '')) === 0)
      throw new UserError(`addresses of ${where} holds ${JSON.stringify(address)}: allowed are IP addresses and CIDR blocks`);
  if (addresses.some((a) => a.includes('/')) && from !== 'client' && from !== 'endpoints')
    refuse("but has a CIDR block: that needs 'client' or 'endpoints'");
  if (from === 'endpoints' && endpoints.length === 0) refuse('but has none: give it endpoints');
  if ((from === 'client' || from === 'dns-of-each-name') && endpoints.length > 0)
    refuse('which leaves endpoints unused: leave one out');
  if ((from === 'dns' || from === 'dns-round-robin') && wildcard && endpoints.length === 0)
    refuse(`which cannot be asked for '${host}': give it endpoints, or take them from 'client' or 'dns-of-each-name'`);
  if (from === 'dns-round-robin' && endpoints.length > 1) refuse('which takes one endpoint at most');
  if (from === 'dns-of-each-name') {
    if (!wildcard) refuse(`but '${host}' is no wildcard: 'dns' does for one name`);
    if (addresses.length > 0) refuse('which knows no addresses: leave them out');
    const other = ports.find((p) => !['http', 'http2', 'grpc', 'tls'].includes(p.appProtocol));
    if (other) refuse(`which port ${other.name} (${other.appProtocol}) cannot: allowed are http, http2, grpc and tls`);
  }
  const names = ports.map((p) => p.name);
  for (const { address, ports: own = {}, locality } of endpoints) {
    if (locality !== undefined) checkLocality(locality, `endpoint ${address} of ${where}`);
    if (isIP(address) === 0) {
      if (from === 'endpoints') refuse(`but ${JSON.stringify(address)} is no IP address: take them from 'dns'`);
      checkHost(address, `endpoint of ${where}`);
    }
    for (const [name, port] of Object.entries(own)) {
      checkPort(port, `endpoint ${address} of ${where}`);
      if (!ports.some((p) => p.name === name))
        throw new UserError(
          `endpoint ${address} of ${where} sets port ${JSON.stringify(name)}, the service has ${names.join(', ')}${didYouMean(name, names)}`,
        );
    }
  }
}
