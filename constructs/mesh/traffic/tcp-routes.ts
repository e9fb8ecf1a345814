import { Construct } from 'constructs';
import { VirtualService } from '../../../imports/networking.istio.io.ts';
import type { Destination, DestinationVersion } from '../../kit/destination.ts';
import { placeOf } from './place.ts';
import type { Split } from './split.ts';
import { targetsOf } from './target.ts';
import { weighted } from './virtual-service-http.ts';

/** Options of {@link TcpRoutes}. */
export interface TcpRoutesProps {
  /** Whose connections are routed. */
  readonly of: Destination;
  /** Where they go: by share of connections, not of bytes. */
  readonly to: Destination | DestinationVersion | Split;
  /** The routed port of `of`, by name or number. @default the only one that speaks a protocol below HTTP */
  readonly port?: string | number;
  /** The object's name. @default the Service's name */
  readonly name?: string;
}

/**
 * Where TCP connections inside the mesh go: MongoDB, MySQL, Redis, plain TCP, and TLS without a look into it.
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
    const route = targetsOf(props.to, undefined, place, `routes '${this.node.path}'`).map(weighted);
    this.name = place.metadata.name;
    new VirtualService(this, 'virtual-service', {
      metadata: place.metadata,
      spec: {
        hosts: [...place.hosts],
        tcp: [{ ...(place.matchPort === undefined ? {} : { match: [{ port: place.matchPort }] }), route }],
      },
    });
  }
}
