import { Construct } from 'constructs';
import { BgpAdvertisement as BgpAdvertisementObject, L2Advertisement as L2Object } from '../../../imports/metallb.io.ts';
import { checkDnsSubdomain, checkLabels, namespaceOf } from '../../kit/layer.ts';
import { UserError } from '../../kit/user-error.ts';
import type { AddressPool } from './address-pool.ts';
import type { BgpPeer } from './bgp-peer.ts';
import { besideMetalLb } from './metal-lb.ts';

/** What both kinds of advertisement say. */
interface AdvertisementProps {
  /** The pools whose addresses are announced. */
  readonly pools: readonly [AddressPool, ...AddressPool[]];
  /** Labels of the nodes that announce: a node that has all labels of one entry. @default every node */
  readonly nodes?: readonly Readonly<Record<string, string>>[];
}

/** Options of an {@link L2Advertisement}. */
export interface L2AdvertisementProps extends AdvertisementProps {
  /** Network interfaces of the nodes that answer: 'eth1'. @default all of them */
  readonly interfaces?: readonly string[];
}

/** Announces pools in the nodes' own network: one node answers for an address by ARP or NDP (metallb.io/v1beta1, L2Advertisement). */
export class L2Advertisement extends Construct {
  /** @throws UserError when the id is no name, or a label is malformed; at synth when it does not stand in MetalLB's namespace */
  constructor(scope: Construct, id: string, props: L2AdvertisementProps) {
    super(scope, id);
    const { interfaces } = props;
    const namespace = namespaceOf(this);
    checkDnsSubdomain(id, `name of '${this.node.path}'`);
    this.node.addValidation({ validate: () => besideMetalLb(this) });
    new L2Object(this, 'advertisement', {
      metadata: { name: id, namespace },
      spec: { ...announced(props, this.node.path), ...(interfaces ? { interfaces: [...interfaces] } : {}) },
    });
  }
}

/** Options of a {@link BgpAdvertisement}. */
export interface BgpAdvertisementProps extends AdvertisementProps {
  /** The routers that are told. @default every BgpPeer of the cluster */
  readonly peers?: readonly [BgpPeer, ...BgpPeer[]];
  /** BGP communities: '65535:65282', 'large:64512:1:2'. @default none */
  readonly communities?: readonly string[];
  /** Among routers of one AS, who is preferred: the higher. 0 to 4294967295. @default 0 */
  readonly localPref?: number;
  /** Length of the IPv4 prefix that is announced. 1 to 32. @default 32: each address by itself */
  readonly aggregationLength?: number;
  /** Length of the IPv6 prefix that is announced. 1 to 128. @default 128: each address by itself */
  readonly aggregationLengthV6?: number;
}

/** Announces pools to routers by BGP (metallb.io/v1beta1, BGPAdvertisement). */
export class BgpAdvertisement extends Construct {
  /**
   * @throws UserError when the id is no name, or a number or community is malformed; at synth when it does not stand in MetalLB's namespace,
   * or that MetalLB speaks no BGP
   */
  constructor(scope: Construct, id: string, props: BgpAdvertisementProps) {
    super(scope, id);
    const { peers, communities, localPref, aggregationLength, aggregationLengthV6 } = props;
    const path = this.node.path;
    checkDnsSubdomain(id, `name of '${path}'`);
    checkWithin(localPref, 0, 4_294_967_295, `localPref of '${path}'`);
    checkWithin(aggregationLength, 1, 32, `aggregationLength of '${path}'`);
    checkWithin(aggregationLengthV6, 1, 128, `aggregationLengthV6 of '${path}'`);
    for (const one of communities ?? []) {
      if (!/^(\d+:\d+|large:\d+:\d+:\d+)$/.test(one))
        throw new UserError(
          `community of '${path}' is ${JSON.stringify(one)}: allowed are '65535:65282' and, large, 'large:64512:1:2'`,
        );
    }
    this.node.addValidation({ validate: () => besideMetalLb(this, 'bgp') });
    new BgpAdvertisementObject(this, 'advertisement', {
      metadata: { name: id, namespace: namespaceOf(this) },
      spec: {
        ...announced(props, path),
        ...(peers ? { peers: peers.map((one) => one.name) } : {}),
        ...(communities ? { communities: [...communities] } : {}),
        ...(localPref === undefined ? {} : { localPref }),
        ...(aggregationLength === undefined ? {} : { aggregationLength }),
        ...(aggregationLengthV6 === undefined ? {} : { aggregationLengthV6 }),
      },
    });
  }
}

/** @throws UserError when a number is not a whole one within bounds @internal */
export function checkWithin(value: number | undefined, low: number, high: number, what: string): void {
  if (value === undefined || (Number.isInteger(value) && value >= low && value <= high)) return;
  throw new UserError(`${what} is ${value}: allowed is a whole number from ${low} to ${high}`);
}

/** The nodes that a list of labels chooses. @internal */
export function nodeSelectors(nodes: AdvertisementProps['nodes'], path: string) {
  for (const labels of nodes ?? []) checkLabels(labels, `nodes of '${path}'`);
  return nodes ? { nodeSelectors: nodes.map((labels) => ({ matchLabels: { ...labels } })) } : {};
}

function announced({ pools, nodes }: AdvertisementProps, path: string) {
  return { ipAddressPools: pools.map((pool) => pool.name), ...nodeSelectors(nodes, path) };
}
