import { JsonPatch, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { Gateway, GatewaySpecListenersAllowedRoutesNamespacesFrom } from '../../imports/gateway.networking.k8s.io.ts';
import {
  checkDnsLabel,
  type Identity,
  isLayer,
  type Layer,
  MeshService,
  namespaceOf,
  UserError,
  VersionedApp,
  type Workload,
  type WorkloadVersion,
} from '../kit/index.ts';
import { byCodeUnit } from '../kit/json.ts';

/** Options of a {@link Waypoint}. */
export interface WaypointProps {
  /** The Gateway's name, and that of the Service and pods that istiod makes for it. A DNS label other than 'none'. @default 'waypoint' */
  readonly name?: string;
  /**
   * What passes through it: requests for Services, for the pods' own addresses, or both (label `istio.io/waypoint-for`).
   * @default 'service'
   */
  readonly for?: 'service' | 'workload' | 'all';
  /** The revision of istiod that runs it. @default the default revision */
  readonly revision?: string;
}

/** Who can use a waypoint: a namespace, a Service, or the pods of a workload. */
export type WaypointUser = Layer | MeshService | VersionedApp<string> | Workload | WorkloadVersion;

/**
 * The proxy that handles HTTP for ambient pods: a Gateway of class `istio-waypoint`, whose pods istiod makes (Istio 1.30).
 *
 * In ambient mode nobody else makes spans for pods: ztunnel works below HTTP (istio#55843). A request whose target has no waypoint
 * leaves no span there; the proof says so of a whole namespace (TRC051). Routes and policies by HTTP need it as well.
 */
export class Waypoint extends Construct implements Identity {
  readonly name: string;
  readonly namespace: string;
  /** The ServiceAccount of its pods, which istiod names like the Gateway: behind a waypoint, it is who sends to the pods. */
  readonly serviceAccount: string;
  /** The labels of its pods. */
  readonly selector: Readonly<Record<string, string>>;
  private readonly carries: 'service' | 'workload' | 'all';
  private readonly others = new Set<string>();
  private readonly layers: Layer[] = [];

  /** @throws UserError when the name is 'none' (Istio's word for no waypoint) or no DNS label */
  constructor(scope: Construct, id: string, props: WaypointProps = {}) {
    super(scope, id);
    const { name = 'waypoint', for: carries = 'service', revision } = props;
    checkDnsLabel(name, `name of waypoint '${this.node.path}'`);
    if (name === 'none')
      throw new UserError(
        `waypoint '${this.node.path}' cannot be named 'none', istio reads that as no waypoint: give it another name`,
      );
    if (revision !== undefined) checkDnsLabel(revision, `revision of waypoint '${this.node.path}'`);
    this.name = name;
    this.serviceAccount = name;
    this.namespace = namespaceOf(this);
    this.carries = carries;
    this.selector = { 'gateway.networking.k8s.io/gateway-name': name };
    new Gateway(this, 'gateway', {
      metadata: {
        name,
        namespace: this.namespace,
        labels: { 'istio.io/waypoint-for': carries, ...(revision === undefined ? {} : { 'istio.io/rev': revision }) },
      },
      spec: {
        gatewayClassName: 'istio-waypoint',
        listeners: [
          { name: 'mesh', port: 15008, protocol: 'HBONE', allowedRoutes: Lazy.any({ produce: () => this.allowedRoutes() }) },
        ],
      },
    });
    this.node.addValidation({ validate: () => this.layers.flatMap((layer) => this.notAmbient(layer)) });
  }

  /**
   * Leads what is sent to a target through this waypoint, by label `istio.io/use-waypoint`. You can pass one of:
   * - a layer: every Service of its namespace (and every pod, with `for: 'all'`);
   * - a Service, or an app with versions: what is sent to it, and `for` must not be 'workload';
   * - a workload or one version of it: what is sent to its pods' addresses, and `for` must not be 'service'.
   *
   * A namespace other than its own is let in by the Gateway's `allowedRoutes`.
   *
   * @throws UserError when this waypoint does not carry that, or nobody here creates the layer's namespace
   */
  use(target: WaypointUser): void {
    const { name } = this;
    if (target.namespace !== this.namespace) this.others.add(target.namespace);
    const labels = {
      'istio.io/use-waypoint': name,
      ...(target.namespace === this.namespace ? {} : { 'istio.io/use-waypoint-namespace': this.namespace }),
    };
    if (isLayer(target)) {
      for (const [key, value] of Object.entries(labels)) target.labelNamespace(key, value);
      this.layers.push(target);
    } else if (target instanceof MeshService || target instanceof VersionedApp) {
      this.mustCarry('service', target);
      const service = target instanceof VersionedApp ? target.service : target;
      for (const [key, value] of Object.entries(labels)) service.object.metadata.addLabel(key, value);
    } else {
      this.mustCarry('workload', target);
      for (const [key, value] of Object.entries(labels))
        target.deployment.addJsonPatch(JsonPatch.add(`/spec/template/metadata/labels/${key.replaceAll('/', '~1')}`, value));
    }
  }

  private mustCarry(what: 'service' | 'workload', { node }: Construct): void {
    if (this.carries === 'all' || this.carries === what) return;
    throw new UserError(
      `waypoint '${this.node.path}' is for '${this.carries}', so istio would not lead '${node.path}' through it: give it for: '${what}' or 'all'`,
    );
  }

  /** By default a Gateway lets in its own namespace alone; istiod then refuses the others' labels. */
  private allowedRoutes() {
    if (this.others.size === 0) return undefined;
    const values = [this.namespace, ...this.others].sort(byCodeUnit);
    const selector = { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }] };
    return { namespaces: { from: GatewaySpecListenersAllowedRoutesNamespacesFrom.SELECTOR, selector } };
  }

  private notAmbient(layer: Layer): string[] {
    if (layer.namespaceLabel('istio.io/dataplane-mode') === 'ambient') return [];
    return [
      `waypoint '${this.node.path}' is used by namespace '${layer.namespace}', which is not ambient, so it would do nothing: enroll it with { by: 'ambient' }`,
    ];
  }
}
