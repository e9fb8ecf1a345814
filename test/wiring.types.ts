/**
 * Wiring that must not compile. The type check of the test run reads this file; nothing runs it.
 */

import { ExternalSecret, FluxDelivery, gitRepository, ociRepository } from '../constructs/delivery/index.ts';
import {
  AddressPool,
  L2Advertisement,
  LoadBalancerExposure,
  NginxIngress,
  TraefikIngress,
} from '../constructs/exposure/index.ts';
import {
  alertsOf,
  Bookinfo,
  CertificateIssuer,
  Collector,
  dashboardsOf,
  Endpoint,
  ExternalBackend,
  existingIssuer,
  existingSink,
  GatewayApiGateway,
  Grafana,
  Instrumentation,
  IstioGateway,
  Jaeger,
  Kiali,
  KialiResource,
  KubePrometheusStack,
  type Layer,
  LogCollector,
  type Loki,
  LokiRelease,
  Mesh,
  OpenTelemetryOperator,
  Prometheus,
  PrometheusRules,
  SkyWalking,
  Telemetry,
  Tempo,
  TempoRelease,
  TrafficGenerator,
  Zipkin,
} from '../constructs/index.ts';
import type { Entrance, Exposed, IngressPods, LoadBalancerAddress, TraceSink, VersionedApp } from '../constructs/kit/index.ts';
import { canary, GatewayRelease, GrpcRoutes, HttpRoutes, split, TcpRoutes, TlsRoutes } from '../constructs/mesh/index.ts';
import { quantile, rate, requests, sum } from '../constructs/observability/promql/queries.ts';

declare const layer: Layer;
declare const mesh: Mesh;
declare const jaeger: Jaeger;
declare const prometheus: Prometheus;
declare const exposed: Exposed;
declare const pods: IngressPods;
declare const skywalking: TraceSink<'skywalking'>;
declare const zipkinOnly: TraceSink<'zipkin'>;
declare const zipkin: Zipkin;
declare const vendor: ExternalBackend<'otlp-grpc'>;
declare const elastic: Endpoint<'http'>;
declare const clickhouse: Endpoint<'clickhouse'>;
declare const thriftOnly: TraceSink<'jaeger-thrift-http'>;

// These compile.
new Mesh(layer, 'm', { tracing: { to: jaeger } });
new Mesh(layer, 'm', { tracing: { to: jaeger, via: 'zipkin', samplingPercent: 1 } });
new Mesh(layer, 'm', { tracing: { to: skywalking, via: 'skywalking' } });
new Mesh(layer, 'm', { tracing: { legacy: { zipkin: jaeger } } });

// A trace sink is a construct that takes spans, in a protocol that proxies send.
// @ts-expect-error a host name is no sink
new Mesh(layer, 'm', { tracing: { to: 'jaeger-collector.istio-system:4317' } });
// @ts-expect-error Prometheus takes no spans
new Mesh(layer, 'm', { tracing: { to: prometheus } });
// @ts-expect-error Jaeger does not speak SkyWalking's protocol
new Mesh(layer, 'm', { tracing: { to: jaeger, via: 'skywalking' } });
// @ts-expect-error a zipkin sink cannot be fed OTLP
new Mesh(layer, 'm', { tracing: { to: zipkinOnly, via: 'otlp-grpc' } });
// @ts-expect-error proxies send no Jaeger thrift
new Mesh(layer, 'm', { tracing: { to: thriftOnly } });
// @ts-expect-error the legacy address and a provider exclude each other
new Mesh(layer, 'm', { tracing: { to: jaeger, legacy: { zipkin: jaeger } } });
// @ts-expect-error the legacy way speaks zipkin
new Mesh(layer, 'm', { tracing: { legacy: { zipkin: skywalking } } });

// @ts-expect-error a vendor's headers and TLS are the collector's business: put one between
new Mesh(layer, 'm', { tracing: { to: vendor } });
// @ts-expect-error nor with the protocol said
new Mesh(layer, 'm', { tracing: { to: vendor, via: 'otlp-grpc' } });
// @ts-expect-error Zipkin takes no OTLP
new Mesh(layer, 'm', { tracing: { to: zipkin, via: 'otlp-grpc' } });

