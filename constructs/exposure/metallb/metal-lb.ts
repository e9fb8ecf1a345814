import { Chart } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { HelmRelease, type ReleaseOptions } from '../../kit/helm/index.ts';
import { releaseOptions } from '../../kit/helm/release-options.ts';
import type { JsonObject } from '../../kit/json.ts';
import { isLayer, namespaceOf } from '../../kit/layer.ts';
import { platforms } from '../../kit/platforms.ts';
import { allowPrivilegedPods } from '../../kit/pod-security.ts';
import { siteOf } from '../../kit/site.ts';
import { stackOf } from '../../kit/stack-of.ts';
import { UserError } from '../../kit/user-error.ts';

// Charts before 0.16 run FRR beside each speaker unless told not to; 0.16 runs frr-k8s.
const l2Values: JsonObject = { speaker: { frr: { enabled: false } }, frrk8s: { enabled: false } };
const bgpValues: JsonObject = {
  speaker: { frr: { enabled: false } },
  frrk8s: { enabled: true },
  // A release of the chart takes the subchart's defaults away, and cannot be rendered without (metallb, charts/metallb/values.yaml).
  'frr-k8s': { prometheus: { serviceMonitor: { enabled: false } } },
};

/** Options of a {@link MetalLb}. */
export interface MetalLbProps extends ReleaseOptions {
  /**
   * How addresses are made known. You can pass one of:
   * - `'l2'`: a node answers for them in its own network (ARP, NDP): no router has to be told;
   * - `'bgp'`: to routers as well, by frr-k8s (the chart's default, MetalLB 0.16), with pods of its own on every node.
   *
   * @default 'l2'
   */
  readonly announce?: 'l2' | 'bgp';
  /** Says that the load balancer which the platform brings is switched off: needed on k3d, where both would serve the same Services. */
  readonly bundled?: 'disabled';
}

/**
 * MetalLB by its chart (0.16): gives Services of type LoadBalancer an address, where nobody else does.
 *
 * Its speakers need the node's network: the layer's namespace is labelled for Pod Security level `privileged`, where a layer creates it.
 * Pools and advertisements are custom resources, so they belong into a later layer of the same namespace: MetalLB reads no other.
 */
export class MetalLb extends Construct {
  /** For a release that comes after this one. */
  readonly release: HelmRelease;
  /** The only one where it reads pools and advertisements. */
  readonly namespace: string;
  /** How addresses are made known: a `BgpPeer` and a `BgpAdvertisement` need 'bgp'. */
  readonly announce: 'l2' | 'bgp';

  /** @throws UserError on a platform that brings a load balancer, unless it is said to be switched off, and beside another MetalLb of the stack */
  constructor(scope: Construct, id: string, props: MetalLbProps = {}) {
    super(scope, id);
    const { announce = 'l2', bundled } = props;
    this.announce = announce;
    this.namespace = namespaceOf(this);
    const { platform } = siteOf(this);
    const { loadBalancer } = platforms[platform];
    if (loadBalancer && bundled !== 'disabled') {
      throw new UserError(
        `'${this.node.path}' and the load balancer of ${platform} (${loadBalancer.name}) would serve the same Services: ` +
          `${loadBalancer.disable} and say { bundled: 'disabled' }, or leave MetalLb out`,
      );
    }
    const there = metalLbsOf(this).find((one) => one !== this);
    if (there)
      throw new UserError(
        `'${this.node.path}' is a second metallb beside '${there.node.path}': a cluster has one, and as many pools as you like`,
      );
    allowPrivilegedPods(this);
    this.release = new HelmRelease(this, 'release', {
      chart: 'metallb',
      name: id,
      values: announce === 'bgp' ? bgpValues : l2Values,
      ...releaseOptions(props),
    });
  }
}

/**
 * What is wrong with where a custom resource of MetalLB stands, or with what it needs; asked for at synth.
 *
 * @param needs what the release must announce by, where it matters
 * @internal
 */
export function besideMetalLb(scope: IConstruct, needs?: 'bgp'): string[] {
  const [metallb] = metalLbsOf(scope);
  if (!metallb) return [];
  const namespace = namespaceOf(scope);
  if (metallb.namespace !== namespace)
    return [
      `'${scope.node.path}' stands in namespace '${namespace}', and metallb reads its own alone, '${metallb.namespace}': put it into a layer of that namespace`,
    ];
  const [layer, of] = [Chart.of(scope), Chart.of(metallb)];
  if (isLayer(layer) && isLayer(of) && !layer.variantOf && layer.node.scope === of.node.scope && !layer.isAfter(of))
    return [
      `'${scope.node.path}' is a custom resource of '${metallb.node.path}', whose release brings the CRD: put it into a later layer, 'after: [${of.node.id}]'`,
    ];
  if (needs === 'bgp' && metallb.announce !== 'bgp')
    return [
      `'${scope.node.path}' speaks bgp, which '${metallb.node.path}' is not told to: give it { announce: 'bgp' } instead of 'l2'`,
    ];
  return [];
}

function metalLbsOf(scope: IConstruct): MetalLb[] {
  return stackOf(scope)
    .node.findAll()
    .filter((one) => one instanceof MetalLb);
}
