import { type AppProtocol, isObject, type JsonObject } from '../../kit/index.ts';
import type { Components } from './config.ts';

/** What a collector can take (collector 0.159: receivers otlp, zipkin, jaeger, skywalking). */
export type CollectorReceives =
  | 'otlp-grpc'
  | 'otlp-http'
  | 'zipkin'
  | 'jaeger-grpc'
  | 'jaeger-thrift-http'
  | 'jaeger-thrift-compact'
  | 'jaeger-thrift-binary'
  | 'skywalking';

/** One port that a collector listens at for one protocol. */
export interface ReceiverPort {
  readonly port: number;
  /** The Service's port name; the protocol is said by `appProtocol` besides. */
  readonly name: string;
  /** How the operator names it: RECEIVER-PROTOCOL, `port-N` where that has more than 15 characters (operator 0.158). */
  readonly operatorName: string;
  readonly appProtocol: AppProtocol;
  /** Where senders post to. */
  readonly path: string;
  /** The receiver's type, and its protocol where it has several. */
  readonly receiver: string;
  readonly protocol?: string;
}

/** The ports that everybody expects: collector 0.159's defaults. */
export const receiverPorts: { readonly [P in CollectorReceives]: ReceiverPort } = {
  'otlp-grpc': grpc('otlp', 4317, { name: 'grpc-otlp', operatorName: 'otlp-grpc' }),
  'otlp-http': http('otlp', 4318, { name: 'http-otlp', operatorName: 'otlp-http', path: '/v1/traces', protocol: 'http' }),
  zipkin: http('zipkin', 9411, { name: 'http-zipkin', operatorName: 'zipkin', path: '/api/v2/spans' }),
  'jaeger-grpc': grpc('jaeger', 14250, { name: 'grpc-jaeger', operatorName: 'jaeger-grpc' }),
  'jaeger-thrift-http': http('jaeger', 14268, {
    name: 'http-thrift',
    operatorName: 'port-14268',
    path: '/api/traces',
    protocol: 'thrift_http',
  }),
  'jaeger-thrift-compact': udp('jaeger', 6831, { name: 'udp-compact', operatorName: 'port-6831', protocol: 'thrift_compact' }),
  'jaeger-thrift-binary': udp('jaeger', 6832, { name: 'udp-binary', operatorName: 'port-6832', protocol: 'thrift_binary' }),
  skywalking: grpc('skywalking', 11800, { name: 'grpc-skywalking', operatorName: 'skywalking-grpc' }),
};

type Names = Pick<ReceiverPort, 'name' | 'operatorName'>;

function grpc(receiver: string, port: number, names: Names): ReceiverPort {
  return { receiver, port, ...names, protocol: 'grpc', appProtocol: 'grpc', path: '' };
}

function http(
  receiver: string,
  port: number,
  names: Names & { readonly path: string; readonly protocol?: string },
): ReceiverPort {
  return { receiver, port, ...names, appProtocol: 'http' };
}

function udp(receiver: string, port: number, names: Names & { readonly protocol: string }): ReceiverPort {
  return { receiver, port, ...names, appProtocol: 'udp', path: '' };
}

/** The receivers that listen for the protocols: one per type, with all of its protocols. */
export function receivers(protocols: readonly CollectorReceives[]): Components {
  const made: Record<string, JsonObject> = {};
  for (const { receiver, protocol, port } of protocols.map((p) => receiverPorts[p])) {
    // Without a host a receiver listens on localhost only (since 0.104), and every span is lost.
    const at = { endpoint: `0.0.0.0:${port}` };
    const others = made[receiver]?.protocols;
    made[receiver] = protocol === undefined ? at : { protocols: { ...(isObject(others) ? others : {}), [protocol]: at } };
  }
  return made;
}
