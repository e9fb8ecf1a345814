import { Construct } from 'constructs';
import type { Exposed, Page, Published, TraceSink } from '../kit/capabilities.ts';
import type { MeshService } from '../kit/service.ts';
import { UserError } from '../kit/user-error.ts';
import { repositories, versions } from '../kit/versions.ts';
import { Workload } from '../kit/workload.ts';

/** Options of {@link HotRod}. */
export interface HotRodProps {
  /** Who takes its spans: a collector or a backend. It speaks OTLP by HTTP and nothing else (Jaeger 2.20, examples/hotrod). */
  readonly exportTo: TraceSink<'otlp-http'>;
  /** Where Jaeger's page was published: its own page then links each ride to its trace. @default links to Jaeger at localhost:16686 */
  readonly jaeger?: Exposed;
  /** Its `app` label and the name of its Service; names the exposure's objects too. A DNS label. @default 'hotrod' */
  readonly name?: string;
  /** The image's tag: Jaeger's version. @default the catalog's */
  readonly version?: string;
}

/**
 * Jaeger's demo "Hot R.O.D.": an app that makes its own spans with OpenTelemetry. Its four services (frontend, customer, driver, route)
 * run in one pod and ask each other there, so the mesh sees the frontend's requests only.
 */
export class HotRod extends Construct implements Published {
  readonly workload: Workload;
  readonly page: Page;

  /** @throws UserError when the name is no DNS label, or the sink takes traces at a path of its own */
  constructor(scope: Construct, id: string, props: HotRodProps) {
    super(scope, id);
    const { exportTo, jaeger, name = 'hotrod', version = versions.hotrod } = props;
    this.workload = new Workload(this, 'workload', {
      name,
      version,
      image: `${repositories.hotrod}:${version}`,
      user: 1000,
      args: ['all', ...(jaeger ? ['--jaeger-ui', jaeger.url.replace(/\/$/, '')] : [])],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlpBase(exportTo, this.node.path) },
      ports: [
        { name: 'frontend', port: 8080 },
        { name: 'customer', port: 8081 },
        { name: 'driver', port: 8082 },
        { name: 'route', port: 8083 },
      ],
      service: [
        { name: 'frontend', port: 8080, appProtocol: 'http' },
        { name: 'customer', port: 8081, appProtocol: 'http' },
        { name: 'driver', port: 8082, appProtocol: 'grpc' },
        { name: 'route', port: 8083, appProtocol: 'http' },
      ],
      readiness: { get: '/', port: 8080, period: 5 },
      liveness: { get: '/', port: 8080 },
      // 100 MB, as the tutorials give it, do not last.
      resources: { cpu: '50m', memory: '128Mi', memoryLimit: '512Mi' },
    });
    this.page = { name, endpoint: this.service.endpoint('frontend', 'http'), path: '/', sidecar: 'by-namespace' };
  }

  /** Where routes send requests to. */
  get service(): MeshService {
    return this.workload.service;
  }
}

/** OpenTelemetry's SDKs put `/v1/traces` behind this variable's value (its specification, protocol/exporter). */
function otlpBase(sink: TraceSink<'otlp-http'>, where: string): string {
  const { url, path } = sink.receiver('otlp-http');
  if (path !== '' && !path.endsWith('/v1/traces')) {
    throw new UserError(
      `'${where}' cannot send its spans to ${url}: it adds /v1/traces to every address; put a Collector between them`,
    );
  }
  return url.replace(/\/v1\/traces$/, '');
}
