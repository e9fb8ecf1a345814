import { describe, expect, it } from 'vitest';
import { modelOf } from '../constructs/proof/index.ts';
import { traceSequence } from '../constructs/proof/picture/index.ts';
import { backend, deployment, manyServices, mesh } from './picture-world.ts';
import { worldOf } from './proof-world.ts';

/** The diagram with the names of who takes part in the place of their letters, and character codes read. */
function story(...parts: string[]): string[] {
  const text = traceSequence(modelOf(worldOf(parts.join('\n---\n')))) ?? '';
  const names = new Map([...text.matchAll(/^ {2}participant (p\d+) as (.*)$/gm)].map(([, id = '', name = '']) => [id, name]));
  return text
    .split('\n')
    .filter((line) => !line.includes('participant'))
    .slice(1)
    .map((line) => line.trim().replaceAll(/\bp\d+\b/g, (id) => `[${names.get(id)}]`))
    .map((line) => line.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))));
}

const way = manyServices(1, 2).split('\n---\n').slice(6);
const chain = (services: number) => manyServices(1, services).split('\n---\n');
const zipkin = (option = '') =>
  mesh.replace(
    'opentelemetry: {service: jaeger.tracing.svc.cluster.local, port: 4317}',
    `zipkin: {service: jaeger.tracing.svc.cluster.local, port: 4317${option}}`,
  );

describe('how a request becomes a trace', () => {
  it('goes through gateway, sidecars and apps, and on to the backend', () => {
    expect(story(...chain(2))).toEqual([
      '[browser or curl]->>[istio-ingressgateway]: GET shop-000.mesh.test/',
      'Note over [istio-ingressgateway]: new trace for 25 % of requests: a server span and a client span as istio-ingressgateway.istio-system',
      '[istio-ingressgateway]->>[sidecar of s-00]: injects traceparent: trace id, own span id, sampled or not',
      "Note over [sidecar of s-00]: extracts traceparent: server span, child of the sender's",
      '[sidecar of s-00]->>[s-00]: traceparent, x-request-id',
      'Note over [s-00]: must copy to each call it makes: x-request-id, traceparent, tracestate',
      '[s-00]->>[sidecar of s-00]: call of s-01, with the headers that came',
      'Note over [sidecar of s-00]: client span',
      '[sidecar of s-00]->>[sidecar of s-01]: injects traceparent: trace id, own span id, sampled or not',
      "Note over [sidecar of s-01]: extracts traceparent: server span, child of the sender's",
      '[sidecar of s-01]->>[s-01]: traceparent, x-request-id',
      'Note over [s-01]: must copy to each call it makes: x-request-id, traceparent, tracestate',
      '[sidecar of s-00]-)[jaeger]: every proxy, a little later: its spans, OTLP/gRPC :4317',
    ]);
  });

  it('follows four services at most, also in a circle', () => {
    const told = story(...chain(9)).join('\n');
    expect(told).toContain('call of s-03');
    expect(told).not.toContain('call of s-04');
    const circle = story(...chain(2), deployment('shop-000', 's-01', 'v3', 'http://s-00:8080/')).filter((line) =>
      line.includes('call of'),
    );
    expect(circle).toHaveLength(1);
  });

  it('says so where nobody can know whom the app calls', () => {
    expect(story(...chain(1))).toContain('Note over [s-00]: whom it calls is not in the manifests');
  });

  it.each([
    ['zipkin', zipkin(), 'x-b3-*', 'x-request-id, x-b3-*'],
    [
      'zipkin with both formats',
      zipkin(', traceContextOption: USE_B3_WITH_W3C_PROPAGATION'),
      'x-b3-*, traceparent',
      'x-request-id, x-b3-*, traceparent, tracestate',
    ],
    ['skywalking', zipkin().replace('zipkin: {service', 'skywalking: {service'), 'sw8', 'x-request-id, sw8'],
    ['datadog', zipkin().replace('zipkin: {service', 'datadog: {service'), 'x-datadog-*', 'x-request-id, x-datadog-*'],
  ])('has the headers of %s', (_, config, carried, copied) => {
    const told = story(config, backend, ...chain(2).slice(6)).join('\n');
    expect(told).toContain(`: injects ${carried}: trace id`);
    expect(told).toContain(`must copy to each call it makes: ${copied}\n`);
    expect(told.includes('client span for the step to the app')).toBe(carried === 'sw8');
  });

  it('has one span at gateway and waypoint, and no sidecar, in ambient mode', () => {
    const ambient = chain(2).map((part) =>
      part.replace('istio-injection: enabled', 'istio.io/dataplane-mode: ambient, istio.io/use-waypoint: wp'),
    );
    const waypoint = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: wp, namespace: shop-000}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}`;
    const told = story(...ambient, waypoint);
    expect(told.join('\n')).not.toContain('sidecar');
    expect(told).toContain('[s-00]->>[wp]: call of s-01, with the headers that came');
    expect(told).toContain('Note over [wp]: one span');
    expect(told.at(-1)).toBe('[istio-ingressgateway]-)[jaeger]: every proxy, a little later: its spans, OTLP/gRPC :4317');
  });

  it('is not told where nothing is traced, or nothing is reached from outside', () => {
    expect(story(...way)).toEqual([]);
    expect(story(mesh, backend)).toEqual([]);
  });
});
