import { Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { DestinationRule, DestinationRuleSpecTrafficPolicyTlsMode } from '../../imports/networking.istio.io.ts';
import { rememberAddress } from '../kit/browser-address.ts';
import type { Exposed, IngressPods, Page, PathMatch } from '../kit/capabilities.ts';
import { Endpoint } from '../kit/endpoint.ts';
import { checkDnsLabel, isLayer } from '../kit/layer.ts';
import { UserError } from '../kit/user-error.ts';
import type { TlsOptions } from './certificates/tls.ts';
import { isFirst } from './object-name.ts';

/** How a page is published. */
export interface PublishOptions {
  /**
   * The name that people open. You can pass one of:
   * - a lower-case DNS name of at least two labels: 'grafana.mesh.test';
   * - a wildcard: '*.mesh.test';
   * - '*': any name, the gateway's address included.
   */
  readonly host: string;
  /**
   * Only requests at this path and below are let in: '/kiali'. Begins with '/'; whole segments count, so '/kiali' does not let '/kialix' in.
   *
   * @default all that the page answers
   */
  readonly path?: string;
  /** Ends TLS for the host. @default plain HTTP */
  readonly tls?: TlsOptions;
}

/** How an entrance is opened, for routes that are made elsewhere. */
export interface OpenOptions {
  /** The name that clients ask for, as in {@link PublishOptions.host}. */
  readonly host: string;
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

/**
 * The paths of a page that are let in, the same for every form of exposure; undefined for all of them.
 *
 * @throws UserError when the path is none, or the page answers nothing below it
 */
export function routesOf(
  { name, path: home, routes }: Page,
  path: string | undefined,
  where: string,
): readonly PathMatch[] | undefined {
  if (path === undefined) return routes;
  // Path segments of RFC 3986, section 3.3, none of them empty; a query or fragment is no path.
  if (!/^\/([A-Za-z0-9._~!$&'()*+,;=:@%-]+\/)*([A-Za-z0-9._~!$&'()*+,;=:@%-]+)?$/.test(path))
    throw new UserError(
      `path ${JSON.stringify(path)} of page '${name}' published by '${where}': allowed are paths that begin with '/', '/kiali'`,
    );
  const below = withoutSlash(path);
  if (below === '') return routes;
  const answers = routes ?? [{ prefix: home }];
  const left = answers.flatMap((one) => narrowed(one, below));
  if (left.length > 0) return left;
  const known = answers.map((one) => ('exact' in one ? `'${one.exact}'` : `'${one.prefix}' and below`)).join(', ');
  throw new UserError(
    `path '${path}' of page '${name}' published by '${where}' lets in nothing that the page answers: it answers ${known}; leave path out to let all of it in`,
  );
}

/** What of a route lies at a path and below. A prefix of the route's that ends in the middle of a segment goes on to take what it took. */
function narrowed(route: PathMatch, below: string): readonly PathMatch[] {
  if ('exact' in route) return isBelow(route.exact, below) ? [route] : [];
  const prefix = withoutSlash(route.prefix);
  if (isBelow(below, prefix)) return [{ exact: below }, { prefix: `${below}/` }];
  return isBelow(prefix, below) ? [route] : [];
}

function isBelow(path: string, of: string): boolean {
  return path === of || path.startsWith(`${of}/`);
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/**
 * What to open in a browser. A wildcard is no address: a name that it matches stands for it.
 *
 * @param port where it is reached, by TLS or not
 */
export function urlOf({ host, path, tls }: PublishOptions, port: number, page: Page): string {
  const name = host === '*' ? 'localhost' : host.replace('*', 'any');
  return `${tls ? 'https' : 'http'}://${name}${port === (tls ? 443 : 80) ? '' : `:${port}`}${homeOf(page, path)}`;
}

/** Where a page of which only a path is let in begins. */
function homeOf(page: Page, path: string | undefined): string {
  return path === undefined || isBelow(page.path, withoutSlash(path)) ? page.path : path;
}

/**
 * What `publish` tells of a page behind gateway pods.
 *
 * @param redirect whether plain requests are sent to https: who asks from inside the cluster then needs TLS as well
 * @param tlsPort of the pods' Service
 */
export function exposed(
  page: Page,
  options: PublishOptions,
  pods: Pick<IngressPods, 'service' | 'address'>,
  redirect: 'on' | 'off',
  tlsPort = 443,
): Exposed {
  const { host, path, tls } = options;
  const { service, address } = pods;
  const home = homeOf(page, path);
  return {
    host,
    page: home === page.path ? page : { ...page, path: home },
    entry: redirect === 'on' ? Endpoint.external({ protocol: 'http', host: service.host, port: tlsPort, tls: true }) : service,
    url: urlOf(options, tls ? tlsPort : service.port, page),
    ...(address === undefined ? {} : { address }),
  };
}

/**
 * Lets a page know where browsers open it, for links that others put there. A variant's way in is not there in the stack as it is.
 *
 * @param page as its construct has it, of which `publish` may tell a part only
 */
export function told<E extends Exposed>(scope: Construct, page: Page, exposed: E): E {
  const layer = Chart.of(scope);
  if (!isLayer(layer) || !layer.variantOf) rememberAddress(page, exposed);
  return exposed;
}

/** Tells the gateway pods not to use mutual TLS towards a page's pods; once, where several ways in lead there. */
export function plaintextRule(scope: Construct, page: Page, namespace: string): void {
  if (!isFirst(scope, 'DestinationRule', namespace, page.name)) return;
  new DestinationRule(scope, 'destination-rule', {
    metadata: { name: page.name, namespace },
    spec: {
      host: page.endpoint.host,
      trafficPolicy: { tls: { mode: DestinationRuleSpecTrafficPolicyTlsMode.DISABLE } },
    },
  });
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
