import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import * as crd from '../../../imports/opentelemetry.io.ts';
import {
  checkDnsLabel,
  type Endpoint,
  type EnvValue,
  type MeshLike,
  namespaceOf,
  type SinkOf,
  UserError,
} from '../../kit/index.ts';
import { checkPinned, envVar } from '../../kit/pod.ts';
import { type Propagator, propagatorsFor } from './propagators.ts';
import { type InstrumentationSampler, samplerOf } from './sampler.ts';

/** What the operator can put into a pod (operator 0.158); `sdk` sets the variables only, for a program that brings its own SDK. */
export type InstrumentedLanguage = 'java' | 'nodejs' | 'python' | 'dotnet' | 'apache-httpd' | 'sdk';

/** Options of {@link Instrumentation}. */
export interface InstrumentationProps {
  /** Where the programs send their spans. By HTTP when it takes both: what the agent of every language speaks. */
  readonly exportTo: SinkOf<'otlp-grpc' | 'otlp-http'>;
  /** The mesh that the programs run in: their spans then join those of its proxies. @default nothing is known of a mesh */
  readonly mesh?: MeshLike;
  /** How programs hand a trace on. @default what the mesh's proxies speak (W3C, or B3 for zipkin), and baggage */
  readonly propagators?: readonly [Propagator, ...Propagator[]];
  /** Which traces the programs begin. @default { type: 'parentbased_always_on' }: as whoever called decided, and all that nobody did */
  readonly sampler?: InstrumentationSampler;
  /** Environment variables of every program; `OTEL_METRICS_EXPORTER` and `OTEL_LOGS_EXPORTER` are `none` unless they are given. @default none more */
  readonly env?: Readonly<Record<string, EnvValue>>;
  /** The images of the agents, with their tags: '.../autoinstrumentation-java:2.20.1'. @default the operator's own */
  readonly images?: { readonly [L in Exclude<InstrumentedLanguage, 'sdk'> | 'go']?: string };
  /** The resource's name. A DNS label. @default the construct's id */
  readonly name?: string;
}

/**
 * How the OpenTelemetry operator instruments programs that know nothing of tracing (opentelemetry.io/v1alpha1): with which agent, where
 * the spans go, and in which headers a trace is handed on. A pod asks for it by {@link annotations}.
 *
 * Proxies see requests alone; an agent sees inside the program, and forwards the headers by itself. Pods are instrumented when they are
 * made, so the resource stands in a layer before theirs.
 *
 * @example
 * const instrumentation = new Instrumentation(otel, 'agents', { exportTo: collector, mesh: istio });
 * new Workload(apps, 'shop', { ..., podAnnotations: instrumentation.annotations('python') });
 */
export class Instrumentation extends Construct {
  /** The object's name. */
  readonly name: string;
  /** Where it stands; pods of every namespace may ask for it. */
  readonly namespace: string;
  /** The Instrumentation object, for JSON patches. */
  readonly object: ApiObject;
  private readonly protocol: 'otlp-grpc' | 'otlp-http';

  /** @throws UserError when the propagators contradict each other or the mesh's tracer, a value is out of range, or the sink takes no OTLP */
  constructor(scope: Construct, id: string, props: InstrumentationProps) {
    super(scope, id);
    const { exportTo, mesh, env = {}, images = {} } = props;
    const where = this.node.path;
    this.name = props.name ?? id;
    this.namespace = namespaceOf(this);
    checkDnsLabel(this.name, `name of instrumentation '${where}'`);
    const to = otlpReceiver(exportTo, where);
    this.protocol = to.protocol;
    this.object = new crd.Instrumentation(this, 'instrumentation', {
      metadata: { name: this.name, namespace: this.namespace },
      spec: {
        exporter: { endpoint: baseUrl(to, where) },
        propagators: propagatorsFor(props.propagators, mesh, where).map((one) => propagators[one]),
        sampler: samplerOf(props.sampler, where),
        env: Object.entries({ ...exporterEnv(to.protocol), ...env }).map(([key, value]) => envVar(key, value, where)),
        ...agents(images, where),
      },
    });
  }

