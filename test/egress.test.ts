import { App } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { expectTraffic, MeshApp, Stack } from '../constructs/index.ts';
import { Endpoint, Layer, MeshService, Workload } from '../constructs/kit/index.ts';
import {
  EgressGateway,
  type EgressGatewayProps,
  type ExternalPort,
  ExternalService,
  type ExternalServiceProps,
  Mesh,
  SidecarScope,
  type SidecarScopeProps,
  TrafficPolicy,
} from '../constructs/mesh/index.ts';
import { validate } from '../constructs/proof/schemas.ts';
import { existingSink } from '../constructs/tracing/index.ts';
import { object, objects } from './support/synth.ts';

const http: ExternalPort = { name: 'http', port: 80, appProtocol: 'http' };
const https: ExternalPort = { name: 'https', port: 443, appProtocol: 'https' };

function shop(): Layer {
  return new Layer(new App(), 'shop', { namespace: 'shop' });
}

/** The ServiceEntry of a service. */
function entry(props: ExternalServiceProps) {
  const layer = shop();
  const made = new ExternalService(layer, 'vendor', props);
  for (const o of objects(layer)) expect(validate(o)).toEqual([]);
  return object(layer, 'ServiceEntry', made.name).spec;
}

const refused = (props: Partial<ExternalServiceProps>) =>
  expect(() => new ExternalService(shop(), 'vendor', { host: 'api.vendor.example', ports: [http], ...props }));

