import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { podsOf } from '../constructs/observability/promql/pods.ts';
import { logProblems, wantedLogs } from './conformance/access-logs.ts';
import { startLogStore } from './conformance/flow/access-logs.ts';
import { freePorts } from './conformance/flow/loopback.ts';
import { podNameOf } from './conformance/flow/pod-names.ts';
import { differences, exposition, outcomes } from './conformance/observability/exposed.ts';
import { judgeSmoke } from './conformance/smoke.ts';
import { objectsIn, stackObject } from './conformance/stack.ts';
import { proxyFacts } from './conformance/tracing.ts';

describe('the catalogue against what a program exposes', () => {
  const real = exposition(
    [
      '# HELP a_total of a',
      '# TYPE a_total counter',
      'a_total{by="x, \\"y\\"",of="z"} 1',
      '# TYPE b histogram',
      'b_bucket{of="z",le="1"} 1',
      'b_sum{of="z"} 1',
      '# TYPE c summary',
      'c{quantile="0.5"} 1',
      'c_count 1',
    ].join('\n'),
  );
  const catalogue = {
    a_total: { type: 'counter', labels: ['by', 'of'] },
    b: { type: 'histogram', labels: ['of'] },
    c_count: { type: 'counter', labels: [] },
  } as const;

  it('agrees', () => expect(differences({ catalogue, notHere: {} }, real)).toEqual([]));

  it.each([
    [{ d: { type: 'gauge', labels: [] } }, {}, ['d is not exposed']],
    [{ d: { type: 'gauge', labels: [] } }, { d: 'later' }, []],
    [{ a_total: { type: 'gauge', labels: ['by', 'of'] } }, {}, ['a_total is a counter, not a gauge']],
    [{ b: { type: 'histogram', labels: [] } }, {}, ['b has a label of that the catalogue does not know']],
    [
      { a_total: { type: 'counter', labels: ['of'] } },
      { a_total: 'later' },
      ['a_total has a label by that the catalogue does not know'],
    ],
  ] as const)('differs: %j', (wrong, notHere, reasons) => {
    expect(differences({ catalogue: wrong, notHere }, real)).toEqual(reasons);
  });

  it('tells in one outcome what did not happen', () => {
    const notHere = { d: 'later', e: 'never', f: 'later', a_total: 'later' };
    const gauge = { type: 'gauge', labels: [] } as const;
    const told = outcomes('metrics', { catalogue: { ...catalogue, d: gauge, e: gauge, f: gauge }, notHere }, real, []);
    expect(told).toEqual([
      { status: 'passed', what: 'metrics: 3 of 6 in the catalogue' },
      { status: 'skipped', what: 'metrics: the other 3', reason: 'd, f: later; e: never' },
    ]);
  });
});

describe('pods that run here', () => {
  it.each(['Deployment', 'StatefulSet', 'DaemonSet'])('of a %s have a name that dashboards know as its own', (kind) => {
    const { json } = stackObject({ kind, metadata: { name: 'otel' } });
    const object = { id: 'x', kind, name: 'otel', namespace: 'n', group: 'apps', version: 'v1', json };
    const name = podNameOf({ name: 'otel', object: Object.assign(Object.create(null), object) });
    expect(name).toMatch(new RegExp(`^${podsOf(['otel'])}$`));
    expect(name).not.toMatch(new RegExp(`^${podsOf(['otel-gateway'])}$`));
  });
});