// A storage and what it is told.
new Jaeger(layer, 'j', { storage: { type: 'elasticsearch', servers: [elastic], dependencies: {} } });
// @ts-expect-error only memory counts traces
new Jaeger(layer, 'j', { storage: { type: 'badger', maxTraces: 10 } });
// @ts-expect-error only databases are logged in to
new Jaeger(layer, 'j', { storage: { type: 'memory', login: { username: 'u', password: { secret: 's', key: 'k' } } } });
// @ts-expect-error Badger computes the graph of services itself
new Jaeger(layer, 'j', { storage: { type: 'badger', dependencies: {} } });
// @ts-expect-error a storage without servers
new Jaeger(layer, 'j', { storage: { type: 'elasticsearch', servers: [] } });
// @ts-expect-error a search database where Cassandra is needed
new Jaeger(layer, 'j', { storage: { type: 'cassandra', servers: [elastic] } });
// @ts-expect-error a password in the program would stand in the output
new Jaeger(layer, 'j', { storage: { type: 'clickhouse', servers: [clickhouse], login: { username: 'u', password: 'p' } } });
// @ts-expect-error OpenSearch has one image for all versions
new Jaeger(layer, 'j', { storage: { type: 'opensearch', servers: [elastic], dependencies: { elasticsearch: 8 } } });
// @ts-expect-error a Zipkin that counts spans in Elasticsearch
new Zipkin(layer, 'z', { storage: { type: 'elasticsearch', servers: [elastic], maxSpans: 1 } });
// @ts-expect-error a vendor's address by zipkin
new ExternalBackend({ endpoint: Endpoint.external({ protocol: 'zipkin', host: 'v.example', port: 443, tls: true }) });
// @ts-expect-error a CA to trust, and no TLS
new ExternalBackend({ endpoint: vendor.receiver('otlp-grpc'), plaintext: true, tls: { insecureSkipVerify: true } });

// An address carries its protocol.
// @ts-expect-error a zipkin endpoint where OTLP is needed
existingSink({ 'otlp-grpc': Endpoint.external({ protocol: 'zipkin', host: 'z', port: 9411 }) });
// @ts-expect-error an object that only looks like an endpoint
existingSink({ zipkin: { protocol: 'zipkin', host: 'z', port: 9411, path: '', tls: false } });

// One way to enrol a namespace.
mesh.enroll(layer, { by: 'revision', revision: 'canary' });
// @ts-expect-error injection label and revision together
mesh.enroll(layer, { by: 'injection', revision: 'canary' });
// @ts-expect-error ambient and revision together
mesh.enroll(layer, { by: 'ambient', revision: 'canary' });
// @ts-expect-error a revision without its name
mesh.enroll(layer, { by: 'revision' });

// @ts-expect-error the profile `external` is gone
new Mesh(layer, 'm', { install: { by: 'istioctl', profile: 'external' } });
// @ts-expect-error nothing is installed, so there is no profile
new Mesh(layer, 'm', { install: { by: 'existing', profile: 'demo' } });
// @ts-expect-error a metric is switched off or gets tags
new Telemetry(layer, 't', { mesh, metrics: [{ metric: 'REQUEST_COUNT', off: true, tags: {} }] });

// What reads what.
// @ts-expect-error Grafana has no data source for SkyWalking
new Grafana(layer, 'g', { sources: [prometheus, skywalking] });
// @ts-expect-error Grafana without a source shows nothing
new Grafana(layer, 'g', { sources: [] });
// @ts-expect-error Kiali reads traces from Jaeger and Tempo only
new Kiali(layer, 'k', { mesh, metrics: prometheus, tracing: zipkinOnly });
// @ts-expect-error so not from Zipkin
new Kiali(layer, 'k', { mesh, metrics: prometheus, tracing: zipkin });
// @ts-expect-error Jaeger stores no metrics
new Kiali(layer, 'k', { mesh, metrics: jaeger });
// @ts-expect-error a misspelt option
new Kiali(layer, 'k', { mesh, metrics: prometheus, grfana: {} });

