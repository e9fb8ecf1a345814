import { isIP } from 'node:net';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { WorkloadEntry, WorkloadGroup, type WorkloadGroupSpecProbe } from '../../../../imports/networking.istio.io.ts';
import {
  checkDnsLabel,
  checkPort,
  type Identity,
  MeshService,
  namespaceOf,
  type PodSet,
  type ServicePort,
  UserError,
} from '../../../kit/index.ts';
import { checkDnsSubdomain, checkLabels } from '../../../kit/layer.ts';
import { checkLocality, whole } from '../checks.ts';

/** How a VM's agent asks whether the app is well; an unwell one gets no requests. Times in whole seconds. */
export type VmProbe = (
  | { readonly get: string; readonly port: number }
  | { readonly connect: number }
  | { readonly run: readonly [string, ...string[]] }
) & {
  /** @default 0 */ readonly delay?: number;
  /** @default 10 */ readonly period?: number;
  /** @default 3 */ readonly failures?: number;
};

/** A VM that is registered by hand. */
export interface VmAddress {
  /** Names its object: `NAME-ID`. A DNS label. */
  readonly id: string;
  /** An IP address, or a DNS name. */
  readonly address: string;
  /** @default the group's */
  readonly locality?: string;
  /** The share of requests relative to the other VMs. @default Istio's 1 */
  readonly weight?: number;
}

/** Options of {@link VirtualMachines}. */
export interface VirtualMachinesProps {
  /** The `app` label, and the name of the objects. A DNS label. */
  readonly name: string;
  /** The `version` label. */
  readonly version: string;
  /** The ports of a Service before them. No Service is made when left out: another one may select them by their labels. */
  readonly service?: readonly [ServicePort, ...ServicePort[]];
  /** @default the name */
  readonly serviceAccount?: string;
  /** VMs that are known by address. Others register themselves when they start (`--autoregister`). @default none */
  readonly addresses?: readonly VmAddress[];
  /** @default none: a VM is well as long as its agent is connected */
  readonly readiness?: VmProbe;
  /** The network that they are in, where pods cannot reach them directly. @default the cluster's */
  readonly network?: string;
  /** `region/zone/subzone`. @default none */
  readonly locality?: string;
  /** Labels besides `app` and `version`. @default none */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Virtual machines that belong to the mesh as pods do: a WorkloadGroup, what a Deployment is for pods; a ServiceAccount; a WorkloadEntry for
 * each VM of a given address.
 *
 * What a VM itself needs (certificate, token, cluster.env, mesh.yaml) comes from `istioctl x workload entry configure -f` with the
 * WorkloadGroup, and expires: it is no part of the manifests (Istio 1.30, "Virtual machine installation").
 */
export class VirtualMachines extends Construct implements Identity, PodSet {
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly version: string;
  /** The labels that select them. */
  readonly selector: Readonly<Record<string, string>>;
  private readonly main: MeshService | undefined;

  /** @throws UserError when a name, address or probe is misspelt, or an id or address comes twice */
  constructor(scope: Construct, id: string, props: VirtualMachinesProps) {
    super(scope, id);
    const { name, version, service, serviceAccount = name, addresses = [], readiness, network, locality } = props;
    const where = `'${this.node.path}'`;
    checkDnsLabel(name, `name of ${where}`);
    checkDnsSubdomain(serviceAccount, `serviceAccount of ${where}`);
    checkLabels({ ...props.labels, version }, where);
    if (network !== undefined && !(network.length <= 2048 && /\S/.test(network)))
      throw new UserError(
        `network of ${where} is ${JSON.stringify(network.slice(0, 80))}: allowed is a name of 2048 characters at most`,
      );
    this.name = name;
    this.version = version;
    this.namespace = namespaceOf(this);
    this.serviceAccount = serviceAccount;
    this.selector = { app: name };
    checkAddresses(addresses, where);
    if (locality !== undefined) checkLocality(locality, where);

    const { namespace } = this;
    const labels = { ...props.labels, app: name, version };
    const place = { ...(network === undefined ? {} : { network }), ...(locality === undefined ? {} : { locality }) };
    new k8s.KubeServiceAccount(this, 'account', {
      metadata: { namespace, name: serviceAccount, labels: { app: name } },
      // The VM's agent asks for its own token.
      automountServiceAccountToken: false,
    });
    new WorkloadGroup(this, 'workload-group', {
      metadata: { namespace, name, labels: { app: name } },
      spec: {
        metadata: { labels },
        template: { serviceAccount, ...place },
        ...(readiness ? { probe: probe(readiness, where) } : {}),
      },
    });
    for (const vm of addresses) {
      new WorkloadEntry(this, `entry-${vm.id}`, {
        metadata: { namespace, name: `${name}-${vm.id}`, labels },
        spec: {
          address: vm.address,
          labels,
          serviceAccount,
          ...place,
          ...(vm.locality === undefined ? {} : { locality: vm.locality }),
          ...(vm.weight === undefined ? {} : { weight: vm.weight }),
        },
      });
    }
    this.main =
      service && new MeshService(this, 'service', { name, selector: this.selector, ports: service, labels: { app: name } });
  }

  /**
   * The Service of the same name.
   *
   * @throws UserError when they were made without `service`
   */
  get service(): MeshService {
    if (!this.main) throw new UserError(`'${this.node.path}' has no service: give it the option 'service'`);
    return this.main;
  }
}

function checkAddresses(addresses: readonly VmAddress[], where: string): void {
  for (const [i, { id, address, locality, weight }] of addresses.entries()) {
    checkDnsLabel(id, `id of an address of ${where}`);
    if (isIP(address) === 0 && !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(address)) {
      throw new UserError(
        `address '${id}' of ${where} is ${JSON.stringify(address)}: allowed are an IP address and a lower-case DNS name, without port`,
      );
    }
    const twin = addresses.slice(0, i).find((other) => other.id === id || other.address === address);
    if (twin)
      throw new UserError(`${where} has the addresses ${twin.id} (${twin.address}) and ${id} (${address}): both must be unique`);
    if (locality !== undefined) checkLocality(locality, `address '${id}' of ${where}`);
    whole(weight, `weight of address '${id}' of ${where}`);
  }
}

function probe(given: VmProbe, where: string): WorkloadGroupSpecProbe {
  const what = `readiness of ${where}`;
  const times = {
    ...(given.delay === undefined ? {} : { initialDelaySeconds: whole(given.delay, `delay of ${what}`, 0) }),
    ...(given.period === undefined ? {} : { periodSeconds: whole(given.period, `period of ${what}`) }),
    ...(given.failures === undefined ? {} : { failureThreshold: whole(given.failures, `failures of ${what}`) }),
  };
  if ('run' in given && (given.run.length === 0 || given.run.includes('')))
    throw new UserError(`${what} runs ${JSON.stringify(given.run)}: allowed is a command with its arguments, none of them empty`);
  if ('run' in given) return { exec: { command: [...given.run] }, ...times };
  if ('connect' in given) {
    checkPort(given.connect, what);
    return { tcpSocket: { port: given.connect }, ...times };
  }
  checkPort(given.port, what);
  if (!given.get.startsWith('/')) throw new UserError(`${what} asks for ${JSON.stringify(given.get)}: a path begins with '/'`);
  return { httpGet: { path: given.get, port: given.port }, ...times };
}
