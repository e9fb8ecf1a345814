import { isObject, type Json, type JsonObject } from '../../../constructs/kit/json.ts';
import type { propagations } from './propagation.ts';
import type { SpanProtocol } from './spans.ts';

/** Where the proxies of a mesh send their spans, and how. */
export interface ProxyTracer {
  readonly propagation: keyof typeof propagations;
  /** Undefined: a protocol that nothing on this machine speaks; what it does to headers can still be tried. */
  readonly protocol: SpanProtocol | undefined;
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** The tracer that a mesh config gives to proxies by default: the first default provider, else the legacy zipkin address. */
export function proxyTracer(mesh: JsonObject): ProxyTracer | undefined {
  const defaults = isObject(mesh.defaultProviders) ? mesh.defaultProviders.tracing : undefined;
  const name = Array.isArray(defaults) ? defaults[0] : undefined;
  const providers = Array.isArray(mesh.extensionProviders) ? mesh.extensionProviders.filter(isObject) : [];
  const provider = providers.find((one) => one.name === name);
  if (!provider) return legacy(mesh);
  const { opentelemetry, zipkin, skywalking, datadog } = provider;
  if (isObject(opentelemetry)) {
    const http = isObject(opentelemetry.http) ? opentelemetry.http : undefined;
    return http
      ? { ...place(opentelemetry), propagation: 'opentelemetry', protocol: 'otlp-http', path: String(http.path) }
      : { ...place(opentelemetry), propagation: 'opentelemetry', protocol: 'otlp-grpc', path: '' };
  }
  if (isObject(zipkin))
    return { ...place(zipkin), propagation: 'zipkin', protocol: 'zipkin', path: text(zipkin.path) ?? '/api/v2/spans' };
  if (isObject(skywalking)) return { ...place(skywalking), propagation: 'skywalking', protocol: undefined, path: '' };
  if (isObject(datadog)) return { ...place(datadog), propagation: 'datadog', protocol: undefined, path: '' };
  return undefined;
}

function legacy({ defaultConfig }: JsonObject): ProxyTracer | undefined {
  const tracing = isObject(defaultConfig) && isObject(defaultConfig.tracing) ? defaultConfig.tracing : {};
  const address = isObject(tracing.zipkin) ? text(tracing.zipkin.address) : undefined;
  const [host = '', port] = address?.split(':') ?? [];
  return address === undefined
    ? undefined
    : { host, port: Number(port), propagation: 'zipkin', protocol: 'zipkin', path: '/api/v2/spans' };
}

function place({ service, port }: JsonObject): { host: string; port: number } {
  // The service may be written as NAMESPACE/HOST.
  return { host: String(service).split('/').at(-1) ?? '', port: Number(port) };
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
