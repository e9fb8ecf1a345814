import type { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { clusterScoped } from './cluster-scoped.ts';
import type { Destination, DestinationPort, DestinationVersion, Identity, ListeningPort, PodSet } from './destination.ts';
import { checkDnsLabel, namespaceOf } from './layer.ts';
import { makeClaims } from './mounts.ts';
import { type ContainerPort, type PodProps, podTemplate } from './pod.ts';
import { MeshService, type ServicePort } from './service.ts';
import { UserError } from './user-error.ts';

/** Rights at the API server, as a ClusterRole spells them. */
export interface AccessRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceUrls?: readonly string[];
  readonly verbs: readonly string[];
}

/** Options of a {@link Workload}. */
export interface WorkloadProps extends PodProps {
  /** The `app` label, and the name of the Deployment, the Service and the ServiceAccount. A DNS label. */
  readonly name: string;
  /** The `version` label: what Kiali's graph and the metrics tell versions by. */
  readonly version: string;
  /** The ports of its Service. No Service is made when left out. */
  readonly service?: readonly [ServicePort, ...ServicePort[]];
  /** @default 1 */
  readonly replicas?: number;
  /** What it may do at the API server, cluster-wide; its token is mounted then. @default nothing */
  readonly access?: readonly AccessRule[];
  /**
   * `recreate` stops the old pod before the new one starts: for a volume that only one may hold.
   * @default 'rolling'; 'recreate' with a volume claim among the mounts
   */
  readonly rollout?: 'rolling' | 'recreate';
}

/**
 * A Deployment with its Service and ServiceAccount, shaped for a mesh: `app` and `version` labels, named ports that say their
 * protocol, the restricted security context, small requests, probes.
 *
 * What has no option here is changed with `workload.deployment.addJsonPatch(...)`.
 */
export class Workload extends Construct implements Identity, PodSet {
  readonly name: string;
  readonly namespace: string;
  /** The ServiceAccount that its pods run as. */
  readonly serviceAccount: string;
  readonly version: string;
  /** The labels that select its pods. */
  readonly selector: Readonly<Record<string, string>>;
  /** The Deployment object, for JSON patches. */
  readonly deployment: ApiObject;
  private readonly main: MeshService | undefined;
  private readonly containerPorts: readonly ContainerPort[];
  private readonly servicePorts: ServicePort[] = [];

  constructor(scope: Construct, id: string, props: WorkloadProps) {
    super(scope, id);
    const { name, version } = props;
    checkDnsLabel(name, `name of workload '${this.node.path}'`);
    this.name = name;
    this.namespace = namespaceOf(this);
    this.serviceAccount = name;
    this.version = version;
    // Not the version: a selector cannot change, and an upgrade changes the version.
    this.selector = { app: name };
    this.containerPorts = props.ports ?? [];
    this.servicePorts.push(...(props.service ?? []));
    const metadata = { name, namespace: this.namespace, labels: { app: name } };
    new k8s.KubeServiceAccount(this, 'account', { metadata, automountServiceAccountToken: false });
    if (props.access) grant(this, name, this.namespace, props.access);
    this.deployment = deployment(this, props, {
      name,
      selector: this.selector,
      serviceAccount: name,
      token: props.access !== undefined,
    });
    this.main =
      props.service &&
      new MeshService(this, 'service', { name, selector: this.selector, ports: props.service, labels: { app: name } });
  }

  /**
   * The Service of the same name.
   *
   * @throws UserError when the workload was made without `service`
   */
  get service(): MeshService {
    if (!this.main) throw new UserError(`workload '${this.node.path}' has no service: give it the option 'service'`);
    return this.main;
  }

  /** The ports that its container says it listens at, with what its Services say is spoken there. */
  get listens(): readonly ListeningPort[] {
    return listening(this.containerPorts, this.servicePorts);
  }

  /** Another Service before the same pods: some tools look up fixed names. */
  addService(name: string, ports: readonly [ServicePort, ...ServicePort[]]): MeshService {
    this.servicePorts.push(...ports);
    return new MeshService(this, `service-${name}`, { name, selector: this.selector, ports, labels: { app: this.name } });
  }
}

