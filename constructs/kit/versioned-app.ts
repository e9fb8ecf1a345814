import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { Destination, Identity, ListeningPort, PodSet } from './destination.ts';
import { checkDnsLabel, namespaceOf } from './layer.ts';
import type { PodProps } from './pod.ts';
import { MeshService, type ServicePort } from './service.ts';
import { UserError } from './user-error.ts';
import { WorkloadVersion } from './workload.ts';

/** Options of a {@link VersionedApp}. */
export interface VersionedAppProps<V extends string> {
  /** The `app` label, and the name of the Service; the Deployments are `NAME-VERSION`. A DNS label. */
  readonly name: string;
  /** The ports of its Service. */
  readonly ports: readonly [ServicePort, ...ServicePort[]];
  /** What runs in each version. */
  readonly versions: { readonly [version in V]: PodProps };
  /** The name of the ServiceAccount that all versions share. @default the app's name */
  readonly serviceAccount?: string;
  /** Labels of the Service besides `app`. @default none */
  readonly serviceLabels?: Readonly<Record<string, string>>;
}

/** An app of which several versions run side by side behind one Service: what canaries and header routes choose from. */
export class VersionedApp<V extends string> extends Construct implements Destination<V>, Identity, PodSet {
  readonly name: string;
  readonly namespace: string;
  readonly host: string;
  readonly ports: readonly ServicePort[];
  readonly selector: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly service: MeshService;
  readonly versions: { readonly [version in V]: WorkloadVersion };
  /** The ports that the containers of any version say they listen at. */
  readonly listens: readonly ListeningPort[];

  /** @throws UserError when a name is no DNS label, or there is no version */
  constructor(scope: Construct, id: string, props: VersionedAppProps<V>) {
    super(scope, id);
    const { name, ports, versions, serviceAccount = name, serviceLabels } = props;
    checkDnsLabel(name, `name of app '${this.node.path}'`);
    this.name = name;
    this.namespace = namespaceOf(this);
    this.serviceAccount = serviceAccount;
    this.selector = { app: name };
    this.ports = ports;
    new k8s.KubeServiceAccount(this, 'account', {
      metadata: { namespace: this.namespace, name: serviceAccount, labels: { account: name } },
      automountServiceAccountToken: false,
    });
    this.service = new MeshService(this, 'service', {
      name,
      selector: this.selector,
      ports,
      labels: { app: name, ...serviceLabels },
    });
    this.host = this.service.host;
    const names = Object.keys(versions) as V[];
    if (names.length === 0)
      throw new UserError(`app '${this.node.path}' has no version: give versions one, e.g. { v1: { image, user } }`);
    // Object.fromEntries forgets the keys' type.
    this.versions = Object.fromEntries(
      names.map((version) => [
        version,
        new WorkloadVersion(this, version, { ...versions[version], of: this, app: name, version, serviceAccount }),
      ]),
    ) as { readonly [version in V]: WorkloadVersion };
    const all = names.flatMap((version) => this.versions[version].listens);
    this.listens = all.filter(({ port }, i) => all.findIndex((one) => one.port === port) === i);
  }
}
