import { Construct } from 'constructs';
import { VirtualService } from '../../../../imports/networking.istio.io.ts';
import type { Destination, DestinationVersion } from '../../../kit/destination.ts';
import { UserError } from '../../../kit/user-error.ts';
import { type ConnectionsAt, placeOf } from './place.ts';
import { weighted } from './render/virtual-service-http.ts';
import type { Split } from './split.ts';
import { targetsOf } from './target.ts';

/** Where TLS connections for some names go. */
export interface TlsRule {
  /** The names that clients ask for (SNI): 'shop.mesh.test' or '*.mesh.test'. */
  readonly sniHosts: readonly [string, ...string[]];
  /** Who ends the TLS: a port that speaks tls or https. */
  readonly to: Destination | DestinationVersion | Split;
  /** The port of `to`, by name or number. @default its only one that speaks TLS */
  readonly port?: string | number;
}

/** Options of {@link TlsRoutes}. */
export type TlsRoutesProps = {
  /** The object's name. @default the Service's name; at an entrance, the construct's id */
  readonly name?: string;
  /** The rules tell connections apart by name: a name stands in one rule only. */
  readonly rules: readonly [TlsRule, ...TlsRule[]];
} & (
  | ConnectionsAt<'tls'>
  | {
      /** Connections inside the mesh to this destination. */
      readonly of: Destination;
      /** The routed port of `of`, by name or number. @default the only one that speaks TLS */
      readonly port?: string | number;
      readonly at?: never;
    }
);

/**
 * Where TLS connections go that nobody on the way decrypts: by the name that the client asks for (SNI).
 *
 * Makes one VirtualService.
 */
export class TlsRoutes extends Construct {
  /** The name of its object. */
  readonly name: string;

  /** @throws UserError when a name is not one of the entrance or destination, or stands in two rules, or a port is not there */
  constructor(scope: Construct, id: string, props: TlsRoutesProps) {
    super(scope, id);
    const place = placeOf(this, 'tls', props);
    const path = this.node.path;
    if (props.rules.length === 0) throw new UserError(`routes '${path}' have no rules: give at least one`);
    checkNames(props.rules, place.hosts[0] ?? '*', path);
    this.name = place.metadata.name;
    new VirtualService(this, 'virtual-service', {
      metadata: place.metadata,
      spec: {
        hosts: [...place.hosts],
        ...(place.gateways ? { gateways: [...place.gateways] } : {}),
        tls: props.rules.map(({ sniHosts, to, port }, i) => ({
          match: [{ ...(place.matchPort === undefined ? {} : { port: place.matchPort }), sniHosts: [...sniHosts] }],
          route: targetsOf(to, port, place, `rule ${i + 1} of '${path}'`).map(weighted),
        })),
      },
    });
  }
}

function checkNames(rules: readonly TlsRule[], host: string, path: string): void {
  const all = rules.flatMap(({ sniHosts }, i) => sniHosts.map((name) => ({ name, where: `rule ${i + 1} of '${path}'` })));
  const empty = rules.findIndex(({ sniHosts }) => sniHosts.length === 0);
  if (empty >= 0) throw new UserError(`rule ${empty + 1} of '${path}' has no sniHosts: name what clients ask for`);
  for (const [i, { name, where }] of all.entries()) {
    if (!/^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name))
      throw new UserError(
        `${where} has sniHost ${JSON.stringify(name)}: allowed are a lower-case DNS name and a wildcard, '*.mesh.test'`,
      );
    if (host !== '*' && name !== host && !(host.startsWith('*.') && name.endsWith(host.slice(1))))
      throw new UserError(
        `${where} has sniHost '${name}', but the connections are for '${host}': name that host, or one it covers`,
      );
    const twin = all.slice(0, i).find((other) => other.name === name);
    if (twin)
      throw new UserError(`${where} has sniHost '${name}', which ${twin.where} has already: a name stands in one rule only`);
  }
}
