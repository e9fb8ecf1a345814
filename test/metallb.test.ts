import { App, Testing } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MeshApp, Stack } from '../constructs/app.ts';
import {
  type AddressOptions,
  AddressPool,
  type AddressPoolProps,
  BfdProfile,
  type BfdProfileProps,
  BgpAdvertisement,
  type BgpAdvertisementProps,
  BgpPeer,
  type BgpPeerProps,
  L2Advertisement,
  type L2AdvertisementProps,
  MetalLb,
  type MetalLbProps,
  NginxIngress,
} from '../constructs/exposure/index.ts';
import { HelmRelease, Layer } from '../constructs/kit/index.ts';
import { prove, readWorlds } from '../constructs/proof/index.ts';
import { scratch } from './support/publish.ts';

/** A layer of MetalLB's namespace. */
function layers() {
  const stack = new App();
  const metallb = new Layer(stack, 'metallb', { namespace: 'metallb-system' });
  const addresses = new Layer(stack, 'addresses', { namespace: metallb, after: [metallb] });
  return { stack, metallb, addresses };
}

const only = (layer: Layer, kind: string) => Testing.synth(layer).find((one) => one.kind === kind);

function pool(addresses: AddressPoolProps['addresses'], more: Partial<AddressPoolProps> = {}) {
  return new AddressPool(layers().addresses, 'ip-pool', { addresses, ...more });
}

describe('MetalLB', () => {
  it('is a release that announces by layer 2, in a namespace that lets its speakers in', () => {
    const { metallb } = layers();
    new MetalLb(metallb, 'metallb');
    expect(only(metallb, 'Namespace').metadata.labels).toEqual({
      'pod-security.kubernetes.io/enforce': 'privileged',
      'pod-security.kubernetes.io/audit': 'privileged',
      'pod-security.kubernetes.io/warn': 'privileged',
    });
    expect(only(metallb, 'HelmRelease')).toMatchObject({
      metadata: { name: 'metallb', namespace: 'metallb-system' },
      spec: {
        chart: { spec: { chart: 'metallb', version: '0.16.1' } },
        values: { speaker: { frr: { enabled: false } }, frrk8s: { enabled: false } },
      },
    });
  });

  it('takes every option', () => {
    const stack = new Stack(new App(), 'edge', { platform: 'k3d' });
    const layer = new Layer(stack, 'metallb', { namespace: 'metallb-system' });
    const first = new HelmRelease(layer, 'first', { chart: 'cert-manager' });
    const every: Required<MetalLbProps> = {
      announce: 'bgp',
      bundled: 'disabled',
      version: '0.15.3',
      source: { kind: 'HelmRepository', name: 'site', namespace: 'flux-system' },
      after: [first],
      timeout: '5m',
    };
    new MetalLb(layer, 'lb', every);
    const { spec } = Testing.synth(layer).find((one) => one.kind === 'HelmRelease' && one.metadata.name === 'lb');
    expect(spec).toMatchObject({
      chart: { spec: { version: '0.15.3', sourceRef: { name: 'site', namespace: 'flux-system' } } },
      dependsOn: [{ name: 'first' }],
      timeout: '5m',
    });
    expect(spec.values).toMatchObject({ speaker: { frr: { enabled: false } }, frrk8s: { enabled: true } });
  });

  it('leaves a namespace alone that somebody else creates', () => {
    const layer = new Layer(new App(), 'metallb', { namespace: { existing: 'metallb-system' } });
    new MetalLb(layer, 'metallb');
    expect(Testing.synth(layer).map((one) => one.kind)).not.toContain('Namespace');
  });

  it('is refused beside the load balancer of the platform', () => {
    const layer = new Layer(new Stack(new App(), 'edge', { platform: 'k3d' }), 'metallb', { namespace: 'metallb-system' });
    expect(() => new MetalLb(layer, 'metallb')).toThrow(
      /'edge\/metallb\/metallb' and the load balancer of k3d \(servicelb\).*--disable=servicelb.*bundled: 'disabled'/,
    );
  });
});

