import { Construct } from 'constructs';
import { BfdProfile as BfdProfileObject, BgpPeer as BgpPeerObject } from '../../../imports/metallb.io.ts';
import { checkPort } from '../../kit/endpoint.ts';
import { checkDnsSubdomain, namespaceOf } from '../../kit/layer.ts';
import { UserError } from '../../kit/user-error.ts';
import { checkAddress } from './address-ranges.ts';
import { checkWithin, nodeSelectors } from './advertisements.ts';
import { besideMetalLb } from './metal-lb.ts';

/** Options of a {@link BgpPeer}. */
export interface BgpPeerProps {
  /** The number of the nodes' own AS. 1 to 4294967295. */
  readonly asn: number;
  /** The router: its AS, and where it listens. */
  readonly router: { readonly asn: number; readonly address: string /** @default 179 */; readonly port?: number };
  /** An existing Secret of type `kubernetes.io/basic-auth` in MetalLB's namespace, whose `password` both ends sign with (TCP MD5). @default none */
  readonly password?: { readonly secret: string };
  /** How long the session lives without a sign of life, 3s or more: '90s'. @default what the two agree on */
  readonly holdTime?: string;
  /** How often a sign of life is given: '30s'. @default a third of the hold time */
  readonly keepaliveTime?: string;
  /** Finds a dead link faster than the hold time does. @default none */
  readonly bfd?: BfdProfile;
  /** Whether a router of another AS may be more than one hop away. @default false */
  readonly ebgpMultiHop?: boolean;
  /** The address that nodes connect from. @default the node's own */
  readonly sourceAddress?: string;
  /** Labels of the nodes that connect: a node that has all labels of one entry. @default every node */
  readonly nodes?: readonly Readonly<Record<string, string>>[];
}

/** A router that MetalLB's speakers tell addresses to (metallb.io/v1beta2, BGPPeer). */
export class BgpPeer extends Construct {
  /** The object's name. */
  readonly name: string;

  /**
   * @throws UserError when a number or an address is malformed; at synth when it does not stand in MetalLB's namespace, or that MetalLB
   * speaks no BGP
   */
  constructor(scope: Construct, id: string, props: BgpPeerProps) {
    super(scope, id);
    const { asn, router, password, holdTime, keepaliveTime, bfd, ebgpMultiHop, sourceAddress, nodes } = props;
    const path = this.node.path;
    const namespace = namespaceOf(this);
    checkDnsSubdomain(id, `name of '${path}'`);
    checkWithin(asn, 1, 4_294_967_295, `asn of '${path}'`);
    checkWithin(router.asn, 1, 4_294_967_295, `router.asn of '${path}'`);
    if (router.port !== undefined) checkPort(router.port, `the router of '${path}'`);
    if (ebgpMultiHop && asn === router.asn)
      throw new UserError(
        `'${path}' and its router are both of AS ${asn}: ebgpMultiHop is for a router of another one, leave it out`,
      );
    for (const [what, time] of Object.entries({ holdTime, keepaliveTime })) {
      if (time !== undefined && !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(time))
        throw new UserError(`${what} of '${path}' is ${JSON.stringify(time)}: allowed is a duration, '90s'`);
    }
    this.name = id;
    this.node.addValidation({ validate: () => besideMetalLb(this, 'bgp') });
    new BgpPeerObject(this, 'peer', {
      metadata: { name: id, namespace },
      spec: {
        myAsn: asn,
        peerAsn: router.asn,
        peerAddress: checkAddress(router.address, `router.address of '${path}'`),
        ...(router.port === undefined ? {} : { peerPort: router.port }),
        ...(password ? { passwordSecret: { name: password.secret, namespace } } : {}),
        ...(holdTime === undefined ? {} : { holdTime }),
        ...(keepaliveTime === undefined ? {} : { keepaliveTime }),
        ...(bfd ? { bfdProfile: bfd.name } : {}),
        ...(ebgpMultiHop ? { ebgpMultiHop } : {}),
        ...(sourceAddress === undefined ? {} : { sourceAddress: checkAddress(sourceAddress, `sourceAddress of '${path}'`) }),
        ...nodeSelectors(nodes, path),
      },
    });
  }
}

/** Options of a {@link BfdProfile}. */
export interface BfdProfileProps {
  /** How many signs of life may be missed. 2 to 255. @default 3 */
  readonly detectMultiplier?: number;
  /** The shortest interval between signs that it can take, in milliseconds. 10 to 60000. @default 300 */
  readonly receiveInterval?: number;
  /** The shortest interval between signs that it would give, in milliseconds. 10 to 60000. @default 300 */
  readonly transmitInterval?: number;
}

/** How a dead link to a router is found within a second (metallb.io/v1beta1, BFDProfile): for the `bfd` of a {@link BgpPeer}. */
export class BfdProfile extends Construct {
  /** The object's name. */
  readonly name: string;

  /** @throws UserError when a number is out of its bounds */
  constructor(scope: Construct, id: string, props: BfdProfileProps = {}) {
    super(scope, id);
    const { detectMultiplier, receiveInterval, transmitInterval } = props;
    const path = this.node.path;
    checkDnsSubdomain(id, `name of '${path}'`);
    checkWithin(detectMultiplier, 2, 255, `detectMultiplier of '${path}'`);
    checkWithin(receiveInterval, 10, 60_000, `receiveInterval of '${path}'`);
    checkWithin(transmitInterval, 10, 60_000, `transmitInterval of '${path}'`);
    this.name = id;
    this.node.addValidation({ validate: () => besideMetalLb(this, 'bgp') });
    new BfdProfileObject(this, 'profile', {
      metadata: { name: id, namespace: namespaceOf(this) },
      spec: {
        ...(detectMultiplier === undefined ? {} : { detectMultiplier }),
        ...(receiveInterval === undefined ? {} : { receiveInterval }),
        ...(transmitInterval === undefined ? {} : { transmitInterval }),
      },
    });
  }
}
