import { isDeepStrictEqual } from 'node:util';
import { Construct } from 'constructs';
import { AuthorizationPolicy } from '../../../imports/security.istio.io.ts';
import {
  type Call,
  type Destination,
  type Endpoint,
  type EnvoyTraceProtocol,
  type Identity,
  type IngressPods,
  type MeshLike,
  MeshService,
  namespaceOf,
  type PodSet,
  type Published,
  type Scraped,
  UserError,
} from '../../kit/index.ts';
import { byCodeUnit } from '../../kit/json.ts';
import { stackOf } from '../../kit/stack-of.ts';
import { Authorization, type AuthorizationRule } from './authorization.ts';
import type { Sources } from './sources.ts';
import { nameOf, takeName, targetOf } from './target.ts';

/** A way in from outside: through gateway pods to a page, or to other pods. */
export interface AllowedEntrance {
  readonly to: Published | PodSet | Destination;
  /** @default the mesh's ingress pods */
  readonly through?: IngressPods;
}

/** Somebody who reads metrics at the app's own port. */
export interface AllowedScrape {
  readonly of: Scraped;
  /** `outside`: a Prometheus without a proxy, as ours. It has no identity, so its path and method are allowed to everybody. */
  readonly by: 'outside' | Identity;
}

/** Where spans arrive. */
export interface AllowedSpans {
  /** `collector.receiver('otlp-grpc')` */
  readonly to: Endpoint<EnvoyTraceProtocol>;
  /** @default 'authenticated': every proxy of the mesh; 'anyone' for legacy tracing, which knows no mutual TLS */
  readonly from?: Sources;
}

/** Options of {@link DefaultDeny}. What leads to another namespace is passed over: the same lists can be given to each namespace. */
export interface DefaultDenyProps {
  readonly mesh: MeshLike;
  /** Which workloads call which: an app's `calls`. The ports are those of the Service called. @default none */
  readonly calls?: readonly Call[];
  /** What is let in from outside. @default nothing */
  readonly entrances?: readonly AllowedEntrance[];
  /** Whose metrics are scraped by their Service. @default none */
  readonly scrapes?: readonly AllowedScrape[];
  /** Who takes spans besides what the mesh's proxies send to: what a collector exports to, what apps send to. @default none */
  readonly spans?: readonly AllowedSpans[];
}

/** One target with what it is allowed. */
interface Allowed {
  readonly name: string;
  readonly to: PodSet | Destination | 'namespace';
  /** Each with the identities that it is for; none where the rule says by itself. */
  readonly rules: { readonly rule: AuthorizationRule; readonly from: Set<Identity> }[];
}

/**
 * Refuses every request to the pods of the layer's namespace but those that are needed: an AuthorizationPolicy `default-deny` that allows
 * nothing, and `allow-NAME` for each workload that is called.
 *
 * Three things need no allow, for a sidecar does not take those ports (Istio 1.30: 15020, 15021 and 15090 are not captured): scrapes of
 * proxies, scrapes of apps by annotation (metrics are merged at 15020), and the kubelet's probes (rewritten to 15020). Scrapes by Service
 * reach the app's own port: list them in `scrapes`. The proof tells what of the trace path is forgotten (TRC048).
 *
 * Gateway pods that stand in the namespace are denied too: as `through` of an entrance they are opened to everybody.
 *
 * Identities come with mutual TLS: with auto mTLS off, or a port where it is disabled, senders have none and are refused.
 */
export class DefaultDeny extends Construct {
  /** The policies that allow something. */
  readonly allowed: readonly Authorization[];

  /**
   * @throws UserError when the namespace is the mesh's root namespace, which would deny the whole mesh; nobody knows who the gateway pods
   * are; or what is to be allowed is no Service of this program
   */
  constructor(scope: Construct, id: string, props: DefaultDenyProps) {
    super(scope, id);
    const namespace = namespaceOf(this);
    const { mesh, calls = [], entrances = [], scrapes = [], spans = [] } = props;
    if (namespace === mesh.rootNamespace) {
      throw new UserError(
        `'${this.node.path}' is of the mesh's root namespace '${namespace}', where it would deny the whole mesh: put it into the layer of an app`,
      );
    }
    const allowed = new Map<string, Allowed>();
    for (const { from, to } of calls) if (to.namespace === namespace) allow(allowed, to, this.servicePorts(to), from);
    for (const { to, through } of entrances) this.allowEntrance(allowed, to, through ?? mesh.ingress);
    for (const { of, by } of scrapes) this.allowScrapes(allowed, of, by);
    const { spansTo } = mesh;
    const known: readonly AllowedSpans[] =
      spansTo && !spans.some(({ to }) => to.authority === spansTo.authority) ? [{ to: spansTo }] : [];
    for (const { to, from = 'authenticated' } of [...known, ...spans]) this.allowSpans(allowed, to, from);

    takeName(this, 'AuthorizationPolicy', 'default-deny');
    new AuthorizationPolicy(this, 'policy', { metadata: { name: 'default-deny', namespace }, spec: {} });
    this.allowed = [...allowed.values()].flatMap(({ name, to, rules }) => {
      const [first, ...others] = rules.map(({ rule, from }) => {
        const [one, ...more] = from;
        return one ? { ...rule, from: [one, ...more] as const } : rule;
      });
      return first ? [new Authorization(this, `allow-${name}`, { to, action: 'allow', rules: [first, ...others] })] : [];
    });
  }

