import { isObject, type Json } from '../../../kit/json.ts';
import { at, fields, text } from '../../json-path.ts';
import type { Path, Spot } from '../../types.ts';
import { isOpen, typeOf } from './components.ts';

/** One protocol that a program takes spans by. */
export interface Receiver {
  /** The component: `otlp`, `zipkin/front`. */
  readonly id: string;
  /** As kit's TraceProtocol spells it: `otlp-grpc`, `zipkin`, ...; the component's type for others. */
  readonly protocol: string;
  readonly port: number;
  /** Whether only its own pod can reach it. */
  readonly localOnly: boolean;
  /** Whether the address is stated; if not, `localOnly` comes from the program's default. */
  readonly stated: boolean;
  /** Whether it wants TLS. */
  readonly tls: boolean;
  /** The pipelines that read it; for a program without pipelines: undefined. */
  readonly pipelines: readonly string[] | undefined;
  readonly at: Spot;
}

/** What a program does with addresses that its configuration leaves out or fills in late. */
export interface Listening {
  /** Whether a receiver without an address listens on localhost only. */
  readonly localByDefault: boolean;
  /** The value of a variable; undefined when it is not known. */
  variable(name: string): string | undefined;
}

// Protocols and default ports of receivers with several (collector 0.159, Tempo 3.0, Jaeger 2.20; SkyWalking's of contrib).
const PROTOCOLS: ReadonlyMap<string, ReadonlyMap<string, readonly [protocol: string, port: number]>> = new Map<
  string,
  ReadonlyMap<string, readonly [string, number]>
>([
  [
    'otlp',
    new Map([
      ['grpc', ['otlp-grpc', 4317]],
      ['http', ['otlp-http', 4318]],
    ]),
  ],
  [
    'jaeger',
    new Map([
      ['grpc', ['jaeger-grpc', 14250]],
      ['thrift_http', ['jaeger-thrift-http', 14268]],
      ['thrift_compact', ['jaeger-thrift-compact', 6831]],
      ['thrift_binary', ['jaeger-thrift-binary', 6832]],
    ]),
  ],
  [
    'skywalking',
    new Map([
      ['grpc', ['skywalking', 11800]],
      ['http', ['skywalking-http', 12800]],
    ]),
  ],
]);
const SINGLE: ReadonlyMap<string, number> = new Map([
  ['zipkin', 9411],
  ['opencensus', 55678],
  ['datadog', 8126],
]);

/** The span receivers in a `receivers` map, as collectors, Jaeger and Tempo spell it. Receivers of other kinds, and such whose port is not known, are left out. */
export function receiversOf(
  receivers: Json | undefined,
  listening: Listening,
  pipelines: (id: string) => readonly string[] | undefined,
  spot: (path: Path) => Spot,
): Receiver[] {
  return Object.entries(fields(receivers)).flatMap(([id, value]) => {
    const type = typeOf(id);
    const add = (protocol: string, usual: number | undefined, settings: Json | undefined, path: Path): Receiver[] => {
      const address = listenAddress(settings, usual, listening);
      const tls = isObject(at(settings, 'tls'));
      return address === undefined ? [] : [{ id, protocol, ...address, tls, pipelines: pipelines(id), at: spot(path) }];
    };
    const several = PROTOCOLS.get(type);
    if (!several) return add(type, SINGLE.get(type), value, endpointPath(value, [id]));
    return Object.entries(fields(value, 'protocols')).flatMap(([key, settings]) => {
      const [protocol, port] = several.get(key) ?? [];
      if (protocol === undefined || settings === false) return [];
      return add(protocol, port, settings, endpointPath(settings, [id, 'protocols', key]));
    });
  });
}

function endpointPath(settings: Json | undefined, path: Path): Path {
  return text(settings, 'endpoint') === undefined ? path : [...path, 'endpoint'];
}

function listenAddress(
  settings: Json | undefined,
  usual: number | undefined,
  { localByDefault, variable }: Listening,
): { port: number; localOnly: boolean; stated: boolean } | undefined {
  const written = isObject(settings) ? at(settings, 'endpoint') : undefined;
  if (typeof written !== 'string' || written === '')
    return usual === undefined ? undefined : { port: usual, localOnly: localByDefault, stated: false };
  const endpoint = filledIn(written, variable);
  const [, host = '', port] = /^(.*?):(\d+)$/.exec(endpoint) ?? [];
  if (port === undefined) return undefined;
  return { port: Number(port), localOnly: /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host), stated: true };
}

/** A text with its variables filled in, as collectors do it: `${env:NAME}`, `${NAME}`, `${env:NAME:-default}`. What is not known stays. */
export function filledIn(value: string, variable: (name: string) => string | undefined): string {
  if (!isOpen(value)) return value;
  return value.replace(/\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g, (whole, name: string, otherwise?: string) => {
    return variable(name) ?? otherwise ?? whole;
  });
}