// One way in, one amount of traffic.
// @ts-expect-error the mesh's gateway and another one
new IstioGateway(layer, 'gw', { mesh, pods });
// @ts-expect-error a loop and a number of requests
new TrafficGenerator(layer, 'l', { to: exposed, everySeconds: 1, requests: 10 });
// @ts-expect-error neither
new TrafficGenerator(layer, 'l', { to: exposed });
// @ts-expect-error a URL is no published page
new TrafficGenerator(layer, 'l', { to: 'http://bookinfo', requests: 10 });
// @ts-expect-error reviews has no v4
new Bookinfo(layer, 'b', { reviews: { v4: 100 } });

// Tempo and SkyWalking.
declare const tempo: Tempo;
declare const oap: SkyWalking;
const both = new SkyWalking(layer, 's', { receive: ['skywalking', 'zipkin'] });
new Mesh(layer, 'm', { tracing: { to: oap } });
new Mesh(layer, 'm', { tracing: { to: both, via: 'zipkin' } });
new Grafana(layer, 'g', { sources: [prometheus, tempo] });
new Kiali(layer, 'k', { mesh, metrics: prometheus, tracing: tempo });
new Tempo(layer, 't', { metricsGenerator: { to: prometheus } });
// @ts-expect-error its server was told to take its own protocol only
new Mesh(layer, 'm', { tracing: { to: oap, via: 'zipkin' } });
// @ts-expect-error SkyWalking takes OTLP by gRPC only
new SkyWalking(layer, 's', { receive: ['otlp-http'] });
// @ts-expect-error a server that receives nothing
new SkyWalking(layer, 's', { receive: [] });
// @ts-expect-error Grafana has no data source for SkyWalking
new Grafana(layer, 'g', { sources: [prometheus, oap] });
// @ts-expect-error Kiali reads traces from Jaeger and Tempo only
new Kiali(layer, 'k', { mesh, metrics: prometheus, tracing: oap });
// @ts-expect-error Tempo does not speak SkyWalking's protocol
new Mesh(layer, 'm', { tracing: { to: tempo, via: 'skywalking' } });
// @ts-expect-error Jaeger stores no metrics
new Tempo(layer, 't', { metricsGenerator: { to: jaeger } });
// @ts-expect-error no metrics are made by no processor
new Tempo(layer, 't', { metricsGenerator: { to: prometheus, processors: [] } });
declare const server: Endpoint<'s3'>;
// @ts-expect-error an object store without its keys
new Tempo(layer, 't', { storage: { type: 's3', server, bucket: 'b' } });
declare const gateway: IstioGateway;
gateway.publish(oap, { host: 'skywalking.mesh.test' });
// @ts-expect-error Tempo has no page to publish: people look in Grafana
gateway.publish(tempo, { host: 'tempo.mesh.test' });

// A collector takes what it is told to, and sends OTLP and zipkin.
const toEach = new Collector(layer, 'c', { receive: ['zipkin', 'otlp-grpc'], exportTo: [jaeger, tempo, zipkin, vendor] });
const byDefault = new Collector(layer, 'c', { exportTo: [toEach] });
new Mesh(layer, 'm', { tracing: { to: toEach, via: 'zipkin' } });
new Mesh(layer, 'm', { tracing: { to: byDefault } });
new Mesh(layer, 'm', { tracing: { legacy: { zipkin: toEach } } });
new Collector(layer, 'c', { exportTo: [jaeger], sampling: { head: 10, tail: [{ keep: 'errors' }] }, spanMetrics: {} });
// @ts-expect-error spans must go somewhere
new Collector(layer, 'c', { exportTo: [] });
// @ts-expect-error a host name is no sink
new Collector(layer, 'c', { exportTo: ['tempo.tempo:4317'] });
// @ts-expect-error Prometheus takes no spans
new Collector(layer, 'c', { exportTo: [prometheus] });
// @ts-expect-error no collector sends SkyWalking's protocol
new Collector(layer, 'c', { exportTo: [skywalking] });
// @ts-expect-error it was not told to take zipkin
new Mesh(layer, 'm', { tracing: { to: byDefault, via: 'zipkin' } });
// @ts-expect-error it takes no OTLP by HTTP any more
new Mesh(layer, 'm', { tracing: { to: toEach, via: 'otlp-http' } });
// @ts-expect-error no collector takes OpenCensus
new Collector(layer, 'c', { receive: ['opencensus'], exportTo: [jaeger] });
// @ts-expect-error Jaeger stores no metrics
new Collector(layer, 'c', { exportTo: [jaeger], spanMetrics: {}, metricsTo: jaeger });
// @ts-expect-error a tail that keeps nothing
new Collector(layer, 'c', { exportTo: [jaeger], sampling: { tail: [] } });
// @ts-expect-error without a limit there is nothing that the memory limiter keeps to
new Collector(layer, 'c', { exportTo: [jaeger], resources: { cpu: '1', memory: '1Gi' } });
// @ts-expect-error the processor does not know the pod's owner
new Collector(layer, 'c', { exportTo: [jaeger], k8sAttributes: { metadata: ['k8s.pod.owner'] } });

