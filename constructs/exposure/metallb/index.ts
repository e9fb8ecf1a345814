export { type AddressOptions, AddressPool, type AddressPoolProps, type PoolNamespace } from './address-pool.ts';
export {
  BgpAdvertisement,
  type BgpAdvertisementProps,
  L2Advertisement,
  type L2AdvertisementProps,
} from './advertisements.ts';
export { BfdProfile, type BfdProfileProps, BgpPeer, type BgpPeerProps } from './bgp-peer.ts';
export { MetalLb, type MetalLbProps } from './metal-lb.ts';
