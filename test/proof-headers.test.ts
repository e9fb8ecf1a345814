import { describe, expect, it } from 'vitest';
import { findingsOf, goodMesh, replaced } from './proof-world.ts';

const w3c = 'x-request-id,traceparent,tracestate';
const b3 = 'x-b3-traceid,x-b3-spanid,x-b3-sampled';

/** A service of a chain in a namespace with sidecars, in a mesh whose tracer is `otel` (opentelemetry). */
function withApp(env: Readonly<Record<string, string>>, mesh = goodMesh, namespace = 'shop') {
  const list = Object.entries(env).map(([name, value]) => `{name: ${name}, value: '${value}'}`);
  return `${mesh}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: walker, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: walker}}
  template:
    metadata: {labels: {app: walker}}
    spec: {containers: [{name: walker, image: 'walker:1', env: [${list.join(', ')}]}]}
`;
}

const found = (text: string) => findingsOf(text).filter(({ code }) => code === 'TRC007');
const UPSTREAM = 'http://reviews:9080/';
const zipkin = replaced(goodMesh, 'providers: [{name: otel}]', 'providers: [{name: zipkin}]');

describe('forwarded headers', () => {
  it('are a finding when they are those of another tracer', () => {
    expect(found(withApp({ UPSTREAM, FORWARD_HEADERS: b3 }))).toEqual([
      expect.objectContaining({
        severity: 'error',
        object: 'Deployment/shop/walker',
        message: expect.stringContaining('FORWARD_HEADERS lacks traceparent of provider "otel": each call of this app begins'),
        hint: 'add traceparent',
      }),
    ]);
    expect(found(withApp({ UPSTREAM, FORWARD_HEADERS: '' }))).toHaveLength(1);
  });

  it('are a finding when one is missing', () => {
    const both = replaced(zipkin, 'tracing: [otel]', 'tracing: [zipkin]');
    expect(found(withApp({ UPSTREAM, FORWARD_HEADERS: 'x-b3-traceid,x-b3-sampled' }, both))).toEqual([
      expect.objectContaining({ hint: 'add x-b3-spanid' }),
    ]);
    expect(found(withApp({ UPSTREAM, FORWARD_HEADERS: b3 }, both))).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['of the right tracer', { UPSTREAM, FORWARD_HEADERS: w3c }],
    ['in other letters', { UPSTREAM, FORWARD_HEADERS: 'X-Request-ID, Traceparent' }],
    ['of an app that does not say what it forwards', { UPSTREAM }],
    ['of an app that calls nobody', { FORWARD_HEADERS: b3 }],
    ['of an app that makes spans', { UPSTREAM, FORWARD_HEADERS: b3, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318' }],
  ])('are fine: %s', (_, env) => {
    expect(found(withApp(env))).toEqual([]);
  });

  it('are no matter outside the mesh', () => {
    expect(found(withApp({ UPSTREAM, FORWARD_HEADERS: b3 }, goodMesh, 'observability'))).toEqual([]);
  });

  it('may be of either format where the tracer reads both', () => {
    const both = replaced(
      replaced(zipkin, 'tracing: [otel]', 'tracing: [zipkin]'),
      'port: 9411}\n---',
      'port: 9411, traceContextOption: USE_B3_WITH_W3C_PROPAGATION}\n---',
    );
    expect(found(withApp({ UPSTREAM, FORWARD_HEADERS: b3 }, both))).toEqual([]);
    expect(found(withApp({ UPSTREAM, FORWARD_HEADERS: w3c }, both))).toEqual([]);
    expect(found(withApp({ UPSTREAM, FORWARD_HEADERS: 'sw8' }, both))).toHaveLength(1);
  });
});