describe('ExternalService', () => {
  it('makes a host known, and is a destination', () => {
    const layer = shop();
    const vendor = new ExternalService(layer, 'vendor', { host: 'api.vendor.example', ports: [http, https] });
    expect(vendor).toMatchObject({ host: 'api.vendor.example', namespace: 'shop', ports: [http, https], versions: {} });
    expect(vendor.selector).toBeUndefined();
    expect(object(layer, 'ServiceEntry', 'api.vendor.example').spec).toEqual({
      hosts: ['api.vendor.example'],
      ports: [
        { name: 'http', number: 80, protocol: 'HTTP' },
        { name: 'https', number: 443, protocol: 'HTTPS' },
      ],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
    });
    new TrafficPolicy(layer, 'policy', { of: vendor, connections: { max: 5 } });
    expect(object(layer, 'DestinationRule', 'api.vendor.example').spec.host).toBe('api.vendor.example');
  });

  it('renders every option', () => {
    const every: Required<Omit<ExternalServiceProps, 'originateTls'>> = {
      host: 'db.vendor.example',
      name: 'db',
      ports: [{ name: 'mysql', port: 3306, appProtocol: 'mysql', targetPort: 13306 }],
      addressesFrom: 'endpoints',
      endpoints: [{ address: '10.1.2.3', ports: { mysql: 3307 }, locality: 'west/a' }, { address: '2001:db8::1' }],
      addresses: ['10.9.0.0/16'],
      location: 'inside',
      visibleTo: 'own-namespace',
    };
    const layer = shop();
    new ExternalService(layer, 'db', every);
    expect(object(layer, 'ServiceEntry', 'db').spec).toEqual({
      hosts: ['db.vendor.example'],
      addresses: ['10.9.0.0/16'],
      ports: [{ name: 'mysql', number: 3306, protocol: 'MYSQL', targetPort: 13306 }],
      location: 'MESH_INTERNAL',
      resolution: 'STATIC',
      endpoints: [{ address: '10.1.2.3', ports: { mysql: 3307 }, locality: 'west/a' }, { address: '2001:db8::1' }],
      exportTo: ['.'],
    });
  });

  it('takes addresses from where they can come from', () => {
    const tls: ExternalPort = { name: 'tls', port: 443, appProtocol: 'tls' };
    expect(entry({ host: '*.vendor.example', ports: [tls] }).resolution).toBe('NONE');
    expect(entry({ host: '*.vendor.example', ports: [tls], addressesFrom: 'dns-of-each-name' }).resolution).toBe('DYNAMIC_DNS');
    expect(entry({ host: 'a.example', ports: [tls], endpoints: [{ address: '10.0.0.1' }] }).resolution).toBe('STATIC');
    expect(entry({ host: 'a.example', ports: [tls], endpoints: [{ address: 'b.example' }] }).resolution).toBe('DNS');
    expect(entry({ host: 'a.example', ports: [tls], addressesFrom: 'dns-round-robin' }).resolution).toBe('DNS_ROUND_ROBIN');
  });

  it('turns plain HTTP into TLS', () => {
    const layer = shop();
    const tls = { simple: { sni: 'api.vendor.example' } } as const;
    const originateTls: Required<NonNullable<ExternalServiceProps['originateTls']>> = { port: 8443, tls };
    new ExternalService(layer, 'vendor', { host: 'api.vendor.example', ports: [http, https], originateTls });
    expect(object(layer, 'ServiceEntry', 'api.vendor.example').spec.ports).toEqual([
      { name: 'http', number: 80, protocol: 'HTTP', targetPort: 8443 },
      { name: 'https', number: 443, protocol: 'HTTPS' },
    ]);
    expect(object(layer, 'DestinationRule', 'api.vendor.example').spec.trafficPolicy).toEqual({
      portLevelSettings: [{ port: { number: 80 }, tls: { mode: 'SIMPLE', caCertificates: 'system', sni: 'api.vendor.example' } }],
    });
    expect(entry({ host: 'a.example', ports: [http], originateTls: {} }).ports[0].targetPort).toBe(443);
    refused({ ports: [https], originateTls: {} }).toThrow("'shop/vendor' originates TLS, but has no port of plain HTTP");
    refused({ host: '*.vendor.example', originateTls: {} }).toThrow('goes to whatever port the client asked for');
  });

  it('refuses what Istio would refuse, or never use', () => {
    for (const host of ['*', 'https://a.example', 'a.example:80', 'A.example', '10.0.0.1', '*a.example', ''])
      refused({ host }).toThrow(`host of 'shop/vendor' is "${host}"`);
    refused({ ports: [http, { ...https, name: 'http' }] }).toThrow(
      'ports http (80) and http (443): name and number must be unique',
    );
    refused({ ports: [{ ...http, port: 0 }] }).toThrow('port 0');
    refused({ addressesFrom: 'endpoints' }).toThrow("takes addresses from 'endpoints', but has none");
    refused({ addressesFrom: 'client', endpoints: [{ address: '10.0.0.1' }] }).toThrow('leaves endpoints unused');
    refused({ host: '*.a.example', addressesFrom: 'dns' }).toThrow("cannot be asked for '*.a.example'");
    refused({ addressesFrom: 'dns-of-each-name' }).toThrow('is no wildcard');
    refused({
      host: '*.a.example',
      addressesFrom: 'dns-of-each-name',
      ports: [{ name: 'tcp', port: 1, appProtocol: 'tcp' }],
    }).toThrow('which port tcp (tcp) cannot');
    refused({ host: '*.a.example', addressesFrom: 'dns-of-each-name', addresses: ['10.0.0.1'] }).toThrow('knows no addresses');
    refused({ addressesFrom: 'dns-round-robin', endpoints: [{ address: 'a.example' }, { address: 'b.example' }] }).toThrow(
      'one endpoint',
    );
    refused({ addressesFrom: 'endpoints', endpoints: [{ address: 'a.example' }] }).toThrow('"a.example" is no IP address');
    refused({ addresses: ['vendor'] }).toThrow('holds "vendor"');
    refused({ addresses: ['10.0.0.0/8'] }).toThrow('has a CIDR block');
    refused({ endpoints: [{ address: '10.0.0.1', ports: { htp: 8080 } }] }).toThrow(
      'sets port "htp", the service has http: did you mean "http"?',
    );
  });
});