// Routes say what their API can say.
declare const reviews: VersionedApp<'v1' | 'v2'>;
declare const inside: { readonly of: VersionedApp<'v1' | 'v2'>; readonly as: 'gateway-api' };
declare const entrance: Entrance;
declare const listener: Entrance & { readonly api: 'gateway-api' };
const { v1, v2 } = reviews.versions;
new HttpRoutes(layer, 'r', {
  of: reviews,
  rules: [{ to: canary(v1, v2).to, retries: 'none', fault: { abort: { status: 500 } } }],
});
new HttpRoutes(layer, 'r', { ...inside, rules: [{ when: { path: { under: '/a' } }, to: v1 }, { redirect: { path: '/b' } }] });
new HttpRoutes(layer, 'r', { at: listener, rules: [{ when: { path: { under: '/a' } }, redirect: { prefix: '/b' } }] });
// Who knows the API at run time only is told then.
new HttpRoutes(layer, 'r', { at: entrance, rules: [{ to: v1, retries: 'none' }] });
new GrpcRoutes(layer, 'r', { of: reviews, rules: [{ when: { service: 'a.B' }, to: v1, timeoutSeconds: 1 }] });
new TcpRoutes(layer, 'r', { of: reviews, to: split([v1, 90], [v2, 10]) });
// @ts-expect-error reviews has no v3
new HttpRoutes(layer, 'r', { of: reviews, rules: [{ to: reviews.versions.v3 }] });
// @ts-expect-error a host name is no destination
new HttpRoutes(layer, 'r', { of: reviews, rules: [{ to: 'reviews' }] });
// @ts-expect-error shares are made by split, which checks them
new HttpRoutes(layer, 'r', { of: reviews, rules: [{ to: { legs: [{ to: v1, percent: 130 }] } }] });
// @ts-expect-error no rules
new HttpRoutes(layer, 'r', { of: reviews, rules: [] });
// @ts-expect-error calls of a destination and requests at an entrance
new HttpRoutes(layer, 'r', { of: reviews, at: entrance, rules: [{ to: v1 }] });
// @ts-expect-error the entrance decides
new HttpRoutes(layer, 'r', { at: listener, as: 'istio', rules: [{ to: v1 }] });
// @ts-expect-error sent on and answered
new HttpRoutes(layer, 'r', { of: reviews, rules: [{ to: v1, respond: { status: 200 } }] });
// @ts-expect-error a redirect has no timeout
new HttpRoutes(layer, 'r', { of: reviews, rules: [{ redirect: { path: '/a' }, timeoutSeconds: 1 }] });
// @ts-expect-error Envoy knows no such condition
new HttpRoutes(layer, 'r', { of: reviews, rules: [{ to: v1, retries: { attempts: 1, on: ['4xx'] } }] });
// @ts-expect-error a status or one of gRPC
new HttpRoutes(layer, 'r', { of: reviews, rules: [{ to: v1, fault: { abort: { percent: 50 } } }] });
// @ts-expect-error VirtualServices replace a prefix from Istio 1.31 on
new HttpRoutes(layer, 'r', { of: reviews, rules: [{ when: { path: { under: '/a' } }, redirect: { prefix: '/b' } }] });
// @ts-expect-error the Gateway API knows no faults
new HttpRoutes(layer, 'r', { ...inside, rules: [{ to: v1, fault: { abort: { status: 500 } } }] });
// @ts-expect-error nor, in its standard channel, retries
new HttpRoutes(layer, 'r', { ...inside, rules: [{ to: v1, retries: { attempts: 1 } }] });
// @ts-expect-error nor answers
new HttpRoutes(layer, 'r', { at: listener, rules: [{ respond: { status: 200 } }] });
// @ts-expect-error nor who sends
new HttpRoutes(layer, 'r', { ...inside, rules: [{ when: { from: v1 }, to: v2 }] });
// @ts-expect-error nor what must be missing
new HttpRoutes(layer, 'r', { ...inside, rules: [{ when: { without: { a: 'b' } }, to: v2 }] });
// @ts-expect-error nor the beginning of a header
new HttpRoutes(layer, 'r', { ...inside, rules: [{ when: { headers: { a: { prefix: 'b' } } }, to: v1 }] });
// @ts-expect-error nor that of a path by its characters
new HttpRoutes(layer, 'r', { at: listener, rules: [{ when: { path: { prefix: '/a' } }, to: v1 }] });
// @ts-expect-error a GRPCRoute has no timeout
new GrpcRoutes(layer, 'r', { ...inside, rules: [{ to: v1, timeoutSeconds: 1 }] });
// @ts-expect-error TLS is passed on by Istio's gateways
new TlsRoutes(layer, 'r', { at: listener, rules: [{ sniHosts: ['a.test'], to: reviews }] });