describe('the access log of a proxy', () => {
  const als = (service: string) => ({ service, port: 4317 });
  const mesh = {
    defaultProviders: { accessLogging: ['all'] },
    extensionProviders: [
      { name: 'all', envoyOtelAls: als('obs/collector.obs.svc') },
      { name: 'other', envoyOtelAls: als('other.obs.svc') },
      { name: 'file', envoyFileAccessLog: { path: '/dev/stdout' } },
    ],
  };
  const telemetry = (namespace: string, entries: string) =>
    `---\nkind: Telemetry\nmetadata: {name: t, namespace: ${namespace}}\nspec: {accessLogging: ${entries}}\n`;
  const hosts = (yaml: string) =>
    wantedLogs(mesh, { objects: objectsIn(yaml) }, 'istio-system', { namespace: 'shop', labels: {} }).map(({ host }) => host);

  it('goes where the nearest Telemetry says, else where all go', () => {
    const root = telemetry('istio-system', '[{providers: [{name: other}]}]');
    expect(hosts('')).toEqual(['collector.obs.svc']);
    expect(hosts(root)).toEqual(['other.obs.svc']);
    expect(hosts(root + telemetry('shop', '[{providers: [{name: all}]}]'))).toEqual(['collector.obs.svc']);
    expect(hosts(root + telemetry('shop', '[{providers: [{name: file}]}]'))).toEqual([]);
    expect(hosts(root + telemetry('shop', '[{disabled: true}]'))).toEqual([]);
  });

  const cluster = 'outbound|4317||collector.obs.svc.cluster.local';
  const wanted = [{ host: 'collector.obs.svc', port: 4317 }];
  const told = (to: string | undefined, endpoints: number | undefined = 1) => {
    const log = { name: 'envoy.access_loggers.open_telemetry', typedConfig: { grpcService: { envoyGrpc: { clusterName: to } } } };
    const manager = { httpFilters: [], rds: {}, accessLog: to === undefined ? [] : [log] };
    const listener = { name: 'in', filterChains: [{ filters: [{ typedConfig: manager }] }] };
    return proxyFacts({
      configs: [
        { dynamicListeners: [{ activeState: { listener } }] },
        {
          dynamicEndpointConfigs:
            endpoints < 0
              ? []
              : [{ endpointConfig: { clusterName: to, endpoints: [{ lbEndpoints: Array(endpoints).fill({}) }] } }],
        },
      ],
    });
  };

  it('is right where it goes to a cluster that is there', () => {
    expect(logProblems(told(cluster), wanted)).toEqual([]);
    expect(logProblems(told(undefined), [])).toEqual([]);
  });

  it.each([
    [undefined, 1, wanted, 'the access log of listener in goes to no service, expected outbound|4317||collector.obs.svc'],
    [cluster, 0, wanted, `${cluster} of the access log has no endpoints`],
    [cluster, -1, wanted, `${cluster} of the access log does not exist: no such Service or port, or hidden`],
    [cluster, 1, [], `an access log goes to ${cluster}, none was asked for`],
  ])('is wrong otherwise: %s, %i endpoints', (to, endpoints, want, problem) => {
    expect(logProblems(told(to, endpoints), want)).toEqual([problem]);
  });

  it('is kept by what stands in for Loki, where Loki takes it', async () => {
    const [port = 0, grpc = 0] = await freePorts(2);
    const folder = mkdtempSync(join(tmpdir(), 'conformance-test-'));
    const store = await startLogStore({ name: 's', folder, steps: [], variants: [], objects: [] }, folder, [port, grpc]);
    try {
      const traceId = 'ab'.repeat(16);
      const body = Buffer.concat([Buffer.from(traceId, 'hex'), Buffer.from(`of cart: trace_id=${traceId}`)]);
      const post = (path: string) =>
        fetch(`http://127.0.0.1:${port}${path}`, {
          method: 'POST',
          headers: { 'content-encoding': 'gzip' },
          body: gzipSync(body),
        });
      expect((await post('/v1/logs')).status).toBe(404);
      expect(await store.find(traceId, 'cart')).toBeUndefined();
      expect((await post('/otlp/v1/logs')).status).toBe(200);
      expect(await store.find(traceId, 'cart')).toContain(`trace_id=${traceId}`);
      expect(await store.find(traceId, 'other')).toBeUndefined();
      expect(await store.find('cd'.repeat(16), 'cart')).toBeUndefined();
    } finally {
      await store.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a smoke test without containers', () => {
  const steps = ['namespaces', 'pods are ready', 'istiod', 'Telemetry', 'proxies', 'http://a.test/ answers 200 through b'];
  const said = (count: number) =>
    steps
      .slice(0, count)
      .map((title, i) => `${i + 1}/9 ${title} ...\n`)
      .join('    a note\n');
  const failed = (number: number) => `failed at step ${number} of 9: ${steps[number - 1]}\n  expected: x\n`;

  it('passes up to the request, and stops there', () => {
    expect(judgeSmoke(said(6), failed(6), 1)).toEqual({ passed: 5, reasons: [] });
  });

  it.each([
    [said(3), failed(3), 1],
    [said(6), failed(6), 0],
    [said(6), '', 0],
    [said(6), failed(5), 1],
    ['', 'not found: kubectl', 2],
  ])('is at fault otherwise', (stdout, stderr, code) => {
    expect(judgeSmoke(stdout, stderr, code).reasons).not.toEqual([]);
  });
});
