import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { releaseOptions } from '../../kit/helm/release-options.ts';
import {
  checkDnsLabel,
  checkPort,
  HelmRelease,
  type IngressPods,
  isLayer,
  type JsonObject,
  type Layer,
  type LoadBalancerAddress,
  type ReleaseOptions,
  UserError,
} from '../../kit/index.ts';
import { type PodResources, resourceValues } from '../../kit/quantity.ts';
import type { Mesh } from '../mesh.ts';
import { checkReplicas, type Replicas } from './scale.ts';

/** One more port of a gateway's Service and pods. */
export interface GatewayPort {
  /** A DNS label. */
  readonly name: string;
  /** The port of the Service. */
  readonly port: number;
  /** The port that the pods listen at. @default the Service's */
  readonly targetPort?: number;
}

/** How a gateway's Service is reached. */
export type GatewayService =
  | {
      /** `LoadBalancer` has an address outside the cluster, `ClusterIP` has none. @default 'LoadBalancer' */
      readonly service?: 'LoadBalancer';
      /** A fixed address: of an `AddressPool`. @default one that the load balancer picks */
      readonly address?: LoadBalancerAddress;
    }
  | { readonly service: 'ClusterIP'; readonly address?: never }
  | {
      readonly service: {
        /** Reached at a port of every node. */
        readonly type: 'NodePort';
        /** The nodes' port (30000 to 32767) by that of the Service: `{ 80: 30080, 443: 30443 }`. @default the cluster picks them */
        readonly ports?: Readonly<Record<number, number>>;
      };
      readonly address?: never;
    };

/** Options of a {@link GatewayRelease}. */
export type GatewayReleaseProps = Omit<ReleaseOptions, 'version'> & {
  /** The mesh that the pods belong to. */
  readonly mesh: Mesh;
  /** The release's name, that of its Service, pods and ServiceAccount too. A DNS label, 53 letters at most. @default the construct's id */
  readonly name?: string;
  /** Version of the chart. @default that of the mesh, where its install says one by Helm or the Sail operator; else the catalog's */
  readonly version?: string;
  /** A number, or bounds between which the pods are scaled by CPU. @default the chart's: { min: 1, max: 5 } */
  readonly replicas?: Replicas;
  /** What each pod asks for. @default the chart's: 100m CPU and 128Mi, at most 1Gi */
  readonly resources?: PodResources;
  /** Ports besides 15021 (health), 80 and 443. @default none */
  readonly ports?: readonly GatewayPort[];
  /**
   * `keep` shows the pods the client's own address: only nodes with such a pod then take traffic (`externalTrafficPolicy: Local`).
   *
   * @default Kubernetes': hidden behind a node's
   */
  readonly clientAddress?: 'keep';
} & GatewayService;

/** Ports of the chart's own (Istio 1.30, manifests/charts/gateway). */
const usualPorts: readonly GatewayPort[] = [
  { name: 'status-port', port: 15021 },
  { name: 'http2', port: 80 },
  { name: 'https', port: 443 },
];

/**
 * Gateway pods by Istio's gateway chart (Istio 1.30), for any install: a release of Flux in the namespace of its layer.
 *
 * Hand its `pods` to whatever opens them: `new IstioGateway(layer, 'gateway', { pods })`. istiod makes proxies of the pods when they
 * start, so the release waits for istiod's where Helm installs it, and its layer must come after the install's in any case.
 */
export class GatewayRelease extends Construct {
  /** For a release that comes after this one. */
  readonly release: HelmRelease;
  /** The pods, their Service and who they are. */
  readonly pods: IngressPods;

  /**
   * @throws UserError when a name, port or number is out of range or taken; at synth when the layer's namespace is excluded from the mesh,
   * so that the pods would never start
   */
  constructor(scope: Construct, id: string, props: GatewayReleaseProps) {
    super(scope, id);
    const { mesh, name = id, address } = props;
    const { release: istiod, revision, layer, version } = mesh.injector;
    const { after = [], ...release } = releaseOptions(props);
    this.release = new HelmRelease(this, 'release', {
      chart: 'gateway',
      name,
      ...(version === undefined ? {} : { version }),
      ...release,
      after: [...(istiod ? [istiod] : []), ...after],
      values: { ...(revision === undefined ? {} : { revision }), ...this.scaling(props), ...this.service(props) },
    });
    const { namespace } = this.release;
    this.pods = {
      // The chart's labels: gateway.selectorLabels.
      selector: { istio: name.replace(/^istio-/, '') },
      namespace,
      service: this.release.endpoint(name, 80, 'http'),
      identity: { namespace, serviceAccount: name },
      address: address?.ip,
    };
    this.node.addValidation({ validate: () => [...this.tooEarly(layer, istiod), ...this.notInjected()] });
  }

