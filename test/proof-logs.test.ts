import { describe, expect, it, test } from 'vitest';
import { Layer, MeshApp, Stack } from '../constructs/index.ts';
import { Mesh } from '../constructs/mesh/index.ts';
import { Grafana, Loki, LokiRelease, Prometheus } from '../constructs/observability/index.ts';
import { prove } from '../constructs/proof/index.ts';
import { observabilityRules } from '../constructs/proof/rules/observability/index.ts';
import { renderStack } from '../constructs/render.ts';
import { Collector, Jaeger, LogCollector, NodeLogs } from '../constructs/tracing/index.ts';
import { worldsOf } from '../constructs/worlds.ts';
import { goodLogs } from './proof-logs-world.ts';
import { findingsOf, replaced } from './proof-world.ts';

/** What is changed, and the one finding that it gives. */
type Breakage = readonly [
  what: string,
  changes: readonly (readonly [part: string, by: string])[],
  finding: readonly [code: string, severity: string, object: string],
  message: string,
  hint: string,
];

const mesh = 'ConfigMap/istio-system/istio';
const otel = 'ConfigMap/telemetry/otel';
const loki = "http://loki.telemetry:3100/otlp'";
const useOtlp = 'use otlp_http with endpoint: http://loki.telemetry:3100/otlp';

const breakages: readonly Breakage[] = [
  [
    'a collector without a pipeline for logs',
    [
      ['        logs: {receivers: [otlp], exporters: [otlp_http/loki]}\n', ''],
      [`      otlp_http/loki: {endpoint: '${loki}}\n`, ''],
    ],
    ['OBS040', 'error', otel],
    'in Deployment/telemetry/otel no pipeline of logs has the receiver "otlp"',
    'add a pipeline logs with receivers: [otlp]',
  ],
  [
    'logs by gRPC to the port for HTTP',
    [
      [
        '- name: als\n      envoyOtelAls: {service: otel.telemetry.svc.cluster.local, port: 4317}',
        '- name: als\n      envoyOtelAls: {service: otel.telemetry.svc.cluster.local, port: 4318}',
      ],
    ],
    ['OBS040', 'error', mesh],
    'takes OTLP over HTTP: envoyOtelAls speaks OTLP over gRPC',
    'send to the port of its otlp receiver for gRPC, usually 4317',
  ],
  [
    'logs to a port of nobody',
    [
      ['- {name: http-zipkin, port: 9411}', '- {name: grpc-als, port: 9000}'],
      [
        '- name: als\n      envoyOtelAls: {service: otel.telemetry.svc.cluster.local, port: 4317}',
        '- name: als\n      envoyOtelAls: {service: otel.telemetry.svc.cluster.local, port: 9000}',
      ],
    ],
    ['OBS040', 'error', mesh],
    'but Deployment/telemetry/otel does not listen at port 9000',
    'send to the port of its otlp receiver for gRPC, usually 4317',
  ],
  [
    'a port that does not say gRPC, for logs alone',
    [['accessLogging: [als]', 'accessLogging: [spare]']],
    ['OBS041', 'error', 'Service/telemetry/spare'],
    'which is named "tcp-any": proxies will not speak HTTP/2 to it',
    'add appProtocol: grpc to the port',
  ],
  ...[
    ['without the path', "http://loki.telemetry:3100'", 'sends logs to /v1/logs of loki.telemetry:3100'],
    ['to the push API', "http://loki.telemetry:3100/loki/api/v1/push'", 'sends logs to /loki/api/v1/push/v1/logs of'],
    ['with the path of the signal twice', "http://loki.telemetry:3100/otlp/v1/logs'", 'sends logs to /otlp/v1/logs/v1/logs of'],
    ['to the port of gRPC', "http://loki.telemetry:9095/otlp'", 'port 9095 of loki.telemetry, where Loki speaks gRPC'],
  ].map(
    ([what = '', by = '', message = '']): Breakage => [
      `an exporter to Loki ${what}`,
      [[loki, by]],
      ['OBS042', 'error', otel],
      message,
      useOtlp,
    ],
  ),
  [
    'an exporter to Loki with a whole URL that is not the intake',
    [[`endpoint: '${loki}`, "logs_endpoint: 'http://loki.telemetry:3100/v1/logs'"]],
    ['OBS042', 'error', otel],
    'sends logs to /v1/logs of loki.telemetry:3100',
    useOtlp,
  ],
  [
    'an exporter to Loki by gRPC',
    [
      [
        `      otlp_http/loki: {endpoint: '${loki}}`,
        "      otlp_grpc/loki: {endpoint: 'loki.telemetry:3100', tls: {insecure: true}}",
      ],
      ['exporters: [otlp_http/loki]', 'exporters: [otlp_grpc/loki]'],
    ],
    ['OBS042', 'error', otel],
    'by gRPC, but Loki takes OTLP by HTTP alone',
    useOtlp,
  ],
  [
    'an exporter to a Loki that is not in the input',
    [[loki, "http://loki.logging:3100'"]],
    ['OBS042', 'warning', otel],
    'sends logs to /v1/logs of loki.logging:3100',
    'use otlp_http with endpoint: http://loki.logging:3100/otlp',
  ],
  ...[
    ['/loki/api/v1', 'names /loki/api/v1, which is added to the URL by itself'],
    ['/loki/api/v1/push', 'names /loki/api/v1/push, which is added'],
    ['/otlp', 'names /otlp, where Loki takes logs and answers no queries'],
    ['/loki', 'asks under /loki, but loki.telemetry answers at its root'],
  ].map(
    ([path = '', message = '']): Breakage => [
      `a data source with ${path}`,
      [["url: 'http://loki.telemetry:3100'", `url: 'http://loki.telemetry:3100${path}'`]],
      ['OBS043', 'error', 'ConfigMap/telemetry/grafana'],
      message,
      'write "http://loki.telemetry:3100"',
    ],
  ),
  [
    'a data source at the port of gRPC',
    [["url: 'http://loki.telemetry:3100'", "url: 'http://loki.telemetry:9095'"]],
    ['OBS043', 'error', 'ConfigMap/telemetry/grafana'],
    'asks at port 9095 of loki.telemetry, where Loki speaks gRPC',
    'use port 3100',
  ],
];

