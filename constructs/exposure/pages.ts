import { Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { DestinationRule, DestinationRuleSpecTrafficPolicyTlsMode } from '../../imports/networking.istio.io.ts';
import type { Page } from '../kit/capabilities.ts';
import { checkDnsLabel, isLayer, type Layer } from '../kit/layer.ts';
import { UserError } from '../kit/user-error.ts';

/** How a page is published. */
export interface PublishOptions {
  /**
   * The name that people open. You can pass one of:
   * - a lower-case DNS name of at least two labels: 'grafana.mesh.test';
   * - a wildcard: '*.mesh.test';
   * - '*': any name, the gateway's address included.
   */
  readonly host: string;
}

/** How an entrance is opened, for routes that are made elsewhere. */
export interface OpenOptions extends PublishOptions {
  /** Names the object, where the entrance has one of its own: `NAME-gateway`. @default the host: 'bookinfo-mesh-test' */
  readonly name?: string;
}

/** How an entrance for TLS is opened, which the destination ends itself. */
export interface OpenTlsOptions extends OpenOptions {
  /** Of the gateway's Service. @default 443 */
  readonly port?: number;
}

/** How an entrance for TCP is opened. */
export interface OpenTcpOptions {
  /** Of the gateway's Service, one that it has: 31400 with the profile `demo` (Istio 1.30). */
  readonly port: number;
  /** Names the object: `NAME-gateway`. @default 'tcp-PORT' */
  readonly name?: string;
}

/** What a gateway lets in under a host's name. */
interface Taken {
  readonly what: 'page' | 'entrance';
  readonly name: string;
  readonly host: string;
}

/** The hosts of one gateway: each leads to one thing. */
export class Hosts {
  private readonly taken: Taken[] = [];
  private readonly path: string;

  constructor({ node }: IConstruct) {
    this.path = node.path;
  }

  /** @throws UserError when the host or the name is malformed, or taken */
  add(one: Taken): void {
    const { what, name, host } = one;
    checkHost(host, this.path);
    checkDnsLabel(name, `name of the ${what} ${what === 'page' ? 'published' : 'opened'} by '${this.path}'`);
    const there = this.taken.find((t) => t.host === host);
    if (there) {
      throw new UserError(
        `host '${host}' leads to ${there.what} '${there.name}' already, so '${this.path}' cannot lead it to ${what} '${name}': ` +
          `give each ${what} its own host`,
      );
    }
    const again = this.taken.find((t) => t.name === name);
    if (again) {
      throw new UserError(
        `'${this.path}' has published a ${again.what} '${name}' at host '${again.host}', so it cannot publish one at '${host}': ` +
          `a ${what}'s name names its objects, give the ${what} another name`,
      );
    }
    this.taken.push(one);
  }
}

/** The name of an entrance that was given none. */
export function nameOf({ host, name }: OpenOptions): string {
  return name ?? host.replaceAll('*', 'any').replaceAll('.', '-');
}

/** @throws UserError when the page's address is not a plain HTTP Service of this cluster */
export function serviceOf({ name, endpoint }: Page, path: string): { readonly name: string; readonly namespace: string } {
  if (!endpoint.service || endpoint.tls) {
    throw new UserError(
      `page '${name}' at ${endpoint.url} cannot be published by '${path}': ` +
        `allowed is a Service of this cluster that speaks plain HTTP, 'NAME.NAMESPACE.svc.cluster.local'`,
    );
  }
  return endpoint.service;
}

/** What to open in a browser. A wildcard is no address: a name that it matches stands for it. */
export function urlOf(host: string, port: number, path: string): string {
  const name = host === '*' ? 'localhost' : host.replace('*', 'any');
  return `http://${name}${port === 80 ? '' : `:${port}`}${path}`;
}

/** Tells the gateway pods not to use mutual TLS towards a page's pods. */
export function plaintextRule(scope: Construct, page: Page, namespace: string): void {
  new DestinationRule(scope, 'destination-rule', {
    metadata: { name: page.name, namespace },
    spec: {
      host: page.endpoint.host,
      trafficPolicy: { tls: { mode: DestinationRuleSpecTrafficPolicyTlsMode.DISABLE } },
    },
  });
}

/**
 * Why an object cannot be put into a namespace that another layer creates: nothing says that it is there first.
 *
 * @returns nothing when it can, or nobody here creates the namespace
 */
export function tooEarly(scope: Construct, namespace: string): string[] {
  const layer = Chart.of(scope);
  if (!isLayer(layer) || layer.variantOf || layer.namespace === namespace) return [];
  const owner = layer.node.scope?.node.children.find(
    (one): one is Layer => isLayer(one) && one.namespace === namespace && one.namespaceOwner === one,
  );
  if (!owner || isAfter(layer, owner)) return [];
  return [
    `'${scope.node.path}' puts its route into namespace '${namespace}', which layer '${owner.node.path}' creates: ` +
      `say that it comes first, 'after: [${owner.node.id}]' of layer '${layer.node.path}'`,
  ];
}

function isAfter(layer: Layer, owner: Layer): boolean {
  return layer.after.some((one) => one === owner || isAfter(one, owner));
}

/**
 * One label alone is refused: Istio reads 'shop' in a VirtualService as 'shop.NAMESPACE.svc.cluster.local' (Istio 1.30, short names),
 * and the host would never match.
 */
function checkHost(host: string, path: string): void {
  const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
  const allowed = new RegExp(`^(\\*|(\\*|${label})(\\.${label})+)$`);
  if (host.length > 253 || !allowed.test(host)) {
    throw new UserError(
      `host ${JSON.stringify(host)} cannot be published by '${path}': ` +
        `allowed are a lower-case DNS name with a dot ('shop.mesh.test'), a wildcard ('*.mesh.test') and '*'`,
    );
  }
}