  private allowEntrance(all: Map<string, Allowed>, to: AllowedEntrance['to'], through: IngressPods | undefined): void {
    const path = this.node.path;
    // Gateway pods of this very namespace are denied as well, and their clients have no identity.
    if (through?.namespace === namespaceOf(this)) allow(all, through, { from: 'anyone' });
    const port = 'page' in to ? to.page.endpoint.port : undefined;
    const pods = 'page' in to ? this.service(to.page.endpoint, `page '${to.page.name}'`) : to;
    if (!pods || pods.namespace !== namespaceOf(this)) return;
    if (!through)
      throw new UserError(
        `entrances of '${path}' lead through no gateway: the mesh's install brings no ingress pods, name them in 'through'`,
      );
    if (!through.identity) {
      throw new UserError(
        `entrances of '${path}' lead through gateway pods of namespace '${through.namespace}' that nobody knows the service account of: give the pods an identity, { namespace, serviceAccount }`,
      );
    }
    const found = 'ports' in pods ? pods.ports.find((one) => one.port === port) : undefined;
    allow(all, pods, found ? { ports: [found.targetPort ?? found.port] } : this.servicePorts(pods), through.identity);
  }

  private allowScrapes(all: Map<string, Allowed>, of: Scraped, by: AllowedScrape['by']): void {
    for (const job of of.scrapeJobs) {
      if (job.by !== 'service' || job.namespace !== namespaceOf(this)) continue;
      const service = this.find(job.service);
      const port = service?.ports.find((one) => one.name === job.port);
      if (!service || !port) {
        throw new UserError(
          `scrape job '${job.job}' of '${this.node.path}' asks port '${job.port}' of '${job.service}', which is no Service of this program: allow it by 'new Authorization(...)' and leave it out here`,
        );
      }
      const rule: AuthorizationRule = {
        methods: ['GET'],
        paths: [job.path ?? '/metrics'],
        ports: [port.targetPort ?? port.port],
      };
      allow(all, service, rule, by === 'outside' ? undefined : by);
    }
  }

  private allowSpans(all: Map<string, Allowed>, to: AllowedSpans['to'], from: Sources): void {
    if (to.service?.namespace !== namespaceOf(this)) return;
    const service = this.find(to.service.name);
    const port = service?.ports.find((one) => one.port === to.port);
    // An operator makes the Service of its collector, with the receiver's own port: nobody here knows the pods' labels.
    allow(all, service ?? 'namespace', { from, ports: [port?.targetPort ?? to.port] });
  }

  /** The Service behind an address; undefined when it is of another namespace. */
  private service(at: Endpoint, what: string): MeshService | undefined {
    if (at.service?.namespace !== namespaceOf(this)) return undefined;
    const found = this.find(at.service.name);
    if (!found) {
      throw new UserError(
        `${what} of '${this.node.path}' is at ${at.authority}, which is no Service of this program: name the pods instead, { namespace, selector }`,
      );
    }
    return found;
  }

  private find(name: string): MeshService | undefined {
    return stackOf(this)
      .node.findAll()
      .find((one): one is MeshService => one instanceof MeshService && one.name === name && one.namespace === namespaceOf(this));
  }

  /** The container ports that a Service leads to; all where none is known. */
  private servicePorts(to: PodSet | Destination): Pick<AuthorizationRule, 'ports'> {
    const { ports } = targetOf(this, to);
    const [first, ...others] = ports.filter((one) => one.appProtocol !== undefined).map(({ port }) => port);
    return first === undefined ? {} : { ports: [first, ...others] };
  }
}

/** Adds to what a target is allowed; identities that may do the same come into one rule. */
function allow(all: Map<string, Allowed>, to: Allowed['to'], rule: AuthorizationRule, identity?: Identity): void {
  const selector = to === 'namespace' ? {} : (to.selector ?? {});
  const key = JSON.stringify(Object.entries(selector).sort(([a], [b]) => byCodeUnit(a, b)));
  const target = all.get(key) ?? { name: to === 'namespace' ? 'spans' : nameOf(to), to, rules: [] };
  all.set(key, target);
  if (!identity) {
    // The same scrape may be told by two constructs.
    if (!target.rules.some((one) => one.from.size === 0 && isDeepStrictEqual(one.rule, rule)))
      target.rules.push({ rule, from: new Set() });
    return;
  }
  const same = target.rules.find((one) => one.from.size > 0 && isDeepStrictEqual(one.rule, rule));
  if (same) same.from.add(identity);
  else target.rules.push({ rule, from: new Set([identity]) });
}
