import type { Construct } from 'constructs';
import type { LoadBalancerAddress } from '../../kit/capabilities.ts';
import { Endpoint } from '../../kit/endpoint.ts';
import { HelmRelease, type ReleaseOptions } from '../../kit/helm/index.ts';
import { releaseOptions } from '../../kit/helm/release-options.ts';
import type { JsonObject } from '../../kit/json.ts';
import { checkDnsSubdomain, type Layer } from '../../kit/layer.ts';
import { platforms } from '../../kit/platforms.ts';
import { allowPrivilegedPods } from '../../kit/pod-security.ts';
import { siteOf } from '../../kit/site.ts';
import { UserError } from '../../kit/user-error.ts';
import { checkAddress } from '../metallb/address-ranges.ts';
import { addHostAddress } from '../metallb/stack-addresses.ts';

/** A controller that is installed here, by its chart. */
export type InstalledController = ReleaseOptions & {
  /** The layer that the release goes into: it must come before the layers of the published pages' exposures, and may be their own. */
  readonly in: Layer;
  /** The release's name. @default the chart's: 'ingress-nginx', 'traefik' */
  readonly name?: string;
  /** The IngressClass that it makes and serves, and no other. @default 'nginx', 'traefik' */
  readonly ingressClass?: string;
} & (
    | {
        /** Behind a Service of type LoadBalancer with this address: `pool.address('10.34.124.116')`. */
        readonly address: LoadBalancerAddress;
        readonly hostAddress?: never;
      }
    | {
        /** At ports 80 and 443 of every node; this is the node's IP address that hosts lead to: '10.34.124.114'. */
        readonly hostAddress: string;
        readonly address?: never;
      }
  );

/** A controller that the stack's platform brings (see `platform` of the Stack). */
export interface BundledController {
  /** Says that it is the platform's. */
  readonly bundled: true;
  /** The IP address that hosts lead to: '10.34.124.114'. Needed where the controller has no Service: nginx of RKE2. @default not known */
  readonly hostAddress?: string;
  readonly install?: never;
  readonly existing?: never;
}

/** A controller that somebody else runs. */
export interface ExistingController {
  /** What publishing needs to know of it. */
  readonly existing: {
    /** The IngressClass that it serves. */
    readonly ingressClass: string;
    /** Where a client inside the cluster reaches it, by plain HTTP. */
    readonly service: Endpoint<'http'>;
    /** The IP address that hosts lead to. @default not known */
    readonly address?: string;
  };
  readonly install?: never;
  readonly bundled?: never;
}

/** What publishing needs to know of a controller. @internal */
export interface Controller {
  readonly ingressClass: string;
  readonly service: Endpoint<'http'>;
  readonly address: string | undefined;
}

/** A controller that the platform brings. @throws UserError when it brings none, or nothing leads there @internal */
export function bundledController(scope: Construct, kind: 'nginx' | 'traefik', props: BundledController): Controller {
  const { path } = scope.node;
  const { platform } = siteOf(scope);
  const found = platforms[platform].ingress[kind];
  if (!found) {
    const others = Object.keys(platforms[platform].ingress).join(' and ') || 'no ingress controller';
    throw new UserError(
      `'${path}' wants the ${kind} that the platform brings, but platform '${platform}' brings ${others}: install it, ` +
        `{ install: { in: LAYER, hostAddress: '10.0.0.1' } }, or say what the platform is, new Stack(app, NAME, { platform: 'rke2' })`,
    );
  }
  const { ingressClass, namespace, service: name } = found;
  const address = hostAddress(scope, props.hostAddress, `${kind} of ${platform}`);
  if (name !== undefined) return { ingressClass, service: entryOf(`${name}.${namespace}.svc.cluster.local`), address };
  if (address === undefined) {
    throw new UserError(
      `'${path}' uses the ${kind} of ${platform}, which has no Service and listens at the nodes alone: say the address of a node, { bundled: true, hostAddress: '10.0.0.1' }`,
    );
  }
  return { ingressClass, service: entryOf(address), address };
}

/** A controller that somebody else runs. @throws UserError when the class or the address is malformed @internal */
export function existingController(scope: Construct, { existing }: ExistingController): Controller {
  const { ingressClass, service, address } = existing;
  checkDnsSubdomain(ingressClass, `ingressClass of '${scope.node.path}'`);
  return {
    ingressClass,
    service,
    address: address === undefined ? undefined : checkAddress(address, `address of '${scope.node.path}'`),
  };
}

/** A controller that is installed here, with its release. @internal */
export interface Installed extends Controller {
  readonly release: HelmRelease;
}

/**
 * Installs a controller by its chart. At the nodes' own ports its pods need a namespace that lets them.
 *
 * @param chart what it installs; its name, which charts put into the names of their objects when the release's does not hold it
 * @throws UserError when the class or the address is malformed, or a pool of the stack has the address
 * @internal
 */
export function installController(
  scope: Construct,
  install: InstalledController,
  chart: {
    readonly name: 'ingress-nginx' | 'traefik';
    readonly ingressClass: string;
    /** Of the Service's name, behind the release's. */
    readonly suffix: string;
    readonly values: (release: string, ingressClass: string) => JsonObject;
  },
): Installed {
  const { name = chart.name, ingressClass = chart.ingressClass } = install;
  checkDnsSubdomain(ingressClass, `ingressClass of '${scope.node.path}'`);
  const full = name.includes(chart.name) ? name : `${name}-${chart.name}`;
  const address = install.address?.ip ?? hostAddress(scope, install.hostAddress, `${install.in.namespace}/${name}`);
  if (install.hostAddress !== undefined) allowPrivilegedPods(install.in);
  const release = new HelmRelease(install.in, name, {
    chart: chart.name,
    values: chart.values(name, ingressClass),
    ...releaseOptions(install),
  });
  const service = entryOf(`${full}${chart.suffix}.${install.in.namespace}.svc.cluster.local`);
  return { release, ingressClass, service, address };
}

function hostAddress(scope: Construct, given: string | undefined, by: string): string | undefined {
  if (given === undefined) return undefined;
  const address = checkAddress(given, `hostAddress of '${scope.node.path}'`);
  addHostAddress(scope, address, by);
  return address;
}

function entryOf(host: string): Endpoint<'http'> {
  return Endpoint.external({ protocol: 'http', host, port: 80 });
}