/** What other rules tell already. */
const others: readonly (readonly [what: string, part: string, by: string, code: string])[] = [
  ['an unknown provider', 'accessLogging: [als]', 'accessLogging: [sla]', 'TRC004'],
  [
    'a Service that is not there',
    '- name: als\n      envoyOtelAls: {service: otel.',
    '- name: als\n      envoyOtelAls: {service: otle.',
    'TRC002',
  ],
  [
    'a port that is not there',
    '- name: als\n      envoyOtelAls: {service: otel.telemetry.svc.cluster.local, port: 4317',
    '- name: als\n      envoyOtelAls: {service: otel.telemetry.svc.cluster.local, port: 4371',
    'TRC003',
  ],
  ['the exporter of old', 'otlp_http/loki', 'loki', 'TRC024'],
  ['a port that does not say gRPC, for spans and logs', '{name: grpc-otlp, port: 4317}', '{name: otlp, port: 4317}', 'TRC013'],
];

describe('the way of access logs', () => {
  it('is quiet while everything fits', () => expect(findingsOf(goodLogs)).toEqual([]));

  it.each(breakages)('%s', (_, changes, finding, message, hint) => {
    const findings = findingsOf(changes.reduce((text, [part, by]) => replaced(text, part, by), goodLogs));
    expect(findings.map((one) => [one.code, one.severity, one.object, one.hint])).toEqual([[...finding, hint]]);
    expect(findings[0]?.message).toContain(message);
    expect(findings[0]?.line).toBeGreaterThan(0);
  });

  it.each(others)('%s is told once, by %s', (_, part, by, code) => {
    const text = code === 'TRC024' ? goodLogs.replaceAll(part, by) : replaced(goodLogs, part, by);
    expect(findingsOf(text).map((one) => one.code)).toEqual([code]);
  });

  it('breaks every rule of the family', () => {
    const told = new Set(breakages.map(([, , [code]]) => code));
    const own = observabilityRules.map((rule) => rule.code).filter((code) => /^OBS04/.test(code));
    expect(own.filter((code) => !told.has(code))).toEqual([]);
  });

  it('is sound as our constructs make it', () => {
    const stack = new Stack(new MeshApp(), 'logs');
    const istio = new Layer(stack, 'mesh', { namespace: 'istio-system' });
    const observability = new Layer(stack, 'observability', { namespace: 'observability', after: [istio] });
    const loki = new Loki(observability, 'loki', { retention: '7d' });
    const jaeger = new Jaeger(observability, 'jaeger');
    const collector = new Collector(observability, 'collector', { exportTo: [jaeger], logsTo: [loki] });
    const alone = new LogCollector(observability, 'logs', { logsTo: [loki] });
    const mesh = new Mesh(istio, 'istio', { tracing: { to: collector, samplingPercent: 5 }, accessLog: { to: collector } });
    mesh.addAccessLog('errors', { to: alone });
    new NodeLogs(observability, 'files', { logsTo: [loki] });
    const prometheus = new Prometheus(observability, 'prometheus', { scrape: [mesh, collector, alone, jaeger, loki] });
    new Grafana(observability, 'grafana', { sources: [prometheus, jaeger, loki] });
    const findings = worldsOf(renderStack(stack)).flatMap((world) => prove(world));
    expect(findings.map((one) => `${one.code} ${one.message}`)).toEqual([]);
  });
});

