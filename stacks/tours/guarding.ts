import {
  DefaultDeny,
  EgressGateway,
  ExternalService,
  JwtAuthentication,
  Layer,
  MutualTls,
  SidecarScope,
} from '../../constructs/index.ts';
import type { TrafficLab } from '../traffic.ts';

/** Who may do what, and what leaves the mesh. */
export function guarding({ stack, apps, demos, istio, bookinfo, curl, httpbin }: TrafficLab): void {
  const tour = (name: string, of: Layer) => new Layer(stack, name, { variantOf: of });
  new MutualTls(tour('mtls-strict', apps), 'mtls', { to: 'namespace', mode: 'strict' });
  new DefaultDeny(tour('authorization', apps), 'deny', {
    mesh: istio,
    calls: bookinfo.calls,
    entrances: [{ to: bookinfo }],
  });
  const jwt = tour('jwt', demos);
  new JwtAuthentication(jwt, 'jwt', {
    to: httpbin.service,
    issuers: [
      {
        issuer: 'testing@secure.istio.io',
        jwksUri: 'https://raw.githubusercontent.com/istio/istio/release-1.30/security/tools/jwt/samples/jwks.json',
      },
    ],
    required: 'token',
  });

  const egress = tour('egress', apps);
  const outside = new ExternalService(egress, 'outside', {
    host: 'httpbin.org',
    ports: [
      { name: 'http', port: 80, appProtocol: 'http' },
      { name: 'tls', port: 443, appProtocol: 'tls' },
    ],
  });
  new EgressGateway(egress, 'gateway', { to: outside, through: istio });
  new SidecarScope(egress, 'scope', { mesh: istio, for: curl.workload, reaches: [outside], outboundTraffic: 'registry-only' });
}
