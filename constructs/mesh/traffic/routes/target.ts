import { type Destination, type DestinationPort, type DestinationVersion, isVersion } from '../../../kit/destination.ts';
import { type AppProtocol, httpProtocols } from '../../../kit/service.ts';
import { UserError } from '../../../kit/user-error.ts';
import { didYouMean } from '../checks.ts';
import { shownTarget } from '../names.ts';
import { isSplit, type Split } from './split.ts';

/** One destination that requests are sent to. */
export interface Target {
  readonly destination: Destination;
  readonly version?: DestinationVersion;
  readonly port: number;
  /** Its share; undefined when it gets all. */
  readonly percent?: number;
}

/** What a route is for, and where requests come from. */
export interface Routed {
  /** The destination whose requests are routed; undefined at an entrance. */
  readonly of: Destination | undefined;
  /** The routed port of it. */
  readonly port: DestinationPort | undefined;
  /** What ports of such a route speak. */
  readonly speaks: Speaks;
}

/** The kinds of traffic that routes tell apart, by what a port says it speaks (Istio 1.30, protocol selection). */
export const speaks = {
  http: { what: 'HTTP', protocols: httpProtocols },
  grpc: { what: 'gRPC', protocols: ['grpc', 'http2', 'grpc-web'] },
  tcp: { what: 'TCP', protocols: ['tcp', 'mongo', 'redis', 'mysql', 'tls', 'https'] },
  tls: { what: 'TLS', protocols: ['tls', 'https'] },
} as const satisfies Record<string, Speaks>;

interface Speaks {
  readonly what: string;
  readonly protocols: readonly AppProtocol[];
}

/**
 * The targets of a rule, each with its port.
 *
 * @throws UserError when a version or port is not there, or not of the routed destination
 */
export function targetsOf(
  to: Destination | DestinationVersion | Split,
  port: string | number | undefined,
  routed: Routed,
  where: string,
): Target[] {
  if (!isSplit(to)) return [target(to, port, routed, where)];
  const [first, ...others] = to.legs;
  if (first && others.length === 0) return [target(first.to, port, routed, where)];
  return to.legs.map((leg) => ({ ...target(leg.to, port, routed, where), percent: leg.percent }));
}

/** @throws UserError as {@link targetsOf} */
export function target(
  to: Destination | DestinationVersion,
  port: string | number | undefined,
  routed: Routed,
  where: string,
): Target {
  const destination = isVersion(to) ? to.of : to;
  if (isVersion(to)) checkVersion(to, routed.of, where);
  return {
    destination,
    ...(isVersion(to) ? { version: to } : {}),
    port: targetPort(destination, port, routed, where).port,
  };
}

function checkVersion(to: DestinationVersion, of: Destination | undefined, where: string): void {
  const versions = Object.keys(to.of.versions);
  if (!versions.includes(to.version)) {
    throw new UserError(
      `${where} sends to version ${JSON.stringify(to.version)} of ${shownTarget(to.of)}, which has ` +
        `${versions.join(', ') || 'no versions'}${didYouMean(to.version, versions)}`,
    );
  }
  if (of && of.host !== to.of.host) {
    const own = Object.keys(of.versions);
    throw new UserError(
      `${where} sends to ${shownTarget(to)}, but routes requests for ${shownTarget(of)}: ` +
        `allowed are ${own.length > 0 ? `its versions ${own.join(', ')}` : 'the destination'} or another destination as a whole`,
    );
  }
}

/** The port of a target that was asked for, else the one that fits the routed port. */
function targetPort(to: Destination, wanted: string | number | undefined, routed: Routed, where: string): DestinationPort {
  if (wanted !== undefined || routed.port === undefined) return choosePort(to, wanted, routed.speaks, where);
  const { name, port } = routed.port;
  if (to.host === routed.of?.host) return routed.port;
  const fitting = to.ports.filter((one) => includes(routed.speaks, one));
  const same = fitting.find((one) => one.port === port) ?? fitting.find((one) => one.name === name);
  return fitting.length > 1 && same ? same : choosePort(to, undefined, routed.speaks, where);
}

/**
 * A destination's port of a kind: that of a name or number, else the only one.
 *
 * @throws UserError when there is no such port, or several and none was named
 */
export function choosePort(of: Destination, wanted: string | number | undefined, kind: Speaks, where: string): DestinationPort {
  const fitting = of.ports.filter((one) => includes(kind, one));
  const list = (ports: readonly DestinationPort[]) => ports.map((one) => `${one.name} (${one.port})`).join(', ') || 'none';
  const what = shownTarget(of);
  if (wanted !== undefined) {
    const found = of.ports.find((one) => one.name === wanted || one.port === wanted);
    if (!found) {
      const near =
        typeof wanted === 'string'
          ? didYouMean(
              wanted,
              of.ports.map((one) => one.name),
            )
          : '';
      throw new UserError(`${where} names port ${JSON.stringify(wanted)} of ${what}, which has: ${list(of.ports)}${near}`);
    }
    if (includes(kind, found)) return found;
    throw new UserError(
      `${where} routes ${kind.what}, but port ${found.name} (${found.port}) of ${what} speaks ${found.appProtocol}: ` +
        `allowed are ports that speak ${kind.protocols.join(', ')}, ${what} has: ${list(fitting)}`,
    );
  }
  const [only, ...others] = fitting;
  if (!only) {
    const has = of.ports.map((one) => `${one.name} (${one.port}, ${one.appProtocol})`).join(', ') || 'none';
    throw new UserError(
      `${where} routes ${kind.what}, but ${what} has no port that speaks ${kind.protocols.join(', ')}; its ports are: ${has}`,
    );
  }
  if (others.length > 0)
    throw new UserError(`${where} must name the port, because ${what} has several that speak ${kind.what}: ${list(fitting)}`);
  return only;
}

/** Whether a port speaks what a kind of route can look into. */
export function includes(kind: Speaks, port: DestinationPort): boolean {
  return kind.protocols.includes(port.appProtocol);
}