  private scaling({ replicas, resources }: GatewayReleaseProps): JsonObject {
    const { path } = this.node;
    if (replicas !== undefined) checkReplicas(replicas, path);
    return {
      ...(replicas === undefined
        ? {}
        : typeof replicas === 'number'
          ? { autoscaling: { enabled: false }, replicaCount: replicas }
          : { autoscaling: { minReplicas: replicas.min, maxReplicas: replicas.max } }),
      ...(resources ? { resources: resourceValues(resources, path, '1Gi') } : {}),
    };
  }

  /** The chart's list of ports is replaced as a whole, so it is said only where it differs. */
  private service({ service = 'LoadBalancer', address, ports = [], clientAddress }: GatewayReleaseProps): JsonObject {
    const type = typeof service === 'string' ? service : service.type;
    const nodePorts = typeof service === 'string' ? {} : (service.ports ?? {});
    if (clientAddress && type === 'ClusterIP') {
      throw new UserError(
        `gateway '${this.node.path}' cannot keep client addresses with service 'ClusterIP', which nobody outside reaches: leave clientAddress out`,
      );
    }
    const all = [...usualPorts, ...ports];
    this.checkPorts(all, nodePorts);
    const listed = all.map(({ name, port, targetPort = port }) => {
      const nodePort = nodePorts[port];
      return { name, port, protocol: 'TCP', targetPort, ...(nodePort === undefined ? {} : { nodePort }) };
    });
    const values = {
      ...(type === 'LoadBalancer' ? {} : { type }),
      ...(address ? { annotations: { ...address.annotations } } : {}),
      ...(clientAddress ? { externalTrafficPolicy: 'Local' } : {}),
      ...(ports.length > 0 || Object.keys(nodePorts).length > 0 ? { ports: listed } : {}),
    };
    return Object.keys(values).length > 0 ? { service: values } : {};
  }

  private checkPorts(all: readonly GatewayPort[], nodePorts: Readonly<Record<number, number>>): void {
    const { path } = this.node;
    for (const [i, { name, port, targetPort }] of all.entries()) {
      checkDnsLabel(name, `name of port ${port} of gateway '${path}'`);
      checkPort(port, `gateway '${path}'`);
      if (targetPort !== undefined) checkPort(targetPort, `gateway '${path}'`);
      const other = all.slice(0, i).find((one) => one.name === name || one.port === port);
      if (other)
        throw new UserError(`port '${name}' (${port}) of gateway '${path}' is there already, as '${other.name}' (${other.port})`);
    }
    const taken = new Map<number, string>();
    for (const [port, nodePort] of Object.entries(nodePorts)) {
      if (!all.some((one) => one.port === Number(port))) {
        const known = all.map((one) => one.port).join(', ');
        throw new UserError(`gateway '${path}' gives port ${port} a node port, but has ports ${known}: name one of them`);
      }
      if (!Number.isInteger(nodePort) || nodePort < 30000 || nodePort > 32767) {
        // Kubernetes 1.33, --service-node-port-range.
        throw new UserError(
          `node port ${nodePort} of port ${port} of gateway '${path}' is out of range: allowed are 30000 to 32767`,
        );
      }
      const other = taken.get(nodePort);
      if (other !== undefined)
        throw new UserError(`node port ${nodePort} of gateway '${path}' is given to ports ${other} and ${port}: choose another`);
      taken.set(nodePort, port);
    }
  }

  /** Before istiod runs its pods get no proxy; and a release never waits for one of a layer that waits for its own. */
  private tooEarly(installed: Layer | undefined, istiod: HelmRelease | undefined): string[] {
    const layer = Chart.of(this);
    if (!installed || !isLayer(layer) || layer.isAfter(installed) || (layer === installed && istiod)) return [];
    return [
      `gateway '${this.node.path}' stands in layer '${layer.node.path}', which does not come after layer '${installed.node.path}', where istio ` +
        `is installed: say 'after: [${installed.node.id}]'`,
    ];
  }

  /** A namespace's exclusion wins over what its pods ask for (Istio 1.30, mutatingwebhook.yaml). */
  private notInjected(): string[] {
    const layer = Chart.of(this);
    if (!isLayer(layer) || layer.namespaceLabel('istio-injection') !== 'disabled') return [];
    return [
      `gateway '${this.node.path}' stands in namespace '${layer.namespace}', which is excluded from the mesh (istio-injection=disabled), so ` +
        `its pods would get no proxy and never start: leave out enroll(layer, { by: 'excluded' }), or give the gateway a namespace of its own`,
    ];
  }
}
