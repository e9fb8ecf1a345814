import { Construct } from 'constructs';
import { VirtualService } from '../../../../imports/networking.istio.io.ts';
import type { Destination, DestinationVersion } from '../../../kit/destination.ts';
import { type ConnectionsAt, placeOf } from './place.ts';
import { weighted } from './render/virtual-service-http.ts';
import type { Split } from './split.ts';
import { targetsOf } from './target.ts';

/** Options of {@link TcpRoutes}. */
export type TcpRoutesProps = {
  /** Where they go: by share of connections, not of bytes. */
  readonly to: Destination | DestinationVersion | Split;
  /** The port of `to`, by name or number. @default its only one below HTTP, or the one that has the routed port's number or name */
  readonly toPort?: string | number;
  /** The object's name. @default the Service's name; at an entrance, the construct's id */
  readonly name?: string;
} & (
  | ConnectionsAt<'tcp'>
  | {
      /** Whose connections are routed: those of other workloads of the mesh. */
      readonly of: Destination;
      /** The routed port of `of`, by name or number. @default the only one that speaks a protocol below HTTP */
      readonly port?: string | number;
      readonly at?: never;
    }
);

/**
 * Where TCP connections go, inside the mesh or from outside: MongoDB, MySQL, Redis, plain TCP, and TLS without a look into it.
 *
 * Makes one VirtualService. A share is of connections: clients that keep one open stay with the version they have.
 */
export class TcpRoutes extends Construct {
  /** The name of its object. */
  readonly name: string;

  /** @throws UserError when the port speaks HTTP, or a version or port is not there */
  constructor(scope: Construct, id: string, props: TcpRoutesProps) {
    super(scope, id);
    const place = placeOf(this, 'tcp', props);
    const route = targetsOf(props.to, props.toPort, place, `routes '${this.node.path}'`).map(weighted);
    this.name = place.metadata.name;
    const port = place.at ? place.at.port : place.matchPort;
    new VirtualService(this, 'virtual-service', {
      metadata: place.metadata,
      spec: {
        hosts: [...place.hosts],
        ...(place.gateways ? { gateways: [...place.gateways] } : {}),
        tcp: [{ ...(port === undefined ? {} : { match: [{ port }] }), route }],
      },
    });
  }
}
