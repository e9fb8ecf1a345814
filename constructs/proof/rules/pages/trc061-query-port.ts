import { items, number } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { portTo, type Query, queriesOf, type Reached, reach } from './queries.ts';

export const queryPort: Rule = {
  code: 'TRC061',
  title: 'a page asks at a port that answers no queries',
  severity: 'error',
  run: (model) => queriesOf(model).flatMap((query) => portFault(model, query, reach(model, query)) ?? []),
  docs: {
    cause:
      'The URL of a Grafana data source, or of Kiali, ends in a port that takes spans (4317, 4318, 14268, 14250), speaks gRPC (16685, 9095) or serves another page (16686 for a Tempo). The connection opens, and every query fails. Where the Service is not in the input, the usual numbers are taken for what they usually are: a warning.',
    fix: 'Use the query port: 16686 for Jaeger (80 behind the addon’s Service `tracing`), 3200 for Tempo, 9411 for Zipkin.',
    example:
      'datasources:\n- {name: Tempo, type: tempo, url: "http://tempo.observability:4317"}   # takes spans; queries go to 3200',
  },
};

// What the usual ports of trace backends do.
const PORTS: ReadonlyMap<number, string> = new Map([
  [4317, 'takes spans (OTLP by gRPC)'],
  [4318, 'takes spans (OTLP by HTTP)'],
  [6831, 'takes spans (Jaeger’s compact Thrift)'],
  [6832, 'takes spans (Jaeger’s binary Thrift)'],
  [9095, 'speaks gRPC'],
  [9411, 'takes spans (Zipkin)'],
  [11800, 'takes SkyWalking’s segments'],
  [12800, 'takes SkyWalking’s own queries'],
  [13133, 'tells the health only'],
  [14250, 'takes spans (Jaeger’s gRPC)'],
  [14268, 'takes spans (Jaeger’s Thrift)'],
  [14269, 'tells the health only'],
  [16685, 'speaks gRPC'],
  [16686, 'is the page of Jaeger'],
]);
// Ports that may well be right for the API when nothing nearer is known.
const USUAL: ReadonlyMap<string, readonly number[]> = new Map([
  ['jaeger', [16686]],
  ['zipkin', [9411]],
  ['prometheus', [9095, 9411, 12800]],
  ['loki', [9095, 12800]],
]);

function portFault(model: Model, query: Query, reached: Reached | undefined): Fault | undefined {
  if (!reached || reached.prometheus) return undefined;
  const { program, query: api, containerPort, port, service } = reached;
  // Of another program altogether: TRC060.
  if (program && program.is !== query.api && (program.is !== 'skywalking' || query.api === 'jaeger')) return undefined;
  // Kiali's gRPC and HTTP mixed up: TRC073.
  const mixed = [api?.http ?? 16686, api?.grpc ?? 16685].includes(containerPort);
  if (query.by === 'kiali' && query.api === 'jaeger' && mixed) return undefined;
  const right = query.how === 'grpc' ? api?.grpc : api?.http;
  if (containerPort === right || (right === undefined && USUAL.get(query.api)?.includes(containerPort))) return undefined;
  const receiver = program?.receivers.find((one) => one.port === containerPort && one.protocol !== 'skywalking-http');
  const moved = movedFault(query, reached, right);
  if (moved && !receiver) return moved;
  const does = receiver ? `takes spans (${receiver.protocol})` : PORTS.get(containerPort);
  if (does === undefined) return undefined;
  const where = service ? `port ${port} of ${service.id}` : `port ${port}`;
  const better = program && portTo(model, program, right);
  return {
    at: query.at,
    ...(service ? {} : { severity: 'warning' as const }),
    message: `${query.what} asks for ${query.api} at ${where}, which ${does}`,
    hint: `use ${better ?? `the query port${right === undefined ? '' : `, ${right}`}`}`,
  };
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['jaeger', 'Jaeger'],
  ['tempo', 'Tempo'],
  ['zipkin', 'Zipkin'],
]);

/** The URL names the backend’s port, but the backend was told to listen at another: what leads to the old one is the Service. */
function movedFault(
  { what, api }: Query,
  { program, service, port, containerPort }: Reached,
  right: number | undefined,
): Fault | undefined {
  const name = NAMES.get(api);
  if (!program?.whole || !service || service.created || right === undefined || right === containerPort || name === undefined)
    return undefined;
  if (USUAL_PORT.get(api) !== containerPort) return undefined;
  const index = items(service.object.json, 'spec', 'ports').findIndex((one) => number(one, 'port') === port);
  return {
    at: spotOf(service.object, ['spec', 'ports', Math.max(index, 0), 'targetPort']),
    message: `${what} asks at port ${port} of ${service.id}, which leads to ${containerPort}, where ${name} does not listen`,
    hint: `set targetPort of port ${port} to ${right}`,
    // Zipkin takes spans and questions at one port.
    cause: api === 'zipkin' ? `zipkin into ${program.object.id}` : `query port of ${program.object.id}`,
  };
}

const USUAL_PORT: ReadonlyMap<string, number> = new Map([
  ['jaeger', 16686],
  ['tempo', 3200],
  ['zipkin', 9411],
]);