// A certificate is signed by an issuer, or is there.
declare const way: IstioGateway;
declare const issuer: CertificateIssuer;
way.publish(exposed, { host: 'a.test', tls: { issuer, redirect: 'off', duration: '720h' } });
way.publish(exposed, { host: 'a.test', tls: { secret: 'wildcard' } });
// @ts-expect-error both
way.publish(exposed, { host: 'a.test', tls: { issuer, secret: 'wildcard' } });
// @ts-expect-error neither
way.publish(exposed, { host: 'a.test', tls: {} });
// @ts-expect-error an issuer's name is no issuer
way.publish(exposed, { host: 'a.test', tls: { issuer: 'site-ca' } });
// @ts-expect-error a Secret that is there lasts as long as it lasts
way.publish(exposed, { host: 'a.test', tls: { secret: 'wildcard', duration: '720h' } });
// @ts-expect-error TLS ends where a page is published, not at an entrance
way.open({ host: 'a.test', tls: { issuer } });
new CertificateIssuer(layer, 'i', { by: { ownCa: { commonName: 'CA' } }, scope: 'namespace' });
// @ts-expect-error one way to sign
new CertificateIssuer(layer, 'i', { by: { selfSigned: true, ca: { secret: 'a' } } });
// @ts-expect-error it signs somehow
new CertificateIssuer(layer, 'i', { by: {} });
// @ts-expect-error an issuer of a namespace says which
existingIssuer({ kind: 'Issuer', name: 'a' });

// Flux fetches one state of a source.
// @ts-expect-error a branch and a tag
gitRepository({ url: 'https://git.site.example/mesh', branch: 'main', tag: 'v1' });
// @ts-expect-error no state at all
gitRepository({ url: 'https://git.site.example/mesh' });
// @ts-expect-error an artifact has no branches
ociRepository({ url: 'oci://harbor.site.example/mesh', branch: 'main' });
// @ts-expect-error a HelmRepository holds charts, not manifests
new FluxDelivery(layer, 'flux', { source: { existing: { kind: 'HelmRepository', name: 'istio' } } });
// @ts-expect-error the Secret has no such key
new ExternalSecret(layer, 's', { store: { kind: 'SecretStore', name: 'a' }, keys: { token: { key: 'a' } } }).key('tokn');

