import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { DestinationRule } from '../../../../imports/networking.istio.io.ts';
import {
  type Destination,
  type DestinationVersion,
  type JsonObject,
  namespaceOf,
  type PodSet,
  UserError,
} from '../../../kit/index.ts';
import { checkDnsSubdomain, checkOwnNamespace } from '../../../kit/layer.ts';
import { didYouMean } from '../checks.ts';
import { nameOf } from '../names.ts';
import { type Balancing, loadBalancer } from './balancing.ts';
import { type ConnectionLimits, connectionPool, type OutlierEjection, outlierDetection } from './resilience.ts';
import { type ClientTls, clientTls } from './tls.ts';

/** What clients' proxies do towards a destination, one of its ports or versions. */
export interface TrafficSettings extends Balancing {
  /** @default no limits */
  readonly connections?: ConnectionLimits;
  /** When a failing pod is taken out of the rotation. @default never */
  readonly outliers?: OutlierEjection;
  /** @default what the mesh's auto mTLS decides */
  readonly tls?: ClientTls;
}

/** The same, with the ports told apart. */
export interface PortedSettings extends TrafficSettings {
  /**
   * Settings of single ports, by the port's name or number. They replace all settings for that port: what is left out there is Istio's
   * default (Istio 1.30, PortTrafficPolicy).
   */
  readonly ports?: Readonly<Record<string, TrafficSettings>>;
}

/** Options of a {@link TrafficPolicy}. */
export interface TrafficPolicyProps<V extends string = string> extends PortedSettings {
  /** Whom requests go to. */
  readonly of: Destination<V>;
  /** @default the Service's name; outside the cluster the host, with 'any' for '*' */
  readonly name?: string;
  /** Settings of single versions. Each part given replaces that part of the destination's. */
  readonly versions?: { readonly [version in NoInfer<V>]?: PortedSettings };
  /** The only client pods that it is for; they stand in the layer's namespace. @default all clients */
  readonly clients?: PodSet;
}

/**
 * How requests reach a destination: which pod is next, how many at once, who is ejected, TLS. And which versions it has: each is a
 * subset that routes can name.
 *
 * The object is the DestinationRule itself, so that `addJsonPatch` can say what has no option here. Istio looks for it in the client's
 * namespace, the Service's, then the mesh's root namespace (Istio 1.30): in any other it is for the clients of that namespace.
 */
export class TrafficPolicy<V extends string = string> extends ApiObject {
  /** @throws UserError when an option is out of range or contradicts another, names an unknown port or version, or nothing is said at all */
  constructor(scope: Construct, id: string, props: TrafficPolicyProps<V>) {
    const namespace = namespaceOf(scope);
    if (props.name !== undefined) checkDnsSubdomain(props.name, `name of '${scope.node.path}/${id}'`);
    // Not the generated class: it has an enum of its own for each of the places where the same settings stand.
    super(scope, id, {
      ...DestinationRule.GVK,
      metadata: { namespace, name: props.name ?? nameOf(props.of) },
      spec: destinationRule(props, namespace, `'${scope.node.path}/${id}'`),
    });
  }
}

function destinationRule<V extends string>(props: TrafficPolicyProps<V>, namespace: string, where: string): JsonObject {
  const { of, versions = {}, clients } = props;
  if (clients) checkOwnNamespace(where, namespace, 'clients', clients.namespace);
  const given: Readonly<Record<string, PortedSettings | undefined>> = versions;
  const known: Readonly<Record<string, DestinationVersion>> = of.versions;
  const names = Object.keys(known);
  for (const version of Object.keys(given)) {
    if (!Object.hasOwn(known, version))
      throw new UserError(
        `${where} sets version ${JSON.stringify(version)}, ${of.host} has ${names.join(', ') || 'no versions'}${didYouMean(version, names)}`,
      );
  }
  const subsets = Object.entries(known).map(([name, version]): JsonObject => {
    const settings = given[name];
    return {
      name,
      labels: distinguishing(version),
      ...(settings ? { trafficPolicy: policyOf(of, settings, `version '${name}' of ${where}`) } : {}),
    };
  });
  const whole = portedPolicy(of, props, where);
  const says = Object.keys(whole).length > 0;
  if (!says && subsets.length === 0)
    throw new UserError(
      `${where} says nothing of ${of.host}, which has no versions: set loadBalancing, connections, outliers or tls`,
    );
  return {
    host: of.host,
    ...(clients ? { workloadSelector: { matchLabels: { ...clients.selector } } } : {}),
    ...(subsets.length > 0 ? { subsets } : {}),
    ...(says ? { trafficPolicy: whole } : {}),
  };
}

/** The labels that a version has beyond those of the destination. */
function distinguishing({ of, selector }: DestinationVersion): JsonObject {
  const more = Object.entries(selector).filter(([key, value]) => of.selector?.[key] !== value);
  return more.length > 0 ? Object.fromEntries(more) : { ...selector };
}

function portSettings(of: Destination, ports: Readonly<Record<string, TrafficSettings>>, where: string): JsonObject[] {
  const made = Object.entries(ports).map(([key, settings]) => {
    const found = of.ports.find(({ name, port }) => name === key || String(port) === key);
    if (!found) {
      const names = of.ports.map(({ name }) => name);
      throw new UserError(
        `${where} sets port ${JSON.stringify(key)}, ${of.host} has ${names.join(', ') || 'no ports'}${didYouMean(key, names)}`,
      );
    }
    return { port: { number: found.port }, ...policyOf(of, settings, `port '${key}' of ${where}`) };
  });
  const numbers = made.map(({ port }) => port.number);
  const twice = numbers.find((number, i) => numbers.indexOf(number) !== i);
  if (twice !== undefined) throw new UserError(`${where} sets port ${twice} by its name and by its number: once is enough`);
  return made;
}

function policyOf(of: Destination, settings: PortedSettings, where: string): JsonObject {
  const policy = portedPolicy(of, settings, where);
  if (Object.keys(policy).length === 0) throw new UserError(`${where} sets nothing: say what differs there, or leave it out`);
  return policy;
}

function portedPolicy(of: Destination, settings: PortedSettings, where: string): JsonObject {
  const { connections, outliers, tls, ports = {} } = settings;
  const balancer = loadBalancer(settings, outliers !== undefined, where);
  const portLevelSettings = portSettings(of, ports, where);
  return {
    ...(balancer ? { loadBalancer: balancer } : {}),
    ...(connections ? { connectionPool: connectionPool(connections, where) } : {}),
    ...(outliers ? { outlierDetection: outlierDetection(outliers, where) } : {}),
    ...(tls ? { tls: clientTls(tls, where) } : {}),
    ...(portLevelSettings.length > 0 ? { portLevelSettings } : {}),
  };
}
