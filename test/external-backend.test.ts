import { describe, expect, it } from 'vitest';
import { Endpoint } from '../constructs/kit/index.ts';
import { ExternalBackend, type ExternalBackendProps } from '../constructs/tracing/index.ts';

const grpc = Endpoint.external({ protocol: 'otlp-grpc', host: 'otlp.vendor.example', port: 443, tls: true });
const http = (path = '', tls = true) =>
  Endpoint.external({ protocol: 'otlp-http', host: 'otlp.vendor.example', port: 443, path, tls });
const token = { secret: 'vendor', key: 'token' };

// Every option: a new one without a test does not compile.
const everyOption: Required<Omit<ExternalBackendProps<'otlp-grpc'>, 'plaintext'>> = {
  endpoint: grpc,
  headers: { 'api-key': token },
  tls: { ca: { secret: 'vendor', key: 'ca.crt' } },
};

describe('ExternalBackend', () => {
  it('is an address with the headers and the trust that a collector needs', () => {
    const backend = new ExternalBackend(everyOption);
    expect(backend.accepts).toEqual(['otlp-grpc']);
    expect(backend.receiver('otlp-grpc')).toMatchObject({
      authority: 'otlp.vendor.example:443',
      tls: true,
      protocol: 'otlp-grpc',
    });
    expect(backend.exporter).toEqual({
      headers: { 'api-key': token },
      tls: { ca: { secret: 'vendor', key: 'ca.crt' } },
    });
    expect(new ExternalBackend({ endpoint: grpc }).exporter).toEqual({});
  });

  it('takes traces at the path of OTLP over HTTP', () => {
    const url = (path?: string) => new ExternalBackend({ endpoint: http(path) }).receiver('otlp-http').url;
    expect(url()).toBe('https://otlp.vendor.example:443/v1/traces');
    expect(url('/otlp/v1/traces')).toBe('https://otlp.vendor.example:443/otlp/v1/traces');
  });

  it('goes without TLS only when told so', () => {
    expect(() => new ExternalBackend({ endpoint: http('', false) })).toThrow(
      'external backend otlp.vendor.example:443 is not reached by TLS: say tls: true in its endpoint, or plaintext: true here',
    );
    expect(new ExternalBackend({ endpoint: http('', false), plaintext: true }).receiver('otlp-http').tls).toBe(false);
    expect(() => new ExternalBackend({ endpoint: grpc, plaintext: true })).toThrow('leave out one of them');
    expect(new ExternalBackend({ endpoint: grpc, tls: { insecureSkipVerify: true } }).exporter.tls).toEqual({
      insecureSkipVerify: true,
    });
  });

  it('refuses what no collector could send', () => {
    const headers = (...names: string[]) => ({ endpoint: grpc, headers: Object.fromEntries(names.map((n) => [n, token])) });
    expect(() => new ExternalBackend(headers('api key'))).toThrow('header "api key" of external backend otlp.vendor.example:443');
    expect(() => new ExternalBackend(headers('Api-Key', 'api-key'))).toThrow('headers "Api-Key" and "api-key"');
    expect(() => new ExternalBackend({ endpoint: grpc.as('otlp-grpc', '/otlp') })).toThrow('gRPC has none');
    expect(() => new ExternalBackend({ endpoint: grpc }).receiver('otlp-http' as 'otlp-grpc')).toThrow(
      'external backend otlp.vendor.example:443 takes no otlp-http, it takes: otlp-grpc',
    );
  });
});