// Agents send OTLP to a sink that needs no more than an address, and speak formats that there are.
const agents = new Instrumentation(layer, 'a', { exportTo: jaeger, mesh, propagators: ['b3multi'] });
new Instrumentation(layer, 'a', { exportTo: new TempoRelease(layer, 't') });
// @ts-expect-error zipkin is not OTLP
new Instrumentation(layer, 'a', { exportTo: zipkin });
// @ts-expect-error a vendor's key would stand in every pod: put a collector between
new Instrumentation(layer, 'a', { exportTo: vendor });
// @ts-expect-error no such format
new Instrumentation(layer, 'a', { exportTo: jaeger, propagators: ['w3c'] });
// @ts-expect-error nor is there any
new Instrumentation(layer, 'a', { exportTo: jaeger, propagators: [] });
// @ts-expect-error a share is said where one is asked for
new Instrumentation(layer, 'a', { exportTo: jaeger, sampler: { type: 'traceidratio' } });
// @ts-expect-error and only there
new Instrumentation(layer, 'a', { exportTo: jaeger, sampler: { type: 'always_on', percent: 5 } });
agents.annotations({ go: '/app/server' });
// @ts-expect-error for Go it must say which binary
agents.annotations('go');
// @ts-expect-error there is no agent for Ruby
agents.annotations('ruby');
// @ts-expect-error cert-manager's release, not its name
new OpenTelemetryOperator(layer, 'o', { webhookCertificate: { certManager: 'cert-manager' } });
// @ts-expect-error the chart decides the image
new TempoRelease(layer, 't', { image: 'grafana/tempo' });
new Kiali(layer, 'k', { mesh, metrics: prometheus, tracing: new TempoRelease(layer, 't') });
new Grafana(layer, 'g', { sources: [new TempoRelease(layer, 't')] });
// @ts-expect-error Tempo takes no SkyWalking, by its chart either
new Mesh(layer, 'm', { tracing: { to: new TempoRelease(layer, 't'), via: 'skywalking' } });

// Who installs Istio, and where its objects stand.
new Mesh(layer, 'm', { install: { by: 'helm', in: layer, dataplane: 'ambient' } });
new Mesh(layer, 'm', { install: { by: 'sail', in: layer, updateStrategy: 'RevisionBased' } });
// @ts-expect-error its releases need a layer
new Mesh(layer, 'm', { install: { by: 'helm' } });
// @ts-expect-error so do the operator's objects
new Mesh(layer, 'm', { install: { by: 'sail' } });
// @ts-expect-error istioctl puts nothing into a layer
new Mesh(layer, 'm', { install: { by: 'istioctl', in: layer } });
// @ts-expect-error the charts' profiles follow from the dataplane
new Mesh(layer, 'm', { install: { by: 'helm', in: layer, profile: 'ambient' } });
// @ts-expect-error only the operator replaces an istiod by a second one
new Mesh(layer, 'm', { install: { by: 'helm', in: layer, updateStrategy: 'RevisionBased' } });

// A gateway's Service has an address of one kind.
declare const ipOfPool: LoadBalancerAddress;
new GatewayRelease(layer, 'g', { mesh, address: ipOfPool, clientAddress: 'keep' });
new GatewayRelease(layer, 'g', { mesh, service: { type: 'NodePort', ports: { 80: 30080 } } });
// @ts-expect-error the release belongs to a mesh
new GatewayRelease(layer, 'g', {});
// @ts-expect-error nobody outside reaches it
new GatewayRelease(layer, 'g', { mesh, service: 'ClusterIP', address: ipOfPool });
// @ts-expect-error the nodes have addresses of their own
new GatewayRelease(layer, 'g', { mesh, service: { type: 'NodePort' }, address: ipOfPool });
// @ts-expect-error an address out of a pool, which says how a Service asks for it
new GatewayRelease(layer, 'g', { mesh, address: '10.34.124.115' });
new IstioGateway(layer, 'g', { pods: new GatewayRelease(layer, 'r', { mesh }).pods });