describe('a pool of addresses', () => {
  it('is an IPAddressPool', () => {
    const { addresses } = layers();
    new AddressPool(addresses, 'ip-pool', { addresses: ['10.34.124.115/32'] });
    expect(only(addresses, 'IPAddressPool')).toEqual({
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: { name: 'ip-pool', namespace: 'metallb-system' },
      spec: { addresses: ['10.34.124.115/32'] },
    });
  });

  it('takes every option', () => {
    const { addresses, stack } = layers();
    const shop = new Layer(stack, 'shop', { namespace: 'shop' });
    const every: Required<AddressPoolProps> = {
      addresses: ['10.0.0.10-10.0.0.20', '2001:db8::/124'],
      givesTo: 'asked',
      avoidBuggyIPs: true,
      namespaces: [shop, { existing: 'edge' }],
      priority: 5,
      reserved: ['10.0.0.9', '2001:db8::10'],
      name: 'site',
    };
    new AddressPool(addresses, 'pool', every);
    expect(only(addresses, 'IPAddressPool')).toMatchObject({
      metadata: { name: 'site' },
      spec: {
        addresses: ['10.0.0.10-10.0.0.20', '2001:db8::/124'],
        autoAssign: false,
        avoidBuggyIPs: true,
        serviceAllocation: { namespaces: ['shop', 'edge'], priority: 5 },
      },
    });
  });

  it('gives one of its addresses, in one spelling', () => {
    expect(pool(['10.34.124.115/32']).address('10.34.124.115')).toEqual({
      ip: '10.34.124.115',
      annotations: { 'metallb.io/address-pool': 'ip-pool', 'metallb.io/loadBalancerIPs': '10.34.124.115' },
    });
    expect(pool(['2001:db8::/120']).address('2001:DB8:0::00ff').ip).toBe('2001:db8::ff');
    expect(pool(['10.0.0.8 - 10.0.0.9']).address('10.0.0.9').ip).toBe('10.0.0.9');
  });

  it('lets Services share an address by one key', () => {
    const all = pool(['10.0.0.1/32']);
    const every: Required<AddressOptions> = { sharedBy: 'edge' };
    const twice = [all.address('10.0.0.1', every), all.address('10.0.0.1', every)];
    expect(twice.map((one) => one.annotations['metallb.io/allow-shared-ip'])).toEqual(['edge', 'edge']);
  });

  it('refuses a second asker for its one address', () => {
    const all = pool(['10.34.124.115/32']);
    all.address('10.34.124.115');
    expect(() => all.address('10.34.124.115')).toThrow(
      /10\.34\.124\.115 of pool 'ip-pool'.*twice \(it holds 10\.34\.124\.115\/32\)/,
    );
    expect(() => all.address('10.34.124.115', { sharedBy: 'edge' })).toThrow(
      /does not share it and by one that shares it by "edge"/,
    );
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'another address',
      () => pool(['10.0.0.0/30']).address('10.0.0.4'),
      /10\.0\.0\.4 is not in pool 'ip-pool'.*holds 10\.0\.0\.0\/30/,
    ],
    ['one of another family', () => pool(['10.0.0.0/30']).address('2001:db8::1'), /2001:db8::1 is not in pool/],
    ['what is no address', () => pool(['10.0.0.0/30']).address('10.0.0'), /is "10\.0\.0": allowed is one IP address/],
    ['a buggy address', () => pool(['10.0.0.0/24'], { avoidBuggyIPs: true }).address('10.0.0.255'), /avoidBuggyIPs leaves out/],
    ['an empty key', () => pool(['10.0.0.0/24']).address('10.0.0.1', { sharedBy: '' }), /is shared by is empty/],
    [
      'a reserved address',
      () => pool(['10.34.124.112/29'], { reserved: ['10.34.124.114'] }),
      /\(10\.34\.124\.112\/29\) holds 10\.34\.124\.114, which is reserved/,
    ],
    ['a reserved word', () => pool(['10.0.0.0/24'], { reserved: ['router'] }), /reserved address of pool 'ip-pool'.*is "router"/],
    ['an address alone', () => pool(['10.0.0.1']), /addresses "10\.0\.0\.1": allowed are a CIDR/],
    ['a long prefix', () => pool(['10.0.0.1/33']), /addresses "10\.0\.0\.1\/33"/],
    ['a range upside down', () => pool(['10.0.0.9-10.0.0.1']), /from the lower address to the higher/],
    ['a range of two families', () => pool(['10.0.0.1-2001:db8::1']), /has the addresses/],
    ['a range of three', () => pool(['10.0.0.1-10.0.0.2-10.0.0.3']), /has the addresses/],
    ['a priority of none', () => pool(['10.0.0.1/32'], { priority: 0 }), /priority of pool.* is 0/],
    ['a name that is none', () => pool(['10.0.0.1/32'], { name: 'My pool' }), /is "My pool"/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  it('refuses to overlap with another of its stack, and may in another stack and in a variant', () => {
    const { addresses, stack } = layers();
    new AddressPool(addresses, 'a', { addresses: ['10.0.0.0/28'] });
    new AddressPool(addresses, 'b', { addresses: ['10.0.0.16/28'] });
    expect(() => new AddressPool(addresses, 'c', { addresses: ['10.0.0.30-10.0.0.40'] })).toThrow(
      /pool 'c' of 'addresses\/c' \(10\.0\.0\.30-10\.0\.0\.40\) and pool 'b' of 'addresses\/b' \(10\.0\.0\.16\/28\) overlap/,
    );
    new AddressPool(new Layer(stack, 'other', { variantOf: addresses }), 'a', { addresses: ['10.0.0.0/27'] });
    new AddressPool(layers().addresses, 'a', { addresses: ['10.0.0.0/27'] });
  });

  it('finds every overlap, and no other', () => {
    const base = 1_000;
    const text = (n: number) => `10.0.${n >> 8}.${n & 255}`;
    const range = fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 12 }))
      .map(([from, size]) => ({ text: `${text(base + from)}-${text(base + from + size)}`, from, to: from + size }));
    const cidr = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 26, max: 32 })).map(([at, prefix]) => {
      const size = 2 ** (32 - prefix);
      const from = Math.floor((base + at) / size) * size - base;
      return { text: `${text(base + at)}/${prefix}`, from, to: from + size - 1 };
    });
    const one = fc.oneof(range, cidr);
    fc.assert(
      fc.property(one, one, (a, b) => {
        const { addresses } = layers();
        new AddressPool(addresses, 'a', { addresses: [a.text] });
        const second = () => new AddressPool(addresses, 'b', { addresses: [b.text] });
        if (a.from <= b.to && b.from <= a.to) expect(second).toThrow(/overlap/);
        else second();
      }),
    );
  });

  it('refuses the address that an ingress controller has on a node, whoever comes first', () => {
    const message = /\(10\.34\.124\.112\/29\) holds 10\.34\.124\.114, where 'ingress\/nginx' listens on the node itself/;
    const { addresses, stack } = layers();
    const ingress = new Layer(stack, 'ingress', { namespace: 'ingress-nginx' });
    const install = { in: ingress, hostAddress: '10.34.124.114' };
    new NginxIngress(ingress, 'nginx', { install });
    expect(() => new AddressPool(addresses, 'ip-pool', { addresses: ['10.34.124.112/29'] })).toThrow(message);

    const other = layers();
    const late = new Layer(other.stack, 'ingress', { namespace: 'ingress-nginx' });
    new AddressPool(other.addresses, 'ip-pool', { addresses: ['10.34.124.112/29'] });
    expect(() => new NginxIngress(late, 'nginx', { install: { ...install, in: late } })).toThrow(message);
  });
});