describe('EgressGateway', () => {
  const through = {
    selector: { istio: 'egressgateway' },
    namespace: 'istio-system',
    service: Endpoint.external({ protocol: 'http', host: 'istio-egressgateway.istio-system.svc.cluster.local', port: 80 }),
  } as const;
  const gatewayHost = 'istio-egressgateway.istio-system.svc.cluster.local';

  function made(ports: ExternalServiceProps['ports'], more: Partial<EgressGatewayProps> = {}) {
    const layer = shop();
    const to = new ExternalService(layer, 'vendor', { host: 'api.vendor.example', ports });
    new EgressGateway(layer, 'egress', { to, through, ...more });
    for (const o of objects(layer)) expect(validate(o)).toEqual([]);
    return (kind: string) => object(layer, kind, 'api-vendor-example-egress').spec;
  }

  it('leads HTTP and TLS from the mesh to the gateway, and from there outside', () => {
    const spec = made([http, https]);
    expect(spec('Gateway')).toEqual({
      selector: { istio: 'egressgateway' },
      servers: [
        { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['api.vendor.example'] },
        { port: { number: 443, name: 'tls', protocol: 'TLS' }, hosts: ['api.vendor.example'], tls: { mode: 'PASSTHROUGH' } },
      ],
    });
    const gateway = 'shop/api-vendor-example-egress';
    const toGateway = (number: number) => [{ destination: { host: gatewayHost, port: { number } } }];
    const outside = (number: number) => [{ destination: { host: 'api.vendor.example', port: { number } } }];
    const sniHosts = ['api.vendor.example'];
    expect(spec('VirtualService')).toEqual({
      hosts: ['api.vendor.example'],
      gateways: ['mesh', gateway],
      http: [
        { match: [{ gateways: ['mesh'], port: 80 }], route: toGateway(80) },
        { match: [{ gateways: [gateway], port: 80 }], route: outside(80) },
      ],
      tls: [
        { match: [{ gateways: ['mesh'], port: 443, sniHosts }], route: toGateway(443) },
        { match: [{ gateways: [gateway], port: 443, sniHosts }], route: outside(443) },
      ],
    });
    // Clients of other namespaces would not find it here, and a subset that they do not know is a 503.
    expect(() => spec('DestinationRule')).toThrow();
  });

  it('can encrypt the way to the gateway, and passes other ports on', () => {
    const spec = made([{ ...http, port: 8080 }, https], { firstHop: 'istio-mutual' });
    expect(spec('Gateway').servers[0]).toEqual({
      port: { number: 80, name: 'https', protocol: 'HTTPS' },
      hosts: ['api.vendor.example'],
      tls: { mode: 'ISTIO_MUTUAL' },
    });
    expect(spec('DestinationRule')).toEqual({
      host: gatewayHost,
      subsets: [
        {
          name: 'api-vendor-example',
          labels: { istio: 'egressgateway' },
          trafficPolicy: {
            portLevelSettings: [{ port: { number: 80 }, tls: { mode: 'ISTIO_MUTUAL', sni: 'api.vendor.example' } }],
          },
        },
      ],
    });
    const [mesh, gateway] = spec('VirtualService').http;
    expect(mesh.route[0].destination.subset).toBe('api-vendor-example');
    expect(spec('VirtualService').tls[0].route[0].destination).not.toHaveProperty('subset');
    expect([mesh.match[0].port, mesh.route[0].destination.port.number]).toEqual([8080, 80]);
    expect([gateway.match[0].port, gateway.route[0].destination.port.number]).toEqual([80, 8080]);
  });

  it('takes pods that somebody else runs', () => {
    const pods: EgressGatewayProps['through'] = {
      selector: { app: 'exit' },
      namespace: 'exit',
      service: Endpoint.external({ protocol: 'http', host: 'exit.exit.svc.cluster.local', port: 80 }),
    };
    const spec = made([http], { through: pods });
    expect(spec('Gateway').selector).toEqual({ app: 'exit' });
    expect(spec('VirtualService').http[0].route[0].destination.host).toBe('exit.exit.svc.cluster.local');
  });

  it.each(['plain', 'istio-mutual'] as const)('is the way out for every namespace (%s)', (firstHop) => {
    const stack = new Stack(new MeshApp({ outdir: 'unused' }), 'out');
    const root = new Layer(stack, 'mesh', { namespace: 'istio-system' });
    const layer = new Layer(stack, 'shop', { namespace: 'shop', after: [root] });
    const mesh = new Mesh(root, 'istio', { install: { by: 'istioctl', profile: 'demo' } });
    const to = new ExternalService(layer, 'vendor', { host: 'api.vendor.example', ports: [http, https] });
    new EgressGateway(layer, 'egress', { to, through: mesh, firstHop });
    const bank = new Layer(stack, 'bank', { namespace: 'bank', after: [root] });
    for (const home of [layer, bank]) {
      mesh.enroll(home);
      const till = new Workload(home, 'till', { name: 'till', version: '1', image: 'till:1', user: 1000 });
      const ask = expectTraffic(stack).to(to).from(till);
      const { destinations, reasons } = ask.with({ port: 80 }).explanation;
      expect(destinations.map(({ host, port }) => `${host}:${port}`)).toEqual([`${gatewayHost}:80`]);
      expect(reasons.join()).not.toContain('503');
    }
  });

  it('refuses a service that its pods do not get to know', () => {
    const layer = shop();
    const to = new ExternalService(layer, 'vendor', { host: 'a.example', ports: [http], visibleTo: 'own-namespace' });
    expect(() => new EgressGateway(layer, 'egress', { to, through })).toThrow(
      "which only namespace 'shop' gets to know, not the gateway pods in 'istio-system'",
    );
    new EgressGateway(layer, 'beside', { to, through: { ...through, namespace: 'shop' } });
  });

  it('refuses what the gateway could not tell apart', () => {
    expect(() => made([http, { name: 'http-b', port: 8080, appProtocol: 'http' }])).toThrow('ports http and http-b');
    expect(() => made([{ name: 'mysql', port: 3306, appProtocol: 'mysql' }])).toThrow('port mysql (mysql)');
    expect(() => made([http], { through: { egress: undefined } })).toThrow(
      "'shop/egress' has no pods: the mesh's install brings no egress gateway",
    );
    expect(() => made([http], { through: { ...through, selector: {} } })).toThrow("'shop/egress' selects no pods");
    const layer = shop();
    const to = new ExternalService(layer, 'any', { host: '*.vendor.example', ports: [https] });
    expect(() => new EgressGateway(layer, 'egress', { to, through })).toThrow("leads to '*.vendor.example'");
  });
});

