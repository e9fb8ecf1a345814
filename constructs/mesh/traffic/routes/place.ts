import type { Construct } from 'constructs';
import type { ConnectionEntrance, Destination, Entrance } from '../../../kit/destination.ts';
import { checkDnsSubdomain, namespaceOf } from '../../../kit/layer.ts';
import { UserError } from '../../../kit/user-error.ts';
import { nameOf, serviceName, shownTarget } from '../names.ts';
import type { RouteApi } from './route-api.ts';
import { choosePort, includes, type Routed, speaks } from './target.ts';

/** Whose requests are routed, and who says so. */
export type RoutesOf<A extends RouteApi> =
  | {
      /** Calls inside the mesh to this destination. */
      readonly of: Destination;
      /** Whose objects say the routes. @default 'istio' */
      readonly as?: A;
      /** The routed port, by name or number. @default the only one that speaks what is routed */
      readonly port?: string | number;
      readonly at?: never;
    }
  | {
      /** Requests from outside; who opened the entrance decides whose objects say the routes. */
      readonly at: Entrance & { readonly api: A };
      readonly of?: never;
      readonly as?: never;
      readonly port?: never;
    };

/** The same of connections that nobody looks into. */
export interface ConnectionsAt<C extends 'tls' | 'tcp'> {
  /** Connections from outside: what `openTls` or `openTcp` of an IstioGateway gave back. */
  readonly at: ConnectionEntrance<C>;
  readonly of?: never;
  readonly as?: never;
  readonly port?: never;
}

/** Where routes are in force, checked. */
export interface Place extends Routed {
  readonly api: RouteApi;
  /** The name and namespace of the object. */
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly at: Entrance | ConnectionEntrance | undefined;
  /** The names that clients ask for. */
  readonly hosts: readonly string[];
  /** The VirtualService's gateways; undefined inside the mesh. */
  readonly gateways: readonly string[] | undefined;
  /** What every match must add: requests to the other ports are not meant. */
  readonly matchPort: number | undefined;
}

/**
 * @param name the object's name. @default the Service's; at an entrance, the construct's id
 * @throws UserError when there is not exactly one of `of` and `at`, or the Gateway API cannot route it
 */
export function placeOf(
  scope: Construct,
  kind: keyof typeof speaks,
  props: (RoutesOf<RouteApi> | ConnectionsAt<'tls' | 'tcp'>) & { readonly name?: string },
): Place {
  const { of, at } = props;
  const path = scope.node.path;
  const namespace = namespaceOf(scope);
  // Types keep it out; a program in JavaScript, or one that spreads options, can still say both.
  if ((of === undefined) === (at === undefined))
    throw new UserError(`routes '${path}' have ${of ? "both 'of' and 'at'" : "neither 'of' nor 'at'"}: give one of the two`);
  const api = at ? at.api : (props.as ?? 'istio');
  const name = props.name ?? (of ? nameOf(of) : scope.node.id);
  checkDnsSubdomain(name, `name of routes '${path}'`);
  const common = { api, metadata: { name, namespace }, speaks: speaks[kind] };
  if (at) {
    const { gateway, host, carries = 'http' } = at;
    if (carries !== (kind === 'grpc' ? 'http' : kind))
      throw new UserError(
        `routes '${path}' are of ${speaks[kind].what}, but the entrance of '${host}' carries ${carries}: ` +
          `open it with ${{ http: 'open', grpc: 'open', tls: 'openTls', tcp: 'openTcp' }[kind]}`,
      );
    const short = gateway.namespace === namespace ? gateway.name : `${gateway.namespace}/${gateway.name}`;
    return { ...common, of: undefined, port: undefined, at, hosts: [host], gateways: [short], matchPort: undefined };
  }
  const port = choosePort(of, props.port, speaks[kind], `routes '${path}'`);
  if (api === 'gateway-api') checkProducer(of, namespace, path);
  // What a VirtualService says of HTTP holds for every port whose requests can be read, not for gRPC's alone.
  const affected = speaks[kind === 'grpc' ? 'http' : kind];
  const several = of.ports.filter((one) => includes(affected, one)).length > 1;
  return {
    ...common,
    of,
    port,
    at: undefined,
    hosts: [of.host],
    gateways: undefined,
    matchPort: several ? port.port : undefined,
  };
}

/** A route in another namespace than its Service is in force for the clients of that namespace only (Gateway API, GAMMA). */
function checkProducer(of: Destination, namespace: string, path: string): void {
  if (serviceName(of) === undefined)
    throw new UserError(
      `routes '${path}' are for ${shownTarget(of)}, outside the cluster: the Gateway API routes Services, leave out 'as'`,
    );
  if (of.namespace !== namespace) {
    throw new UserError(
      `routes '${path}' are in namespace '${namespace}', but ${shownTarget(of)} is in '${of.namespace}': there, the Gateway API would ` +
        `route the calls from '${namespace}' only, so put them into a layer of namespace '${of.namespace}'`,
    );
  }
}
