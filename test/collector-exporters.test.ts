import { describe, expect, it } from 'vitest';
import type { Endpoint, ExternalSink } from '../constructs/kit/index.ts';
import { existingSink } from '../constructs/tracing/index.ts';
import { external, make, tempo } from './support/collector.ts';
import type { Loose } from './support/synth.ts';

describe('the exporters of a Collector', () => {
  const vendor = (url: Endpoint<'otlp-http'>, exporter: ExternalSink<'otlp-http'>['exporter']): ExternalSink<'otlp-http'> => ({
    accepts: ['otlp-http'],
    receiver: <Q extends string>(_: Q) => url.as<Q>('otlp-http' as Q),
    exporter,
  });

  it("speak each sink's first protocol that a collector has, by names that others do not change", () => {
    const zipkin = existingSink({
      'jaeger-grpc': external('jaeger-grpc', 'tempo.b.svc.cluster.local', 14250),
      zipkin: external('zipkin', 'tempo.b.svc.cluster.local', 9411),
    });
    const twin = existingSink({ 'otlp-grpc': external('otlp-grpc', 'tempo.other.svc.cluster.local', 4317) });
    const http = existingSink({ 'otlp-http': external('otlp-http', 'tempo.c.svc.cluster.local', 4318, '/v1/traces') });
    const { config } = make({ exportTo: [tempo, zipkin, twin, http] });
    expect(config.exporters).toEqual({
      'otlp_grpc/tempo': { endpoint: 'tempo.tempo.svc.cluster.local:4317', tls: { insecure: true } },
      'zipkin/tempo': { endpoint: 'http://tempo.b.svc.cluster.local:9411/api/v2/spans' },
      'otlp_grpc/tempo.other': { endpoint: 'tempo.other.svc.cluster.local:4317', tls: { insecure: true } },
      'otlp_http/tempo': { endpoint: 'http://tempo.c.svc.cluster.local:4318' },
    });
    expect(config.service.pipelines.traces.exporters).toEqual(Object.keys(config.exporters));
  });

  it("take a vendor's headers and CA from Secrets, and hold no value of theirs", () => {
    const key = { secret: 'vendor', key: 'token' };
    const { config, pod } = make({
      exportTo: [
        vendor(external('otlp-http', 'spans.vendor.example', 443, '/otlp/v1/traces', true), {
          headers: { 'api-key': key, api_key: { secret: 'vendor', key: 'other' } },
          tls: { ca: { secret: 'ca', key: 'root.pem' } },
        }),
      ],
    });
    const [exporter] = Object.values<Loose>(config.exporters);
    const [container] = pod.spec.containers;
    expect(exporter.endpoint).toBe('https://spans.vendor.example:443/otlp');
    const variable = exporter.headers['api-key'].replace(/^\$\{env:(.*)\}$/, '$1');
    expect(container.env).toContainEqual({ name: variable, valueFrom: { secretKeyRef: { name: 'vendor', key: 'token' } } });
    expect(exporter.headers.api_key).not.toBe(exporter.headers['api-key']);
    const mount = container.volumeMounts.find((m: Loose) => exporter.tls.ca_file.startsWith(`${m.mountPath}/`));
    const { secret } = pod.spec.volumes.find((v: Loose) => v.name === mount.name);
    expect(secret).toEqual({
      secretName: 'ca',
      items: [{ key: 'root.pem', path: exporter.tls.ca_file.slice(mount.mountPath.length + 1) }],
    });
  });

  it('keep a path of another form, and trust anybody only when told to', () => {
    const endpoint = external('otlp-http', 'spans.vendor.example', 443, '/in', true);
    const settings = (exporter: ExternalSink<'otlp-http'>['exporter']) =>
      Object.values(make({ exportTo: [vendor(endpoint, exporter)] }).config.exporters)[0];
    expect(settings({})).toEqual({ traces_endpoint: 'https://spans.vendor.example:443/in' });
    expect(settings({ tls: { insecureSkipVerify: true } })).toMatchObject({ tls: { insecure_skip_verify: true } });
  });
});