// What the Prometheus operator and Kiali's operator are handed.
declare const watched: KubePrometheusStack;
new KubePrometheusStack(layer, 'p', { access: { anonymous: 'Viewer' }, sources: [tempo, jaeger] });
new KialiResource(layer, 'k', { mesh, metrics: watched.prometheus, dashboards: watched.grafana, tracing: tempo });
new Tempo(layer, 't', { metricsGenerator: { to: watched.prometheus } });
// @ts-expect-error nobody says who gets in
new KubePrometheusStack(layer, 'p', {});
// @ts-expect-error a password stands in a Secret
new KubePrometheusStack(layer, 'p', { access: { adminPassword: 'prom-operator' } });
// @ts-expect-error Grafana has no data source for SkyWalking
new KubePrometheusStack(layer, 'p', { access: { anonymous: 'Viewer' }, sources: [oap] });
// @ts-expect-error a misspelt option
new KialiResource(layer, 'k', { mesh, metrics: watched.prometheus, grfana: {} });
// @ts-expect-error Kiali reads traces from Jaeger and Tempo only
new KialiResource(layer, 'k', { mesh, metrics: watched.prometheus, tracing: zipkin });
// @ts-expect-error a provider is named with its client
new KialiResource(layer, 'k', { mesh, metrics: watched.prometheus, auth: { openid: { issuerUrl: 'https://sso.test' } } });
// @ts-expect-error Kiali knows no such login
new KialiResource(layer, 'k', { mesh, metrics: watched.prometheus, auth: 'ldap' });
// @ts-expect-error nothing to watch
new Monitors(layer, 'm', { of: [] });
// @ts-expect-error Grafana's page is nothing that is scraped
new Monitors(layer, 'm', { of: [watched.grafana] });
// @ts-expect-error a rule alerts or records
new PrometheusRules(layer, 'r', { groups: [{ name: 'g', rules: [{ alert: 'A', record: 'a', expr: '1' }] }] });
// @ts-expect-error only an alert waits
new PrometheusRules(layer, 'r', { groups: [{ name: 'g', rules: [{ record: 'a', expr: '1', for: '5m' }] }] });
// @ts-expect-error a Service of type ClusterIP has no address outside
new GatewayApiGateway(layer, 'g', { mesh, serviceType: 'ClusterIP', address: { ip: '10.0.0.1', annotations: {} } });

// Addresses outside the cluster, and who listens there.
const pool = new AddressPool(layer, 'a', { addresses: ['10.0.0.1/32'] });
new L2Advertisement(layer, 'l', { pools: [pool] });
new LoadBalancerExposure(layer, 'l').publish(jaeger, { address: pool.address('10.0.0.1') });
new NginxIngress(layer, 'n', { install: { in: layer, hostAddress: '10.0.0.1' } });
new TraefikIngress(layer, 't', { install: { in: layer, address: ipOfPool } });
new TraefikIngress(layer, 't', { bundled: true });
// @ts-expect-error a pool of nothing
new AddressPool(layer, 'a', { addresses: [] });
// @ts-expect-error a pool is announced by itself, not by its name
new L2Advertisement(layer, 'l', { pools: ['ip-pool'] });
// @ts-expect-error nothing to announce
new L2Advertisement(layer, 'l', { pools: [] });
// @ts-expect-error an address out of a pool, which says how a Service asks for it
new LoadBalancerExposure(layer, 'l').publish(jaeger, { address: '10.0.0.1' });
// @ts-expect-error nobody says where hosts lead
new NginxIngress(layer, 'n', { install: { in: layer } });
// @ts-expect-error at the nodes' ports, or behind an address of its own
new NginxIngress(layer, 'n', { install: { in: layer, hostAddress: '10.0.0.1', address: ipOfPool } });
// @ts-expect-error brought by the platform, or installed here
new TraefikIngress(layer, 't', { bundled: true, install: { in: layer, hostAddress: '10.0.0.1' } });
// @ts-expect-error Traefik stays outside the mesh
new TraefikIngress(layer, 't', { install: { in: layer, hostAddress: '10.0.0.1', inMesh: mesh } });
// @ts-expect-error which controller it is, nobody says
new NginxIngress(layer, 'n', {});

// Logs go by a way of their own: Loki takes no spans, Tempo no logs, and a collector takes logs where it is told where they go.
declare const loki: Loki;
const collectsBoth = new Collector(layer, 'c', { exportTo: [tempo], logsTo: [loki] });
const collectsLogs = new LogCollector(layer, 'c', { logsTo: [loki, collectsBoth] });
new Mesh(layer, 'm', { tracing: { to: collectsBoth }, accessLog: { to: collectsBoth } });
new Mesh(layer, 'm', { accessLog: { to: collectsLogs, filter: 'response.code >= 400' } });
new Grafana(layer, 'g', { sources: [prometheus, tempo, loki, new LokiRelease(layer, 'l')] });
// @ts-expect-error Loki takes no spans
new Collector(layer, 'c', { exportTo: [loki] });
// @ts-expect-error Tempo takes no logs
new Collector(layer, 'c', { exportTo: [tempo], logsTo: [tempo] });
// @ts-expect-error nowhere
new Collector(layer, 'c', { exportTo: [tempo], logsTo: [] });
// @ts-expect-error spans have to go somewhere as well
new Collector(layer, 'c', { logsTo: [loki] });
// @ts-expect-error this collector takes no logs
new Mesh(layer, 'm', { accessLog: { to: new Collector(layer, 'c', { exportTo: [tempo] }) } });
// @ts-expect-error proxies send by gRPC, Loki takes HTTP: put a collector between
new Mesh(layer, 'm', { accessLog: { to: loki } });
// @ts-expect-error a collector for logs alone takes no spans
new Mesh(layer, 'm', { tracing: { to: collectsLogs } });
// @ts-expect-error a log goes to a file or to a collector
new Mesh(layer, 'm', { accessLog: { to: collectsLogs, path: '/dev/stdout' } });
// @ts-expect-error Loki stores no traces for Kiali
new Kiali(layer, 'k', { mesh, metrics: prometheus, tracing: loki });