  /**
   * What a pod says to be instrumented, in whichever namespace it stands.
   *
   * @param language the program's; for Go the path of its binary, `{ go: '/app/server' }`, and the operator must be told to instrument Go
   * @param container the container it runs in, by name. @default the pod's first
   * @throws UserError when the language's agent does not speak the protocol of the sink
   */
  annotations(language: InstrumentedLanguage | { readonly go: string }, container?: string): Readonly<Record<string, string>> {
    // Docs of the operator, automatic instrumentation, Python: no gRPC.
    if (language === 'python' && this.protocol === 'otlp-grpc') {
      throw new UserError(
        `instrumentation '${this.node.path}' sends by otlp-grpc, which the agent for python does not speak: export to a sink that takes otlp-http`,
      );
    }
    const group = 'instrumentation.opentelemetry.io';
    const one = `${this.namespace}/${this.name}`;
    return {
      ...(typeof language === 'string'
        ? { [`${group}/inject-${language}`]: one }
        : { [`${group}/inject-go`]: one, [`${group}/otel-go-auto-target-exe`]: language.go }),
      ...(container === undefined ? {} : { [`${group}/container-names`]: container }),
    };
  }
}

const propagators: Readonly<Record<Propagator, crd.InstrumentationSpecPropagators>> = {
  tracecontext: crd.InstrumentationSpecPropagators.TRACECONTEXT,
  baggage: crd.InstrumentationSpecPropagators.BAGGAGE,
  b3: crd.InstrumentationSpecPropagators.B3,
  b3multi: crd.InstrumentationSpecPropagators.B3MULTI,
  jaeger: crd.InstrumentationSpecPropagators.JAEGER,
  xray: crd.InstrumentationSpecPropagators.XRAY,
  ottrace: crd.InstrumentationSpecPropagators.OTTRACE,
  none: crd.InstrumentationSpecPropagators.NONE,
};

function otlpReceiver(sink: SinkOf<'otlp-grpc' | 'otlp-http'>, where: string): Endpoint<'otlp-grpc' | 'otlp-http'> {
  // SinkOf promises one of the two, and `accepts` says which.
  const offered: { readonly accepts: readonly string[]; receiver(protocol: string): Endpoint<'otlp-grpc' | 'otlp-http'> } = sink;
  const protocol = (['otlp-http', 'otlp-grpc'] as const).find((one) => offered.accepts.includes(one));
  if (protocol) return offered.receiver(protocol);
  throw new UserError(
    `exportTo of '${where}' takes ${offered.accepts.join(', ')}: allowed is a sink of otlp-http or otlp-grpc; put a collector before it`,
  );
}

/** OTEL_EXPORTER_OTLP_ENDPOINT: the SDK appends the path of the signal by HTTP, and reads no path by gRPC. */
function baseUrl(to: Endpoint<'otlp-grpc' | 'otlp-http'>, where: string): string {
  const tracesPath = '/v1/traces';
  if (to.path === '') return to.url;
  if (to.protocol === 'otlp-http' && to.path.endsWith(tracesPath)) return to.url.slice(0, -tracesPath.length);
  throw new UserError(
    `exportTo of '${where}' takes ${to.protocol} at ${to.url}: an agent can only be told a path that ends in ${tracesPath}, by HTTP; put a collector before it`,
  );
}

/** The agents' own protocol differs from language to language; a sink of spans takes nothing else, and each refusal is an error in the program's log. */
function exporterEnv(protocol: 'otlp-grpc' | 'otlp-http'): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol === 'otlp-grpc' ? 'grpc' : 'http/protobuf',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  };
}

function agents(images: NonNullable<InstrumentationProps['images']>, where: string) {
  for (const image of Object.values(images)) checkPinned(image, where);
  const { 'apache-httpd': apache, java, nodejs, python, dotnet, go } = images;
  return {
    ...(java === undefined ? {} : { java: { image: java } }),
    ...(nodejs === undefined ? {} : { nodejs: { image: nodejs } }),
    ...(python === undefined ? {} : { python: { image: python } }),
    ...(dotnet === undefined ? {} : { dotnet: { image: dotnet } }),
    ...(go === undefined ? {} : { go: { image: go } }),
    ...(apache === undefined ? {} : { apacheHttpd: { image: apache } }),
  };
}