describe('what announces a pool', () => {
  it('in the nodes own network, with every option', () => {
    const { addresses } = layers();
    const ip = new AddressPool(addresses, 'ip-pool', { addresses: ['10.34.124.115/32'] });
    const every: Required<L2AdvertisementProps> = { pools: [ip], interfaces: ['eth1'], nodes: [{ edge: 'yes' }] };
    new L2Advertisement(addresses, 'l2advertise', every);
    expect(only(addresses, 'L2Advertisement')).toEqual({
      apiVersion: 'metallb.io/v1beta1',
      kind: 'L2Advertisement',
      metadata: { name: 'l2advertise', namespace: 'metallb-system' },
      spec: { ipAddressPools: ['ip-pool'], interfaces: ['eth1'], nodeSelectors: [{ matchLabels: { edge: 'yes' } }] },
    });
  });

  it('to routers, with every option', () => {
    const { addresses } = layers();
    const ip = new AddressPool(addresses, 'ip-pool', { addresses: ['10.0.0.0/24'] });
    const bfd: Required<BfdProfileProps> = { detectMultiplier: 5, receiveInterval: 50, transmitInterval: 60 };
    const fast = new BfdProfile(addresses, 'fast', bfd);
    const peer: Required<BgpPeerProps> = {
      asn: 64512,
      router: { asn: 64513, address: '10.0.1.1', port: 1179 },
      password: { secret: 'bgp' },
      holdTime: '90s',
      keepaliveTime: '30s',
      bfd: fast,
      ebgpMultiHop: true,
      sourceAddress: '10.0.1.2',
      nodes: [{ edge: 'yes' }],
    };
    const router = new BgpPeer(addresses, 'router', peer);
    const every: Required<BgpAdvertisementProps> = {
      pools: [ip],
      peers: [router],
      nodes: [{ rack: 'a' }],
      communities: ['65535:65282', 'large:64512:1:2'],
      localPref: 100,
      aggregationLength: 30,
      aggregationLengthV6: 120,
    };
    new BgpAdvertisement(addresses, 'to-router', every);
    expect(only(addresses, 'BFDProfile').spec).toEqual(bfd);
    expect(only(addresses, 'BGPPeer')).toMatchObject({
      apiVersion: 'metallb.io/v1beta2',
      spec: {
        myASN: 64512,
        peerASN: 64513,
        peerAddress: '10.0.1.1',
        peerPort: 1179,
        passwordSecret: { name: 'bgp', namespace: 'metallb-system' },
        holdTime: '90s',
        keepaliveTime: '30s',
        bfdProfile: 'fast',
        ebgpMultiHop: true,
        sourceAddress: '10.0.1.2',
        nodeSelectors: [{ matchLabels: { edge: 'yes' } }],
      },
    });
    expect(only(addresses, 'BGPAdvertisement').spec).toEqual({
      ipAddressPools: ['ip-pool'],
      peers: ['router'],
      nodeSelectors: [{ matchLabels: { rack: 'a' } }],
      communities: ['65535:65282', 'large:64512:1:2'],
      localPref: 100,
      aggregationLength: 30,
      aggregationLengthV6: 120,
    });
  });

  const router = { asn: 64513, address: '10.0.1.1' };
  it.each<[string, (layer: Layer, ip: AddressPool) => unknown, RegExp]>([
    ['an AS of none', (l) => new BgpPeer(l, 'x', { asn: 0, router }), /asn of 'addresses\/x' is 0/],
    [
      'a router of none',
      (l) => new BgpPeer(l, 'x', { asn: 1, router: { ...router, asn: 2 ** 32 } }),
      /router\.asn.*is 4294967296/,
    ],
    [
      'a name of a router',
      (l) => new BgpPeer(l, 'x', { asn: 1, router: { asn: 2, address: 'router' } }),
      /router\.address.*"router"/,
    ],
    ['a port of none', (l) => new BgpPeer(l, 'x', { asn: 1, router: { ...router, port: 0 } }), /port 0 of the router/],
    ['a source of none', (l) => new BgpPeer(l, 'x', { asn: 1, router, sourceAddress: 'eth0' }), /sourceAddress.*"eth0"/],
    ['a time without unit', (l) => new BgpPeer(l, 'x', { asn: 1, router, holdTime: '90' }), /holdTime.*"90".*'90s'/],
    ['hops within one AS', (l) => new BgpPeer(l, 'x', { asn: 64513, router, ebgpMultiHop: true }), /both of AS 64513/],
    ['a BFD profile out of bounds', (l) => new BfdProfile(l, 'x', { detectMultiplier: 1 }), /is 1: .*from 2 to 255/],
    ['a community of none', (l, ip) => new BgpAdvertisement(l, 'x', { pools: [ip], communities: ['vip'] }), /is "vip"/],
    ['a prefix out of bounds', (l, ip) => new BgpAdvertisement(l, 'x', { pools: [ip], aggregationLength: 33 }), /is 33/],
    ['a label of none', (l, ip) => new L2Advertisement(l, 'x', { pools: [ip], nodes: [{ 'a b': 'c' }] }), /"a b"/],
    ['a name that is none', (l, ip) => new L2Advertisement(l, 'X', { pools: [ip] }), /is "X"/],
  ])('refuses %s', (_, make, message) => {
    const { addresses } = layers();
    const ip = new AddressPool(addresses, 'ip-pool', { addresses: ['10.0.0.0/24'] });
    expect(() => make(addresses, ip)).toThrow(message);
  });
});

