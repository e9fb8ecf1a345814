import { Construct } from 'constructs';
import { IpAddressPool } from '../../../imports/metallb.io.ts';
import type { LoadBalancerAddress } from '../../kit/capabilities.ts';
import { checkDnsSubdomain, type Layer, namespaceOf } from '../../kit/layer.ts';
import { UserError } from '../../kit/user-error.ts';
import { type AddressRange, addressRange, checkAddress } from './address-ranges.ts';
import { besideMetalLb } from './metal-lb.ts';
import { addPool } from './stack-addresses.ts';

/** Options of an {@link AddressPool}. */
export interface AddressPoolProps {
  /** CIDRs and ranges, IPv4 or IPv6: ['10.34.124.115/32', '10.34.124.120-10.34.124.129']. */
  readonly addresses: readonly [string, ...string[]];
  /**
   * Which Services get an address. You can pass one of:
   * - `'any'`: every Service of type LoadBalancer that asks for nothing else;
   * - `'asked'`: those that ask for this pool or one of its addresses.
   *
   * @default 'any'
   */
  readonly givesTo?: 'any' | 'asked';
  /** Leaves out IPv4 addresses that end in .0 and .255, which some old routers drop. @default false */
  readonly avoidBuggyIPs?: boolean;
  /** Whose Services get an address. @default those of every namespace */
  readonly namespaces?: readonly [PoolNamespace, ...PoolNamespace[]];
  /** Which pool comes first when several could give: the lower number does. 1 or more. @default 0: after all that have one */
  readonly priority?: number;
  /** Addresses of the same network that are something else's (the nodes', a router's): the pool must hold none of them. @default none */
  readonly reserved?: readonly string[];
  /** The name of the IPAddressPool. @default the construct's id */
  readonly name?: string;
}

/** A namespace that a layer has, or that is there already. */
export type PoolNamespace = Layer | { readonly existing: string };

/** How an address is asked for. */
export interface AddressOptions {
  /**
   * A key that several Services share one address by: each must give the same key, and ports that no other has (MetalLB 0.16, IP address
   * sharing).
   *
   * @default one Service alone has the address
   */
  readonly sharedBy?: string;
}

/**
 * Addresses that MetalLB gives to Services of type LoadBalancer: an IPAddressPool (metallb.io/v1beta1), in MetalLB's own namespace and in
 * a later layer than its release. They are reached once something announces them: see `L2Advertisement` and `BgpAdvertisement`.
 */
export class AddressPool extends Construct {
  /** The object's name. */
  readonly name: string;
  private readonly ranges: readonly AddressRange[];
  private readonly avoidBuggyIPs: boolean;
  private readonly given = new Map<string, string | undefined>();

  /**
   * @throws UserError when an address is malformed or reserved, or two pools of the stack overlap; at synth when it does not stand in the
   * namespace of the stack's MetalLb
   */
  constructor(scope: Construct, id: string, props: AddressPoolProps) {
    super(scope, id);
    const { addresses, givesTo = 'any', avoidBuggyIPs = false, namespaces, priority, reserved = [], name = id } = props;
    const of = `pool '${name}' of '${this.node.path}'`;
    checkDnsSubdomain(name, `name of '${this.node.path}'`);
    this.name = name;
    this.avoidBuggyIPs = avoidBuggyIPs;
    this.ranges = addresses.map((one) => addressRange(one, of));
    for (const ip of reserved.map((one) => checkAddress(one, `reserved address of ${of}`))) {
      const range = this.ranges.find((one) => one.has(ip));
      if (range)
        throw new UserError(
          `${of} (${range.text}) holds ${ip}, which is reserved: metallb gives away every address of a pool, take it out of its addresses`,
        );
    }
    if (priority !== undefined && (!Number.isInteger(priority) || priority < 1))
      throw new UserError(`priority of ${of} is ${priority}: allowed is a whole number, 1 or more`);
    addPool(this, { name, path: this.node.path, ranges: this.ranges });
    this.node.addValidation({ validate: () => besideMetalLb(this) });
    const allocation = {
      ...(priority === undefined ? {} : { priority }),
      ...(namespaces ? { namespaces: namespaces.map((one) => ('existing' in one ? one.existing : one.namespace)) } : {}),
    };
    new IpAddressPool(this, 'pool', {
      metadata: { name, namespace: namespaceOf(this) },
      spec: {
        addresses: [...addresses],
        ...(givesTo === 'asked' ? { autoAssign: false } : {}),
        ...(avoidBuggyIPs ? { avoidBuggyIPs } : {}),
        ...(Object.keys(allocation).length > 0 ? { serviceAllocation: allocation } : {}),
      },
    });
  }

  /**
   * One address of the pool, for one Service of type LoadBalancer, or for several that share it.
   *
   * @throws UserError when the pool does not have it, or somebody has asked for it already and the two do not share it by one key
   */
  address(ip: string, options: AddressOptions = {}): LoadBalancerAddress {
    const { sharedBy } = options;
    const path = this.node.path;
    const wanted = checkAddress(ip, `an address asked of '${path}'`);
    const texts = this.ranges.map((one) => one.text).join(', ');
    if (!this.ranges.some((one) => one.has(wanted)))
      throw new UserError(`address ${ip} is not in pool '${this.name}' of '${path}', which holds ${texts}`);
    if (this.avoidBuggyIPs && /^\d+\.\d+\.\d+\.(0|255)$/.test(wanted))
      throw new UserError(
        `address ${ip} of pool '${this.name}' of '${path}' is one that avoidBuggyIPs leaves out: ask for another`,
      );
    if (sharedBy === '') throw new UserError(`the key that ${ip} of pool '${this.name}' is shared by is empty: give it a name`);
    const before = this.given.get(wanted);
    if (this.given.has(wanted) && (before === undefined || before !== sharedBy)) {
      throw new UserError(
        `address ${ip} of pool '${this.name}' of '${path}' is asked for twice (it holds ${texts}), by ${keyed(before)} and by ${keyed(sharedBy)}: ` +
          `give each Service an address of its own, or let both share it, { sharedBy: 'KEY' }, with ports that differ`,
      );
    }
    this.given.set(wanted, sharedBy);
    return {
      ip: wanted,
      annotations: {
        'metallb.io/address-pool': this.name,
        'metallb.io/loadBalancerIPs': wanted,
        ...(sharedBy === undefined ? {} : { 'metallb.io/allow-shared-ip': sharedBy }),
      },
    };
  }
}

function keyed(key: string | undefined): string {
  return key === undefined ? 'one that does not share it' : `one that shares it by ${JSON.stringify(key)}`;
}
