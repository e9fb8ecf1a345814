/**
 * Wiring that must not compile. The type check of the test run reads this file; nothing runs it.
 */
import {
  Bookinfo,
  Collector,
  Endpoint,
  ExternalBackend,
  existingSink,
  Grafana,
  IstioGateway,
  Jaeger,
  Kiali,
  type Layer,
  Mesh,
  type Prometheus,
  SkyWalking,
  Telemetry,
  Tempo,
  TrafficGenerator,
  Zipkin,
} from '../constructs/index.ts';
import type { Entrance, Exposed, IngressPods, TraceSink, VersionedApp } from '../constructs/kit/index.ts';
import { canary, GrpcRoutes, HttpRoutes, split, TcpRoutes, TlsRoutes } from '../constructs/mesh/index.ts';

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