describe('SidecarScope', () => {
  const otlp = Endpoint.external({ protocol: 'otlp-grpc', host: 'otel.observability.svc.cluster.local', port: 4317 });

  function world() {
    const app = new App();
    const root = new Layer(app, 'mesh', { namespace: 'istio-system' });
    const layer = new Layer(app, 'shop', { namespace: 'shop' });
    const mesh = new Mesh(root, 'istio', { install: { by: 'existing' }, tracing: { to: existingSink({ 'otlp-grpc': otlp }) } });
    const ports: [ExternalPort] = [http];
    return { layer, mesh, cart: new MeshService(layer, 'cart', { name: 'cart', selector: { app: 'cart' }, ports }) };
  }

  it('keeps the collector and the root namespace in sight', () => {
    const { layer, mesh, cart } = world();
    new SidecarScope(layer, 'scope', { mesh, reaches: [cart] });
    expect(object(layer, 'Sidecar', 'default').spec).toEqual({
      egress: [
        { hosts: ['istio-system/*', 'shop/cart.shop.svc.cluster.local', 'observability/otel.observability.svc.cluster.local'] },
      ],
    });
  });

  it('keeps every other provider in sight, added before or after', () => {
    const { layer, mesh } = world();
    new SidecarScope(layer, 'scope', { mesh, reaches: [] });
    const logs = Endpoint.external({ protocol: 'otlp-grpc', host: 'logs.vendor.example', port: 4317 });
    mesh.addAccessLog('vendor', { to: logs });
    expect(object(layer, 'Sidecar', 'default').spec.egress[0].hosts).toContain('*/logs.vendor.example');
    const config = { extensionProviders: [{ name: 'authz', envoyExtAuthzHttp: { service: 'ops/authz.example', port: 80 } }] };
    new SidecarScope(layer, 'other', { mesh: { rootNamespace: 'istio-system', config }, reaches: [], name: 'other' });
    expect(object(layer, 'Sidecar', 'other').spec.egress[0].hosts).toEqual(['istio-system/*', 'ops/authz.example']);
  });

  it('renders every option, and names nothing twice', () => {
    const { layer, mesh, cart } = world();
    const pods = new Workload(layer, 'till', { name: 'till', version: '1', image: 'till:1', user: 1000 });
    const every: Required<SidecarScopeProps> = {
      mesh,
      reaches: [cart, layer, cart],
      for: pods,
      name: 'till',
      outboundTraffic: 'registry-only',
    };
    new SidecarScope(layer, 'scope', every);
    const made = object(layer, 'Sidecar', 'till');
    expect(validate(made)).toEqual([]);
    expect(made.spec).toEqual({
      workloadSelector: { labels: { app: 'till' } },
      egress: [{ hosts: ['istio-system/*', 'shop/*', 'observability/otel.observability.svc.cluster.local'] }],
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
    });
    new SidecarScope(layer, 'some-pods', { mesh, reaches: [], for: pods, outboundTraffic: 'allow-any' });
    expect(object(layer, 'Sidecar', 'some-pods').spec.outboundTrafficPolicy).toEqual({ mode: 'ALLOW_ANY' });
    // @ts-expect-error without the mesh nobody knows where the spans go
    expect(() => new SidecarScope(layer, 'blind', { reaches: [cart] })).toThrow();
    const elsewhere = { namespace: 'bank', selector: { app: 'bank' } };
    expect(() => new SidecarScope(layer, 'far', { mesh, reaches: [], for: elsewhere })).toThrow("is for pods of 'bank'");
  });
});