// Alerts: a service is handed over, not spelt, and only what proxies measure can be promised.
alertsOf([...mesh.watched, ...jaeger.watched], { slos: [{ of: elastic, success: 99.5 }] });
new PrometheusRules(layer, 'r', { groups: alertsOf(mesh.watched) });
new Prometheus(layer, 'p', { scrape: [mesh], alerts: { objective: { faster: 'unpromised' } }, alertmanager: elastic });
// @ts-expect-error a service by its name
alertsOf(mesh.watched, { slos: [{ of: 'reviews', success: 99.5 }] });
// @ts-expect-error proxies count no limit of 300 ms
alertsOf(mesh.watched, { objective: { faster: { share: 99, thanMs: 300 } } });
// @ts-expect-error a mesh is no list of what is watched
alertsOf(mesh);
// @ts-expect-error an Alertmanager by its address
new Prometheus(layer, 'p', { alertmanager: 'alertmanager:9093' });
// @ts-expect-error rules without a group
new PrometheusRules(layer, 'r', { groups: [] });

// A query names metrics and labels of the catalogue.
quantile(0.99, 'istio_request_duration_milliseconds', { reporter: '="source"' }, ['destination_service', 'pod']);
rate('istio_request_bytes_sum', { response_code: '=~"5.."' }, ['source_app']);
rate('istio_request_bytes_bucket', {}, ['le']);
sum('otelcol_exporter_queue_size', { exporter: '="otlp"' }, ['data_type']);
// @ts-expect-error a metric that is misspelt
rate('istio_request_total', {});
// @ts-expect-error a label that is misspelt
requests({ destination_sevice: '="a"' });
// @ts-expect-error a label that the metric does not carry
requests({}, ['response_codes']);
// @ts-expect-error TCP has no response codes
rate('istio_tcp_sent_bytes_total', {}, ['response_code']);
// @ts-expect-error a gauge has no rate
rate('otelcol_exporter_queue_size', {});
// @ts-expect-error a counter has no quantiles
quantile(0.99, 'istio_requests_total', {});
// @ts-expect-error `le` is the buckets' alone
rate('istio_request_bytes_count', {}, ['le']);
// @ts-expect-error collectors have no such suffix
rate('otelcol_receiver_accepted_spans_total', {});

// Dashboards follow what is watched, and lead where something is.
dashboardsOf([...mesh.watched, { is: 'jaeger', namespace: 'a', name: 'jaeger' }], { kiali: 'https://kiali.test/kiali' });
new Grafana(layer, 'g', { sources: [prometheus], dashboards: (links) => dashboardsOf(mesh.watched, links) });
// @ts-expect-error a mesh is no list of what is watched
dashboardsOf(mesh);
// @ts-expect-error a kind of program that nobody has made a dashboard for
dashboardsOf([{ is: 'cassandra', namespace: 'a', name: 'c' }]);
// @ts-expect-error a program without its name
dashboardsOf([{ is: 'tempo', namespace: 'a' }]);
// @ts-expect-error Grafana reads no SkyWalking
dashboardsOf(mesh.watched, { traces: { uid: 'skywalking', type: 'skywalking' } });
// @ts-expect-error a title is no dashboard
new Grafana(layer, 'g', { sources: [prometheus], dashboards: ['Istio Mesh Dashboard'] });
