/** A program of a stack with a Service before it. */
export interface Part {
  /** Name of the Service. */
  readonly name: string;
  readonly namespace: string;
  /** Name of the Service's port. */
  readonly portName: string;
  readonly port: number;
  /** Name of the Deployment, and its pods' label `app`. */
  readonly app: string;
  /** Construct path, without the stack: what all its objects have in common. */
  readonly at: string;
}

/** What the tables need to know of a stack. */
export interface Stack {
  /** Its folder under dist/. */
  readonly name: string;
  /** Layer and namespace of what people look at. */
  readonly layer: string;
  readonly home: string;
  /** The tracing provider of the mesh config. */
  readonly provider: { readonly name: string; readonly type: 'opentelemetry' | 'zipkin' | 'skywalking' };
  /** What the proxies send their spans to. */
  readonly sink: Part;
  /** Where the traces are kept: the sink, without a collector. */
  readonly backend: Part;
  /** What Kiali and the pages show: data source of the traces, undefined for SkyWalking. */
  readonly source: { readonly uid: string; readonly type: string } | undefined;
  /** Whether Kiali, Prometheus and the traces are published at the gateway. */
  readonly pages: readonly ('grafana' | 'kiali' | 'prometheus' | 'tracing')[];
}

const jaegerSink: Part = {
  name: 'jaeger-collector',
  namespace: 'istio-system',
  portName: 'grpc-otlp',
  port: 4317,
  app: 'jaeger',
  at: 'addons/jaeger',
};

export const jaeger: Stack = {
  name: 'jaeger',
  layer: 'addons',
  home: 'istio-system',
  provider: { name: 'otel', type: 'opentelemetry' },
  sink: jaegerSink,
  backend: jaegerSink,
  source: { uid: 'jaeger', type: 'jaeger' },
  pages: ['grafana', 'kiali', 'prometheus', 'tracing'],
};

/** The way of Istio before Telemetry: the address of the tracer in every proxy's bootstrap. */
export const jaegerLegacy: Omit<Stack, 'provider' | 'source'> = {
  name: 'jaeger-legacy',
  layer: 'addons',
  home: 'istio-system',
  sink: { ...jaegerSink, portName: 'http-zipkin', port: 9411 },
  backend: jaegerSink,
  pages: ['tracing'],
};

const zipkinSink: Part = {
  name: 'zipkin',
  namespace: 'istio-system',
  portName: 'http-zipkin',
  port: 9411,
  app: 'zipkin',
  at: 'addons/zipkin',
};

export const zipkin: Stack = {
  name: 'zipkin',
  layer: 'addons',
  home: 'istio-system',
  provider: { name: 'zipkin', type: 'zipkin' },
  sink: zipkinSink,
  backend: zipkinSink,
  source: { uid: 'zipkin', type: 'zipkin' },
  pages: ['grafana', 'kiali', 'prometheus', 'tracing'],
};

const oap: Part = {
  name: 'tracing',
  namespace: 'istio-system',
  portName: 'grpc',
  port: 11800,
  app: 'skywalking-oap',
  at: 'addons/skywalking/oap',
};

export const skywalking: Stack = {
  name: 'skywalking',
  layer: 'addons',
  home: 'istio-system',
  provider: { name: 'skywalking', type: 'skywalking' },
  sink: oap,
  backend: oap,
  source: undefined,
  pages: ['grafana', 'kiali', 'prometheus', 'tracing'],
};

const tempoPart: Part = {
  name: 'tempo',
  namespace: 'observability',
  portName: 'grpc-otlp',
  port: 4317,
  app: 'tempo',
  at: 'observability/tempo',
};

export const tempo: Stack = {
  name: 'tempo',
  layer: 'observability',
  home: 'observability',
  provider: { name: 'otel', type: 'opentelemetry' },
  sink: {
    name: 'otel-collector',
    namespace: 'observability',
    portName: 'grpc-otlp',
    port: 4317,
    app: 'otel-collector',
    at: 'observability/collector',
  },
  backend: tempoPart,
  source: { uid: 'tempo', type: 'tempo' },
  pages: ['grafana', 'kiali', 'prometheus'],
};

/** The sink is what the OpenTelemetry operator makes of the OpenTelemetryCollector `otel`. */
export const tempoOperator: Stack = {
  name: 'tempo-operator',
  layer: 'observability',
  home: 'observability',
  provider: { name: 'zipkin', type: 'zipkin' },
  sink: { name: 'otel-collector', namespace: 'otel-system', portName: 'zipkin', port: 9411, app: 'otel', at: 'otel/otel' },
  backend: tempoPart,
  source: { uid: 'tempo', type: 'tempo' },
  pages: ['grafana'],
};

/** Where the tours of traffic are; its variants are broken one by one. */
export const traffic: Stack = { ...jaeger, name: 'traffic', pages: ['grafana', 'kiali', 'tracing'] };
