import { type Endpoint, type ExporterSettings, type ExternalSink, type SecretKey, type Trust, UserError } from '../kit/index.ts';
import { refuse } from './sink.ts';

/** What a vendor's endpoint speaks. */
export type ExternalProtocol = 'otlp-grpc' | 'otlp-http';

/** Options of an {@link ExternalBackend}. */
export type ExternalBackendProps<P extends ExternalProtocol> = {
  /**
   * The vendor's address, with `tls: true`. For otlp-http the path is that of traces; '/v1/traces' when it has none.
   * @example Endpoint.external({ protocol: 'otlp-grpc', host: 'otlp.vendor.example', port: 443, tls: true })
   */
  readonly endpoint: Endpoint<P>;
  /** Header name to where its value lies, in the collector's namespace: `{ 'api-key': { secret: 'vendor', key: 'token' } }`. @default none */
  readonly headers?: Readonly<Record<string, SecretKey>>;
} & (
  | {
      /** Whose certificates are trusted. @default the public CAs */
      readonly tls?: Trust;
      readonly plaintext?: never;
    }
  | {
      /** Spans and headers go without TLS: everybody on the way can read them. */
      readonly plaintext: true;
      readonly tls?: never;
    }
);

/**
 * A vendor's OTLP endpoint, or any other outside the cluster that wants a header or TLS.
 *
 * Only a collector exports to it: a proxy cannot take a header's value from a Secret, so `Mesh` takes none. It has no object of its own.
 *
 * @example new Collector(layer, 'collector', { exportTo: [new ExternalBackend({ endpoint, headers })] })
 */
export class ExternalBackend<P extends ExternalProtocol> implements ExternalSink<P> {
  readonly accepts: readonly [P];
  readonly exporter: ExporterSettings;
  private readonly endpoint: Endpoint<P>;

  /** @throws UserError when the endpoint is not reached by TLS and `plaintext` does not say so, or a header's name is none */
  constructor(props: ExternalBackendProps<P>) {
    const { endpoint, headers, tls, plaintext } = props;
    const { protocol, authority } = endpoint;
    if (!endpoint.tls && !plaintext) {
      throw new UserError(
        `external backend ${authority} is not reached by TLS: say tls: true in its endpoint, or plaintext: true here`,
      );
    }
    if (endpoint.tls && plaintext) {
      throw new UserError(`external backend ${authority} is reached by TLS and said to be plaintext: leave out one of them`);
    }
    if (protocol === 'otlp-grpc' && endpoint.path !== '') {
      throw new UserError(
        `external backend ${authority} has the path ${endpoint.path}: gRPC has none, leave it out or speak otlp-http`,
      );
    }
    checkHeaders(Object.keys(headers ?? {}), authority);
    this.accepts = [protocol];
    this.endpoint = protocol === 'otlp-http' && endpoint.path === '' ? endpoint.as(protocol, '/v1/traces') : endpoint;
    this.exporter = { ...(headers ? { headers } : {}), ...(tls ? { tls } : {}) };
  }

  receiver<Q extends P>(protocol: Q): Endpoint<Q> {
    const { endpoint } = this;
    return protocol === endpoint.protocol
      ? endpoint.as(protocol)
      : refuse(protocol, this.accepts, `external backend ${endpoint.authority}`);
  }
}

/** A header's name is a token (RFC 9110, 5.1), and upper and lower case are the same. */
function checkHeaders(names: readonly string[], authority: string): void {
  for (const [i, name] of names.entries()) {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
      throw new UserError(
        `header ${JSON.stringify(name)} of external backend ${authority}: allowed are letters, digits and !#$%&'*+.^_\`|~-`,
      );
    }
    const twin = names.slice(0, i).find((other) => other.toLowerCase() === name.toLowerCase());
    if (twin !== undefined) {
      throw new UserError(
        `headers ${JSON.stringify(twin)} and ${JSON.stringify(name)} of external backend ${authority} are one: leave out one`,
      );
    }
  }
}