/** Options of a {@link WorkloadVersion}. */
export interface WorkloadVersionProps extends PodProps {
  /** What it is a version of. */
  readonly of: Destination;
  /** The `app` label that all versions share. */
  readonly app: string;
  /** The `version` label: part of the Deployment's name and selector. */
  readonly version: string;
  /** An existing ServiceAccount's name: versions of one app share it. */
  readonly serviceAccount: string;
  /** @default 1 */
  readonly replicas?: number;
}

/** One of several versions of an app that run side by side behind one Service: `reviews-v1`, `reviews-v2`. */
export class WorkloadVersion extends Construct implements DestinationVersion, Identity, PodSet {
  readonly of: Destination;
  readonly name: string;
  readonly namespace: string;
  /** The ServiceAccount that its pods run as: that of all versions. */
  readonly serviceAccount: string;
  readonly version: string;
  /** The labels that select this version's pods, and no other version's. */
  readonly selector: Readonly<Record<string, string>>;
  /** The ports that its container says it listens at, with what the Service before it says is spoken there. */
  readonly listens: readonly ListeningPort[];
  /** The Deployment object, for JSON patches. */
  readonly deployment: ApiObject;

  constructor(scope: Construct, id: string, props: WorkloadVersionProps) {
    super(scope, id);
    const { of, app, version, serviceAccount } = props;
    this.of = of;
    this.serviceAccount = serviceAccount;
    this.name = `${app}-${version}`;
    checkDnsLabel(this.name, `name of workload '${this.node.path}'`);
    this.namespace = namespaceOf(this);
    this.version = version;
    this.selector = { app, version };
    this.listens = listening(props.ports ?? [], of.ports);
    this.deployment = deployment(
      this,
      { ...props, name: app },
      { name: this.name, selector: this.selector, serviceAccount, token: false },
    );
  }
}

function listening(ports: readonly ContainerPort[], services: readonly DestinationPort[]): ListeningPort[] {
  return ports.flatMap(({ name, port, transport }) => {
    if (transport === 'UDP') return [];
    const service = services.find((one) => (one.targetPort ?? one.port) === port);
    return { name, port, ...(service ? { appProtocol: service.appProtocol } : {}) };
  });
}

function deployment(
  scope: Construct,
  props: PodProps & {
    readonly name: string;
    readonly version: string;
    readonly replicas?: number;
    readonly rollout?: 'rolling' | 'recreate';
  },
  made: {
    readonly name: string;
    readonly selector: Readonly<Record<string, string>>;
    readonly serviceAccount: string;
    readonly token: boolean;
  },
): k8s.KubeDeployment {
  const labels = {
    app: props.name,
    version: props.version,
    'app.kubernetes.io/name': props.name,
    'app.kubernetes.io/version': props.version,
  };
  const replicas = props.replicas ?? 1;
  const holdsClaim = makeClaims(scope, props.mounts ?? []);
  if (holdsClaim && replicas > 1) {
    throw new UserError(`replicas of '${scope.node.path}' is ${replicas}: only one pod may hold its volume claim`);
  }
  const rollout = props.rollout ?? (holdsClaim ? 'recreate' : 'rolling');
  return new k8s.KubeDeployment(scope, 'deployment', {
    metadata: { name: made.name, namespace: namespaceOf(scope), labels },
    spec: {
      replicas,
      selector: { matchLabels: { ...made.selector } },
      ...(rollout === 'recreate' ? { strategy: { type: 'Recreate' } } : {}),
      template: podTemplate(props, {
        path: scope.node.path,
        name: props.name,
        labels,
        serviceAccount: made.serviceAccount,
        token: made.token,
      }),
    },
  });
}

/** A ClusterRole bound to the ServiceAccount of the given name. @internal */
export function grant(scope: Construct, name: string, namespace: string, rules: readonly AccessRule[]): void {
  // The namespace in the name: two releases of one tool must not fight for one cluster-wide object.
  const role = `${name}-${namespace}`;
  const metadata = { name: role, labels: { app: name } };
  clusterScoped(
    new k8s.KubeClusterRole(scope, 'role', {
      metadata,
      rules: rules.map((r) => ({
        verbs: [...r.verbs],
        ...(r.apiGroups ? { apiGroups: [...r.apiGroups] } : {}),
        ...(r.resources ? { resources: [...r.resources] } : {}),
        ...(r.nonResourceUrls ? { nonResourceUrLs: [...r.nonResourceUrls] } : {}),
      })),
    }),
  );
  clusterScoped(
    new k8s.KubeClusterRoleBinding(scope, 'binding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    }),
  );
}
