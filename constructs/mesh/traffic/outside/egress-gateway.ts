import { Construct } from 'constructs';
import {
  DestinationRuleSpecSubsetsTrafficPolicyPortLevelSettingsTlsMode as ClientTlsMode,
  DestinationRule,
  Gateway,
  GatewaySpecServersTlsMode as TlsMode,
  VirtualService,
} from '../../../../imports/networking.istio.io.ts';
import { checkDnsLabel, type DestinationPort, type IngressPods, namespaceOf, UserError } from '../../../kit/index.ts';
import { type ExternalService, isPlainHttp } from './external-service.ts';

/** Options of an {@link EgressGateway}. */
export interface EgressGatewayProps {
  /** Where the traffic goes: one name, no wildcard; at most one port of plain HTTP and one of TLS. */
  readonly to: ExternalService;
  /** The mesh whose egress pods it passes: those of Istio's profile `demo` (Istio 1.30: no other has any); or pods: of a `GatewayRelease`, or that somebody else runs. */
  readonly through: { readonly egress: IngressPods | undefined } | IngressPods;
  /**
   * `istio-mutual` encrypts HTTP between the client's proxy and the gateway, and tells the gateway who the client is. One way for all that
   * passes the same pods: their port 80 speaks either.
   * @default 'plain'
   */
  readonly firstHop?: 'plain' | 'istio-mutual';
}

/** A way out: a port of the pods' Service, and the port outside that it leads to. */
interface Way {
  readonly entry: number;
  readonly port: DestinationPort;
}

/**
 * Sends what is meant for an external service through the egress gateway's pods (Istio 1.30, task "Egress gateways"): Gateway and
 * VirtualService `NAME-egress`, after the service with '-' for '.'. With `istio-mutual` a DestinationRule of that name too, in the pods'
 * own namespace: Istio looks for it there for the clients of every namespace.
 *
 * With `originateTls` on the service the gateway makes the TLS. Nothing keeps a client from going out without the gateway: that takes a
 * NetworkPolicy.
 */
export class EgressGateway extends Construct {
  /**
   * @throws UserError when the service is a wildcard, is hidden from the gateway's pods, or has ports that a gateway cannot tell apart; or
   * the pods no labels
   */
  constructor(scope: Construct, id: string, props: EgressGatewayProps) {
    super(scope, id);
    const { to, firstHop = 'plain' } = props;
    const where = `'${this.node.path}'`;
    const through = podsOf(props.through, where);
    if (to.host.startsWith('*.'))
      throw new UserError(
        `${where} leads to '${to.host}': the gateway needs one name to send to, make an ExternalService for each`,
      );
    if (to.visibleTo === 'own-namespace' && to.namespace !== through.namespace)
      throw new UserError(
        `${where} leads to '${to.host}', which only namespace '${to.namespace}' gets to know, not the gateway pods in '${through.namespace}': leave out visibleTo`,
      );
    if (Object.keys(through.selector).length === 0)
      throw new UserError(`${where} selects no pods: give through.selector a label, e.g. { istio: 'egressgateway' }`);
    const http = theOne(to, 80, isPlainHttp, where);
    const tls = theOne(to, 443, ({ appProtocol }) => appProtocol === 'https' || appProtocol === 'tls', where);
    const lost = to.ports.find((port) => port !== http?.port && port !== tls?.port);
    if (lost) {
      throw new UserError(
        `port ${lost.name} (${lost.appProtocol}) of '${to.host}' cannot pass ${where}: a gateway tells hosts apart for http, http2, grpc, https and tls`,
      );
    }
    const namespace = namespaceOf(this);
    // Gateways and subsets have names without dots.
    const short = to.name.replaceAll('.', '-');
    const name = `${short}-egress`;
    checkDnsLabel(name, `name of the gateway of ${where}`);
    const mutual = firstHop === 'istio-mutual';
    // A subset of all pods: the name under which the mesh speaks mutual TLS to the gateway about this host. Plain, none is needed.
    const subset = mutual && http ? short : undefined;

    new Gateway(this, 'gateway', {
      metadata: { namespace, name },
      spec: {
        selector: { ...through.selector },
        servers: [
          ...(http
            ? [
                {
                  port: { number: http.entry, name: mutual ? 'https' : 'http', protocol: mutual ? 'HTTPS' : 'HTTP' },
                  hosts: [to.host],
                  ...(mutual ? { tls: { mode: TlsMode.ISTIO_UNDERSCORE_MUTUAL } } : {}),
                },
              ]
            : []),
          ...(tls
            ? [
                {
                  port: { number: tls.entry, name: 'tls', protocol: 'TLS' },
                  hosts: [to.host],
                  tls: { mode: TlsMode.PASSTHROUGH },
                },
              ]
            : []),
        ],
      },
    });

    const gateway = `${namespace}/${name}`;
    const toGateway = (way: Way) => ({
      host: through.service.host,
      ...(subset !== undefined && way === http ? { subset } : {}),
      port: { number: way.entry },
    });
    const outside = (way: Way) => ({ host: to.host, port: { number: way.port.port } });
    new VirtualService(this, 'virtual-service', {
      metadata: { namespace, name },
      spec: {
        hosts: [to.host],
        gateways: ['mesh', gateway],
        ...(http
          ? {
              http: [
                { match: [{ gateways: ['mesh'], port: http.port.port }], route: [{ destination: toGateway(http) }] },
                { match: [{ gateways: [gateway], port: http.entry }], route: [{ destination: outside(http) }] },
              ],
            }
          : {}),
        ...(tls
          ? {
              tls: [
                {
                  match: [{ gateways: ['mesh'], port: tls.port.port, sniHosts: [to.host] }],
                  route: [{ destination: toGateway(tls) }],
                },
                {
                  match: [{ gateways: [gateway], port: tls.entry, sniHosts: [to.host] }],
                  route: [{ destination: outside(tls) }],
                },
              ],
            }
          : {}),
      },
    });

    if (subset === undefined) return;
    const tlsSettings = { mode: ClientTlsMode.ISTIO_UNDERSCORE_MUTUAL, sni: to.host };
    new DestinationRule(this, 'destination-rule', {
      metadata: { namespace: through.namespace, name },
      spec: {
        host: through.service.host,
        subsets: [
          {
            name: subset,
            labels: { ...through.selector },
            trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, tls: tlsSettings }] },
          },
        ],
      },
    });
  }
}

/** The way of the one port that is meant; undefined when there is none. */
function theOne(to: ExternalService, entry: number, meant: (port: DestinationPort) => boolean, where: string): Way | undefined {
  const [port, other] = to.ports.filter(meant);
  if (port && other) {
    throw new UserError(
      `ports ${port.name} and ${other.name} of '${to.host}' would both pass port ${entry} of ${where}: give each an ExternalService of its own`,
    );
  }
  return port && { entry, port };
}

function podsOf(through: EgressGatewayProps['through'], where: string): IngressPods {
  const pods = 'egress' in through ? through.egress : through;
  if (pods) return pods;
  throw new UserError(
    `${where} has no pods: the mesh's install brings no egress gateway. Install by istioctl with the profile 'demo', or pass gateway pods: those of a GatewayRelease, 'through: gateway.pods', or some that run already, 'through: { selector, namespace, service }'`,
  );
}
