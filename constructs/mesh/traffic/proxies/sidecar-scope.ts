import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import {
  SidecarSpecOutboundTrafficPolicyMode as Mode,
  Sidecar,
  type SidecarSpec,
} from '../../../../imports/networking.istio.io.ts';
import {
  type Destination,
  isLayer,
  isObject,
  type JsonObject,
  type Layer,
  type MeshLike,
  namespaceOf,
  type PodSet,
} from '../../../kit/index.ts';
import { checkDnsSubdomain, checkOwnNamespace } from '../../../kit/layer.ts';

/** What a scope needs to know of its mesh: a Mesh. */
export interface ScopedMesh extends Pick<MeshLike, 'rootNamespace'> {
  /** The mesh config: its extension providers are what a scope must never hide. */
  readonly config: JsonObject;
}

/** Options of a {@link SidecarScope}. */
export interface SidecarScopeProps {
  /** Its root namespace, and whatever its proxies send spans and logs to, stay in sight. */
  readonly mesh: ScopedMesh;
  /** Whom the pods call: destinations, or a layer for all of its namespace. Everybody else is unknown to their proxies. */
  readonly reaches: readonly (Destination | Layer)[];
  /** The pods; they stand in the layer's namespace. @default all of the namespace */
  readonly for?: PodSet;
  /** Of the object. @default 'default' for the namespace, the construct's id for some pods */
  readonly name?: string;
  /** What happens to requests for unknown hosts. @default the mesh's */
  readonly outboundTraffic?: 'allow-any' | 'registry-only';
}

/**
 * What the proxies of a namespace, or of some pods, get to know: less memory, fewer pushes, fewer mistakes. One Sidecar.
 *
 * The scope never hides what the mesh's extension providers send to: a proxy that cannot see its collector drops all spans and says
 * nothing (Istio: "could not find cluster for tracing provider").
 */
export class SidecarScope extends Construct {
  /** @throws UserError when the pods stand in another namespace */
  constructor(scope: Construct, id: string, props: SidecarScopeProps) {
    super(scope, id);
    const { mesh, reaches, for: pods, outboundTraffic } = props;
    const namespace = namespaceOf(this);
    const { name = pods ? id : 'default' } = props;
    checkDnsSubdomain(name, `name of '${this.node.path}'`);
    if (pods) checkOwnNamespace(`'${this.node.path}'`, namespace, 'pods', pods.namespace);
    const wanted = [
      `${mesh.rootNamespace}/*`,
      ...reaches.map((to) => (isLayer(to) ? `${to.namespace}/*` : `${to.namespace}/${to.host}`)),
    ];
    const spec = (): SidecarSpec => ({
      ...(pods ? { workloadSelector: { labels: { ...pods.selector } } } : {}),
      // Resolved late: the mesh may get more providers after this.
      egress: [{ hosts: merged([...wanted, ...providerHosts(mesh.config)]) }],
      ...(outboundTraffic
        ? {
            outboundTrafficPolicy: {
              mode: outboundTraffic === 'allow-any' ? Mode.ALLOW_UNDERSCORE_ANY : Mode.REGISTRY_UNDERSCORE_ONLY,
            },
          }
        : {}),
    });
    new Sidecar(this, 'sidecar', {
      metadata: { namespace, name },
      spec: Lazy.any({ produce: spec }),
    });
  }
}

/** `NAMESPACE/HOST` of everything that the extension providers send to, whatever their kind. */
function providerHosts({ extensionProviders }: JsonObject): string[] {
  const providers: readonly unknown[] = Array.isArray(extensionProviders) ? extensionProviders : [];
  const services = providers
    .filter(isObject)
    .flatMap((provider) => Object.values(provider).filter(isObject))
    .flatMap(({ service }) => (typeof service === 'string' ? [service] : []));
  return services.map((service) => {
    // `[NAMESPACE/]HOST` (Istio 1.30, extensionProviders).
    if (service.includes('/')) return service;
    const [, namespace, svc] = service.split('.');
    return `${svc === 'svc' && namespace ? namespace : '*'}/${service}`;
  });
}

/** In order, each once, without those that a namespace's wildcard holds already: Istio warns of them. */
function merged(hosts: readonly string[]): string[] {
  const wholes = new Set(hosts.filter((host) => host.endsWith('/*')).map((host) => host.slice(0, -2)));
  return [...new Set(hosts)].filter((host) => host.endsWith('/*') || !wholes.has(host.slice(0, host.indexOf('/'))));
}
