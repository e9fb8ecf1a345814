/**
 * Wiring that must not compile. The type check of the test run reads this file; nothing runs it.
 */
import {
  Bookinfo,
  Endpoint,
  existingSink,
  Grafana,
  IstioGateway,
  type Jaeger,
  Kiali,
  type Layer,
  Mesh,
  type Prometheus,
  Telemetry,
  TrafficGenerator,
} from '../constructs/index.ts';
import type { Exposed, IngressPods, TraceSink } from '../constructs/kit/index.ts';

declare const layer: Layer;
declare const mesh: Mesh;
declare const jaeger: Jaeger;
declare const prometheus: Prometheus;
declare const exposed: Exposed;
declare const pods: IngressPods;
declare const skywalking: TraceSink<'skywalking'>;
declare const zipkinOnly: TraceSink<'zipkin'>;
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