test('a Loki by its chart is where its readers and senders look for it', () => {
  const stack = new Stack(new MeshApp(), 'logs');
  const istio = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const logging = new Layer(stack, 'logging', { namespace: 'logging' });
  const observability = new Layer(stack, 'observability', { namespace: 'observability', after: [istio, logging] });
  const loki = new LokiRelease(logging, 'loki', { retention: '7d', disk: { size: '10Gi' } });
  const collector = new LogCollector(observability, 'logs', { logsTo: [loki] });
  const mesh = new Mesh(istio, 'istio', { accessLog: { to: collector } });
  const prometheus = new Prometheus(observability, 'prometheus', { scrape: [mesh, collector, loki] });
  new Grafana(observability, 'grafana', { sources: [prometheus, loki] });
  const findings = worldsOf(renderStack(stack)).flatMap((world) => prove(world));
  expect(findings.map((one) => `${one.code} ${one.message}`)).toEqual([]);
});

describe('logs of others', () => {
  const quiet: readonly (readonly [what: string, changes: readonly (readonly [string, string])[]])[] = [
    [
      'a provider that nothing uses',
      [
        ['accessLogging: [als]', 'accessLogging: [envoy]'],
        ['logs: {receivers: [otlp], exporters: [otlp_http/loki]}', 'logs: {receivers: [otlp/own], exporters: [otlp_http/loki]}'],
        ['      zipkin: {endpoint', "      otlp/own: {protocols: {grpc: {endpoint: '0.0.0.0:5317'}}}\n      zipkin: {endpoint"],
      ],
    ],
    [
      'a collector outside of the input',
      [
        [
          '- name: als\n      envoyOtelAls: {service: otel.telemetry.',
          '- name: als\n      envoyOtelAls: {service: otel.platform.',
        ],
      ],
    ],
    [
      'a port with appProtocol',
      [
        ['accessLogging: [als]', 'accessLogging: [spare]'],
        ['{name: tcp-any, port: 4317}', '{name: any, port: 4317, appProtocol: grpc}'],
      ],
    ],
    [
      'a port that a DestinationRule makes HTTP/2',
      [
        ['accessLogging: [als]', 'accessLogging: [spare]'],
        ['{name: tcp-any, port: 4317}', '{name: http-any, port: 4317}'],
        [
          '---\napiVersion: v1\nkind: Service\nmetadata: {name: spare',
          '---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: spare, namespace: telemetry}\nspec: {host: spare.telemetry.svc.cluster.local, trafficPolicy: {connectionPool: {http: {h2UpgradePolicy: UPGRADE}}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: spare',
        ],
      ],
    ],
    ['the whole URL of the intake', [[`endpoint: '${loki}`, "logs_endpoint: 'http://loki.telemetry:3100/otlp/v1/logs'"]]],
    [
      'a gateway before Loki, with a path of its own',
      [
        [loki, "https://logs.site.example/loki/otlp'"],
        ["url: 'http://loki.telemetry:3100'", "url: 'https://logs.site.example/loki'"],
      ],
    ],
    ['an address from a variable', [[loki, `$\{env:LOKI_URL}'`]]],
    [
      'a Loki below a path',
      [
        ["args: ['-target=all']", "args: ['-target=all', '-server.path-prefix=/loki']"],
        ["url: 'http://loki.telemetry:3100'", "url: 'http://loki.telemetry:3100/loki'"],
        [loki, "http://loki.telemetry:3100/loki/otlp'"],
      ],
    ],
    ['spans to a collector beside Loki, at the same host name', [[loki, "http://loki-collector.elsewhere:4318'"]]],
    [
      'another program at 3100',
      [
        ['image: docker.io/grafana/loki:3.7.6', 'image: docker.io/site/gateway:1.0.0'],
        [loki, "http://loki.telemetry:3100'"],
      ],
    ],
  ];

  it.each(quiet)('%s', (_, changes) => {
    const text = changes.reduce((all, [part, by]) => replaced(all, part, by), goodLogs);
    expect(findingsOf(text).map((one) => `${one.code} ${one.message}`)).toEqual([]);
  });

  it("Istio's own sample: its collector has one pipeline, of logs, and an exporter that is gone since", () => {
    const sample = goodLogs
      .replace('accessLogging: [als]', '')
      .replace(
        "otlp_http/loki: {endpoint: 'http://loki.telemetry:3100/otlp'}",
        "loki: {endpoint: 'http://loki.telemetry.svc:3100/loki/api/v1/push'}",
      )
      .replace('exporters: [otlp_http/loki]', 'exporters: [loki]')
      .replace('collector-contrib:0.159.0', 'collector-contrib:0.73.0')
      .replace('otlp_grpc/tempo', 'otlp/tempo')
      .replace('otlp_grpc/tempo', 'otlp/tempo');
    const telemetry =
      '---\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: mesh-logging, namespace: istio-system}\nspec: {accessLogging: [{providers: [{name: als}]}]}\n';
    expect(findingsOf(`${sample}${telemetry}`).map((one) => `${one.code} ${one.message}`)).toEqual([]);
  });
});
