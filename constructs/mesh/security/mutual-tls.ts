import { Construct } from 'constructs';
import {
  PeerAuthentication,
  PeerAuthenticationSpecMtlsMode,
  PeerAuthenticationSpecPortLevelMtlsMode,
} from '../../../imports/security.istio.io.ts';
import { type Destination, type PodSet, UserError } from '../../kit/index.ts';
import { nameOf, portOf, takeName, targetOf } from './target.ts';

/** What a proxy takes: mutual TLS alone, plain text as well, or plain text alone (Istio 1.30, PeerAuthentication). */
export type MutualTlsMode = 'strict' | 'permissive' | 'disable';

/** Options of {@link MutualTls}. */
export type MutualTlsProps =
  | {
      /** All pods of the layer's namespace. */
      readonly to: 'namespace';
      readonly mode: MutualTlsMode;
      /** Never there: Istio takes single ports for selected pods only. */
      readonly ports?: never;
    }
  | {
      /** Some pods of the layer's namespace: a Workload, one version, all versions behind a Service. */
      readonly to: PodSet | Destination;
      /** @default what the namespace or the mesh says */
      readonly mode?: MutualTlsMode;
      /** Other modes for single ports, by the container port's number or name: `{ 9090: 'disable' }`. @default none */
      readonly ports?: Readonly<Record<string, MutualTlsMode>>;
    };

const modes = {
  strict: PeerAuthenticationSpecMtlsMode.STRICT,
  permissive: PeerAuthenticationSpecMtlsMode.PERMISSIVE,
  disable: PeerAuthenticationSpecMtlsMode.DISABLE,
};

const portModes = {
  strict: PeerAuthenticationSpecPortLevelMtlsMode.STRICT,
  permissive: PeerAuthenticationSpecPortLevelMtlsMode.PERMISSIVE,
  disable: PeerAuthenticationSpecPortLevelMtlsMode.DISABLE,
};

/**
 * Which connections the proxies of a namespace or of some pods take: a PeerAuthentication, `default` for a namespace, else named after
 * the pods. The narrower one wins: port, workload, namespace, mesh. For the whole mesh use the Mesh's own option `mtls`.
 *
 * It is the server's side. Clients follow by themselves while auto mTLS is on.
 */
export class MutualTls extends Construct {
  /** The object's name. */
  readonly name: string;

  /**
   * @throws UserError when it says nothing, the pods are of another namespace, a port is none of theirs, or the namespace or pods have one
   * already: of two, Istio reads the older alone
   */
  constructor(scope: Construct, id: string, props: MutualTlsProps) {
    super(scope, id);
    const path = this.node.path;
    const target = targetOf(this, props.to);
    if (target.scope.targetRefs) {
      throw new UserError(
        `mutual tls '${path}' is for ${target.what}, which takes mutual tls anyway: what the pods behind it take is said of the pods`,
      );
    }
    const { mode } = props;
    const ports = Object.entries(props.ports ?? {});
    if (mode === undefined && ports.length === 0)
      throw new UserError(`mutual tls '${path}' says nothing of ${target.what}: give it a mode, or ports`);
    if (props.to === 'namespace' && ports.length > 0)
      throw new UserError(
        `mutual tls '${path}' is for a whole namespace, where istio takes no single ports: name the pods in 'to'`,
      );
    const byPort = new Map<number, MutualTlsMode>();
    for (const [key, said] of ports) {
      const port = portOf(target, /^\d+$/.test(key) ? Number(key) : key, path);
      if (byPort.has(port))
        throw new UserError(`mutual tls '${path}' names port ${port} of ${target.what} twice, by number and by name`);
      byPort.set(port, said);
    }
    this.name = props.to === 'namespace' ? 'default' : nameOf(props.to);
    takeName(this, 'PeerAuthentication', this.name, 'istio reads the older one alone, say it in one place');
    new PeerAuthentication(this, 'policy', {
      metadata: { name: this.name, namespace: target.namespace },
      spec: {
        ...target.scope,
        ...(mode ? { mtls: { mode: modes[mode] } } : {}),
        ...(byPort.size > 0
          ? { portLevelMtls: Object.fromEntries([...byPort].map(([port, said]) => [port, { mode: portModes[said] }])) }
          : {}),
      },
    });
  }
}
