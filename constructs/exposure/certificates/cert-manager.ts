import { Construct, type IConstruct } from 'constructs';
import { HelmRelease, type ReleaseOptions } from '../../kit/helm/index.ts';
import { type PodResources, resourceValues } from '../../kit/quantity.ts';
import { stackOf } from '../../kit/stack-of.ts';
import { UserError } from '../../kit/user-error.ts';

/** Options of a {@link CertManager}. */
export interface CertManagerProps extends ReleaseOptions {
  /** The release's name, after which its Deployments are named. A DNS label. @default the construct's id */
  readonly name?: string;
  /** Pods of the controller, of which one works and the others stand by. @default 1 */
  readonly replicas?: number;
  /**
   * Whether ACME's HTTP-01 can go through a Gateway of the Gateway API. The Gateway API's CRDs must be there when cert-manager starts, it
   * does not start without.
   *
   * @default 'off'
   */
  readonly gatewayApi?: 'on' | 'off';
  /** Of the controller: Kubernetes quantities. @default the chart's: nothing requested, no limit */
  readonly resources?: PodResources;
}

/** The cert-manager of each stack. */
const inStack = new WeakMap<IConstruct, CertManager>();

/**
 * cert-manager by its Helm chart (cert-manager 1.21), with its CRDs, in the namespace of its layer: it makes and renews certificates. One for
 * a cluster.
 *
 * Its CRDs stay when the release goes, and with them every certificate. Issuers stand in a later layer: {@link CertificateIssuer}.
 */
export class CertManager extends Construct {
  /** For a release that comes after this one. */
  readonly release: HelmRelease;
  /** Where a ClusterIssuer looks for its Secrets: that of the CA, of the ACME account. */
  readonly namespace: string;
  /** Whether an issuer can ask by HTTP-01 through a Gateway of the Gateway API. */
  readonly gatewayApi: 'on' | 'off';

  /** @throws UserError when the stack has one already, replicas are no whole number from 1, or what {@link HelmRelease} says */
  constructor(scope: Construct, id: string, props: CertManagerProps = {}) {
    super(scope, id);
    const { name = id, replicas, gatewayApi = 'off', resources, ...release } = props;
    const stack = stackOf(this);
    const there = inStack.get(stack);
    if (there) {
      throw new UserError(
        `'${this.node.path}' is a second cert-manager beside '${there.node.path}': a cluster has one, hand that one around`,
      );
    }
    if (replicas !== undefined && (!Number.isInteger(replicas) || replicas < 1))
      throw new UserError(`replicas of '${this.node.path}' is ${replicas}: allowed are whole numbers from 1`);
    inStack.set(stack, this);
    this.gatewayApi = gatewayApi;
    this.release = new HelmRelease(this, 'release', {
      chart: 'cert-manager',
      name,
      ...release,
      values: {
        crds: { enabled: true, keep: true },
        ...(replicas === undefined ? {} : { replicaCount: replicas }),
        ...(gatewayApi === 'on' ? { config: { enableGatewayAPI: true } } : {}),
        ...(resources ? { resources: resourceValues(resources, this.node.path) } : {}),
      },
    });
    this.namespace = this.release.namespace;
  }

  /** The one that a construct's stack installs; undefined when it was there before. */
  static of(scope: IConstruct): CertManager | undefined {
    return inStack.get(stackOf(scope));
  }
}