describe('a stack with MetalLB', () => {
  function platform(app: MeshApp, announce: 'l2' | 'bgp') {
    const stack = new Stack(app, 'platform', { platform: 'rke2' });
    const metallb = new Layer(stack, 'metallb', { namespace: 'metallb-system' });
    const addresses = new Layer(stack, 'addresses', { namespace: metallb, after: [metallb] });
    new MetalLb(metallb, 'metallb', { announce });
    return { stack, metallb, addresses };
  }

  it('is without findings', () => {
    const outdir = scratch();
    const app = new MeshApp({ outdir });
    const { addresses } = platform(app, 'bgp');
    const ip = new AddressPool(addresses, 'ip-pool', { addresses: ['10.34.124.115/32', '2001:db8::1-2001:db8::f'] });
    new L2Advertisement(addresses, 'l2advertise', { pools: [ip] });
    const router = new BgpPeer(addresses, 'router', { asn: 64512, router: { asn: 64513, address: '10.0.1.1' } });
    new BgpAdvertisement(addresses, 'to-router', { pools: [ip], peers: [router] });
    app.synth();
    expect(readWorlds([outdir]).flatMap((world) => prove(world))).toEqual([]);
  });

  it('must hold its resources in one namespace', () => {
    const app = new MeshApp({ outdir: scratch() });
    const { stack } = platform(app, 'l2');
    const edge = new Layer(stack, 'edge', { namespace: 'edge' });
    new AddressPool(edge, 'ip-pool', { addresses: ['10.34.124.115/32'] });
    expect(() => app.synth()).toThrow(/'platform\/edge\/ip-pool' stands in namespace 'edge'.*its own alone, 'metallb-system'/);
  });

  it('must hold its resources in a later layer', () => {
    const app = new MeshApp({ outdir: scratch() });
    const { metallb } = platform(app, 'l2');
    new AddressPool(metallb, 'ip-pool', { addresses: ['10.34.124.115/32'] });
    expect(() => app.synth()).toThrow(/'platform\/metallb\/ip-pool' is a custom resource.*'after: \[metallb\]'/);
  });

  it('must speak BGP to have a router', () => {
    const app = new MeshApp({ outdir: scratch() });
    const { addresses } = platform(app, 'l2');
    new BgpPeer(addresses, 'router', { asn: 64512, router: { asn: 64513, address: '10.0.1.1' } });
    expect(() => app.synth()).toThrow(/'platform\/addresses\/router' speaks bgp.*announce: 'bgp'/);
  });
});
