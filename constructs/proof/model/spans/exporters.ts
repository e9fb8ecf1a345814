import type { Json } from '../../../kit/json.ts';
import { at, fields, items, number, text } from '../../json-path.ts';
import type { Path, Spot } from '../../types.ts';
import { addressOf } from '../pages/backends.ts';
import type { Component, Pipelines } from './components.ts';
import { filledIn } from './receivers.ts';

/** One place that a program sends spans to. */
export interface Exporter {
  readonly id: string;
  /** The component's type under its current name: `otlp_grpc`, `debug`. */
  readonly type: string;
  /** As kit's TraceProtocol spells it; the component's type for others. */
  readonly protocol: string;
  /** Host and port; undefined where it cannot be known (variables) or there is none (debug). */
  readonly to: { readonly host: string; readonly port: number } | undefined;
  /** The path of its URL, where it is stated: `/api/v2/spans`. */
  readonly path: string | undefined;
  readonly tls: 'plain' | 'tls' | 'unknown';
  readonly at: Spot;
}

// Exporters that send spans to an address in their configuration (collector 0.159).
const PROTOCOLS: ReadonlyMap<string, string> = new Map([
  ['otlp_grpc', 'otlp-grpc'],
  ['otlp_http', 'otlp-http'],
  ['zipkin', 'zipkin'],
  ['jaeger', 'jaeger-grpc'],
  ['jaeger_thrift', 'jaeger-thrift-http'],
]);

/** The exporters of a collector's configuration. One with several addresses (load_balancing) is several. */
export function exportersOf({ components }: Pipelines, variable: (name: string) => string | undefined): Exporter[] {
  return [...components.exporters.values()].flatMap((component) => {
    if (component.type === 'load_balancing') return loadBalancing(component, variable);
    const path = endpointPath(component);
    const stated = text(component.value, ...path);
    const url = stated === undefined ? undefined : filledIn(stated, variable);
    return [exporter(component, PROTOCOLS.get(component.type) ?? component.type, url, path)];
  });
}

function endpointPath({ type, value }: Component): Path {
  return type === 'otlp_http' && text(value, 'traces_endpoint') !== undefined ? ['traces_endpoint'] : ['endpoint'];
}

function exporter({ id, type, value, spot }: Component, protocol: string, url: string | undefined, path: Path): Exporter {
  const usual = USUAL.get(protocol);
  const known = url !== undefined && usual !== undefined ? destination(url, usual) : undefined;
  const urlPath = url === undefined ? undefined : /^[a-z]+:\/\/[^/]*(\/[^?#]*)/i.exec(url)?.[1];
  const tls = url === undefined ? 'unknown' : tlsOf(url, at(value, 'tls'), protocol);
  return { id, type, protocol, to: known, path: urlPath, tls, at: url === undefined ? spot([]) : spot(path) };
}

// The port of an endpoint that states none; a gRPC target without a port means 443.
const USUAL: ReadonlyMap<string, number> = new Map([
  ['otlp-grpc', 443],
  ['otlp-http', 80],
  ['zipkin', 80],
  ['jaeger-grpc', 443],
  ['jaeger-thrift-http', 80],
]);

/** Host and port of an endpoint; gRPC's name resolvers (`dns:///host:port`) are taken off. */
function destination(url: string, usual: number): Exporter['to'] {
  const plain = url.replace(/^(dns|passthrough):\/\/[^/]*\//, '');
  const address = addressOf(plain);
  if (!address) return undefined;
  return /:\d+(?:[/?#]|$)/.test(plain) || plain.includes('://') ? address : { host: address.host, port: usual };
}

function tlsOf(url: string, tls: Json | undefined, protocol: string): Exporter['tls'] {
  if (/^https:/i.test(url)) return 'tls';
  if (/^http:/i.test(url)) return 'plain';
  if (!protocol.endsWith('-grpc')) return 'unknown';
  const insecure = at(tls, 'insecure');
  return insecure === true ? 'plain' : typeof insecure === 'string' ? 'unknown' : 'tls';
}

/** One exporter for each host of a load balancer's resolver; all of them speak OTLP gRPC (contrib 0.159). */
function loadBalancing({ id, type, value, spot }: Component, variable: (name: string) => string | undefined): Exporter[] {
  const insecure = at(value, 'protocol', 'otlp', 'tls', 'insecure');
  const tls = insecure === true ? 'plain' : typeof insecure === 'string' ? 'unknown' : 'tls';
  const make = (stated: string | undefined, port: number, path: Path): Exporter[] => {
    if (stated === undefined) return [];
    const address = addressOf(filledIn(stated, variable));
    const to = address && { host: address.host, port: /:\d+$/.test(stated) ? address.port : port };
    return [{ id, type, protocol: 'otlp-grpc', to, path: undefined, tls, at: spot(path) }];
  };
  const resolver = fields(value, 'resolver');
  const found = [
    ...items(resolver, 'static', 'hostnames').flatMap((host, i) =>
      typeof host === 'string' ? make(host, 4317, ['resolver', 'static', 'hostnames', i]) : [],
    ),
    ...make(text(resolver, 'dns', 'hostname'), number(resolver, 'dns', 'port') ?? 4317, ['resolver', 'dns', 'hostname']),
    ...make(text(resolver, 'k8s', 'service'), number(resolver, 'k8s', 'ports', 0) ?? 4317, ['resolver', 'k8s', 'service']),
  ];
  if (found.length > 0) return found;
  return [{ id, type, protocol: 'otlp-grpc', to: undefined, path: undefined, tls: 'unknown', at: spot([]) }];
}
