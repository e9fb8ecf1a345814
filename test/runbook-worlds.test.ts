import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { modelOf, readWorlds, runbook } from '../constructs/proof/index.ts';
import { goodMesh, worldOf } from './proof-world.ts';

const ofYaml = (...parts: string[]) => runbook(modelOf(worldOf(parts.join('\n---\n'))), 'mine');

function section(book: string, title: string): string {
  const [, rest = ''] = book.split(`\n## ${title}\n`);
  return rest.split('\n## ')[0] ?? '';
}

function row(text: string, first: string): string[] {
  const found = text.split('\n').filter((line) => line.startsWith(`| ${first}`));
  expect(found, first).toHaveLength(1);
  return (found[0] ?? '')
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

const deployment = (name: string, container: string, more = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: observability}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: ${name}, ${container}}]${more}}`;

const configMap = (name: string, key: string, text: string) => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: observability}
data:
  ${key}: |
${text.replace(/^/gm, '    ')}`;

describe('what is in a stack', () => {
  const parts = (...yaml: string[]) => section(ofYaml(...yaml), 'What is in it');

  it('is the namespaces with proxies, why, and how many workloads', () => {
    const text = parts(goodMesh);
    expect(row(text, '`shop`')).toEqual(['`shop`', 'a sidecar, `istio-proxy`', '`istio-injection=enabled`', '2']);
    expect(text).toContain('As their labels say, which are not in these manifests: `observability`.');
    const stated = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: observability}';
    expect(parts(goodMesh, stated)).toMatch(/Outside of the mesh.*: `istio-system` and `observability`\./);
    expect(parts(goodMesh, stated)).not.toContain('As their labels say');
  });

  it('names a revision, a pod that stays apart, and a waypoint', () => {
    const apart = goodMesh
      .replace('{istio-injection: enabled}', '{istio.io/rev: blue}')
      .replace(
        '{app: reviews, version: v2}}\n    spec',
        '{app: reviews, version: v2, sidecar.istio.io/inject: "false"}}\n    spec',
      );
    expect(row(parts(apart), '`shop`').slice(2)).toEqual(['`istio.io/rev=blue`', '1, and without a proxy `reviews-v2`']);
    const ambient = goodMesh.replace(
      '{istio-injection: enabled}',
      '{istio.io/dataplane-mode: ambient, istio.io/use-waypoint: between}',
    );
    expect(row(parts(ambient), '`shop`')).toEqual([
      '`shop`',
      'no proxy of their own: `ztunnel` of their node (ambient)',
      '`istio.io/dataplane-mode=ambient`',
      '2',
      '`between`',
    ]);
  });

  it('tells who installed istiod, in which version and revision', () => {
    expect(parts(goodMesh)).toContain('`deploy/istiod` in `istio-system`, installed by `istioctl install`, profile `default`.');
    const chart = `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: istiod, namespace: mesh}
spec: {chart: {spec: {chart: istiod, version: 1.30.3}}, values: {revision: blue}}`;
    expect(parts(chart)).toContain(
      '`deploy/istiod-blue` in `mesh`, Istio 1.30.3, revision `blue`, installed by Flux from the chart `istiod`',
    );
    const sail = `
apiVersion: sailoperator.io/v1
kind: Istio
metadata: {name: default}
spec: {version: v1.30.3, namespace: istio-system}`;
    expect(parts(sail)).toContain('Istio 1.30.3, installed by the Sail operator from `Istio/default`');
    expect(parts(deployment('app', 'image: app'))).not.toContain('Control plane');
  });

  it('tells what each gateway is for, and who makes its pods', () => {
    const egress = goodMesh.replace('profile: default', 'profile: demo');
    expect(row(parts(egress), '`deploy/istio-egressgateway`')[1]).toBe('the way out of the mesh');
    expect(row(parts(egress), '`deploy/istio-ingressgateway`')[1]).toBe('the way into the mesh');
    const waypoint = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: between, namespace: shop}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}`;
    const [, purpose, from] = row(parts(goodMesh, waypoint), '`deploy/between` in `shop`');
    expect(purpose).toContain('waypoint');
    expect(from).toBe('made by istiod from the Gateway `shop/between`');
  });

  it('explains injection only where something is injected', () => {
    expect(parts(goodMesh)).toContain('kubectl -n shop get pods   # READY 2/2');
    expect(parts(goodMesh.replace('istio-injection: enabled', 'istio-injection: disabled'))).not.toContain('### Injection');
  });

  it.each([
    ['memory: {max_traces: 500}', 'in memory: gone with the pod', 'the last 500 traces'],
    ['elasticsearch: {}', 'in elasticsearch', 'as long as the database is told'],
    ['badger: {ttl: {spans: 72h}}', 'in the pod: gone with it', '72h'],
  ])('tells what a Jaeger with %s keeps', (backend, where, howLong) => {
    const config = `service: {extensions: [jaeger_storage, jaeger_query], pipelines: {traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}}}
receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}
exporters: {jaeger_storage_exporter: {trace_storage: main}}
extensions: {jaeger_query: {storage: {traces: main}}, jaeger_storage: {backends: {main: {${backend}}}}}`;
    const text = parts(
      deployment(
        'j',
        "image: 'jaegertracing/jaeger:2.20.0', args: [--config=/etc/j/config.yaml], volumeMounts: [{name: c, mountPath: /etc/j}]",
        ', volumes: [{name: c, configMap: {name: j}}]',
      ),
      configMap('j', 'config.yaml', config),
    );
    expect(row(text, 'jaeger')).toEqual(['jaeger', '2.20.0', '`deploy/j` in `observability`', where, howLong]);
  });

  it('tells what Prometheus, Zipkin and SkyWalking keep', () => {
    const text = parts(
      deployment(
        'prometheus',
        "image: 'prom/prometheus:v3.1.0', args: [--storage.tsdb.retention.time=7d]",
        ', volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]',
      ),
      deployment('zipkin', "image: 'openzipkin/zipkin:3'"),
      deployment(
        'oap',
        "image: 'apache/skywalking-oap-server:10.4.0', env: [{name: SW_STORAGE_BANYANDB_TRACE_TTL_DAYS, value: '4'}]",
      ),
    );
    expect(row(text, 'prometheus').slice(3)).toEqual(['on a volume of its own', '7 days']);
    expect(row(text, 'zipkin').slice(3)).toEqual(['in memory: gone with the pod', 'the last 500000 spans']);
    expect(row(text, 'skywalking').slice(3)).toEqual(['in banyandb', '4 days']);
  });

  it('reads what a chart or an operator is told to keep', () => {
    const stack = `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: kps, namespace: monitoring}
spec:
  chart: {spec: {chart: kube-prometheus-stack, version: 88.0.0}}
  values: {prometheus: {prometheusSpec: {retention: 1d, storageSpec: {volumeClaimTemplate: {}}}}}`;
    expect(row(parts(stack), 'prometheus').slice(3)).toEqual(['on a volume of its own', '1 day']);
    const loki = (values: string) => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: loki, namespace: logs}
spec:
  chart: {spec: {chart: loki, version: 18.11.0}}
  values: ${values}`;
    const week = 'limits_config: {retention_period: 168h}, compactor: {retention_enabled: true}';
    expect(row(parts(loki(`{loki: {storage: {type: filesystem}, ${week}}}`)), 'loki')).toEqual([
      'loki',
      'of the chart `loki` 18.11.0',
      'chart `loki`, release `loki` in `logs`',
      'on a volume of its own',
      '168 hours',
    ]);
    const inPod = loki('{loki: {storage: {type: filesystem}}, singleBinary: {persistence: {enabled: false}}}');
    expect(row(parts(inPod), 'loki')[3]).toBe('in the pod: gone with it');
    expect(row(parts(loki('{}')), 'loki')[3]).toBe('in object storage: s3');
    const resource = `
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: p, namespace: monitoring}
spec: {version: v3.1.0}`;
    expect(row(parts(resource), 'prometheus')).toEqual([
      'prometheus',
      'v3.1.0',
      '`Prometheus/p` in `monitoring`, by its operator',
      'in the pod: gone with it',
      '24 hours',
    ]);
  });
});

describe('what comes first in a stack', () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runbook-worlds-'));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** A stack of layers; with `needs`, applied by Flux. */
  function stack(name: string, layers: readonly string[], needs?: Readonly<Record<string, readonly string[]>>): string {
    const home = join(folder, name);
    for (const layer of [...layers, ...(needs ? ['flux'] : [])]) {
      fs.mkdirSync(join(home, layer), { recursive: true });
      fs.writeFileSync(
        join(home, layer, `${layer}.k8s.yaml`),
        layer !== 'flux'
          ? `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${layer}}\n`
          : Object.entries(needs ?? {})
              .map(
                ([of, dependsOn]) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}-${of}, namespace: flux-system}
spec: {path: ./dist/${name}/${of}, dependsOn: [${dependsOn.map((one) => `{name: ${name}-${one}}`)}], sourceRef: {kind: GitRepository, name: a}}
`,
              )
              .join('---\n'),
      );
    }
    const all = [...layers, ...(needs ? ['flux'] : [])].map((layer) => ({ name: layer, after: [] }));
    fs.writeFileSync(join(home, 'inventory.json'), JSON.stringify({ stack: name, layers: all, mesh: {} }));
    const [world] = readWorlds([home]);
    return section(world ? runbook(modelOf(world), name) : '', 'What is in it').split('### What comes first')[1] ?? '';
  }

  it('is what others need, step by step, where Flux applies it', () => {
    const text = stack('flow', ['apps', 'mesh', 'base', 'logs'], {
      apps: ['mesh'],
      mesh: ['base'],
      base: [],
      logs: ['base', 'elsewhere'],
    });
    expect(text).toContain('\n1. `base`\n2. `mesh`, `logs`\n3. `apps`\n');
    expect(text).toContain('flux get kustomizations -n flux-system');
  });

  it('ends for layers that wait for each other', () => {
    expect(stack('circle', ['a', 'b'], { a: ['b'], b: ['a'] })).toContain('\n1. `a`, `b`\n');
  });

  it('is the order of the layers where people apply them', () => {
    const text = stack('byhand', ['mesh', 'apps']);
    expect(text).toContain('kubectl apply -k dist/byhand/mesh\nkubectl apply -k dist/byhand/apps\n');
    expect(text).not.toMatch(/flux|istioctl/);
  });
});

describe('the ways in', () => {
  const ways = (...yaml: string[]) => section(ofYaml(...yaml), 'Ways in');

  it('lead into a proxy and istiod too', () => {
    expect(ways(goodMesh)).toContain('\nistioctl dashboard proxy deploy/reviews-v1 -n shop ');
    expect(ways(goodMesh)).toContain('\nistioctl dashboard controlz deploy/istiod -n istio-system ');
    expect(ways(goodMesh.replace('profile: default', 'profile: empty'))).not.toContain('controlz');
  });

  it('say what has no page', () => {
    expect(ways(goodMesh, deployment('loki', "image: 'grafana/loki:3.5'"))).toContain('Loki has no page of its own');
    expect(
      ways(goodMesh, deployment('tempo', "image: 'grafana/tempo:2.10.8'"), deployment('loki', "image: 'grafana/loki:3.5'")),
    ).toContain('Loki and Tempo have no page of their own');
    expect(ways(goodMesh)).not.toContain('no page');
  });
});

describe('how a request becomes a trace', () => {
  const journey = (...yaml: string[]) => section(ofYaml(...yaml), 'How a request becomes a trace');

  it('names the gateway, the app and who makes which span', () => {
    const text = journey(goodMesh);
    expect(row(text, '`istio-ingressgateway.istio-system`')[2]).toMatch(/server span.*client span/);
    expect(text).toContain("| `reviews.shop` | the app's sidecar, on the way in | a server span |");
    expect(text).toContain('50 % of those that come without a trace (Telemetry `istio-system/mesh-default`)');
  });

  it.each([
    ['otel', [], ['traceparent'], 'opentelemetry'],
    ['zipkin', [], ['x-b3-traceid', 'x-b3-sampled'], 'zipkin'],
    [
      'zipkin',
      [['port: 9411}', 'port: 9411, traceContextOption: USE_B3_WITH_W3C_PROPAGATION}']],
      ['x-b3-traceid', 'traceparent'],
      'zipkin-b3-w3c',
    ],
    ['zipkin', [['zipkin: {service', 'skywalking: {service']], ['sw8'], 'skywalking'],
    ['zipkin', [['zipkin: {service', 'datadog: {service']], ['x-datadog-trace-id'], 'datadog'],
  ] as const)('lists the headers of %s %s', (provider, changes, headers, set) => {
    let mesh = goodMesh
      .replace('tracing: [otel]', `tracing: [${provider}]`)
      .replace('providers: [{name: otel}]', `providers: [{name: ${provider}}]`);
    for (const [from, to] of changes) mesh = mesh.replace(from, to);
    const text = journey(mesh);
    for (const header of headers) expect(row(text, `\`${header}\``)[1]).not.toBe('');
    expect(text).toContain(`npx meshwright headers --provider ${set}`);
    for (const other of ['sw8', 'x-b3-traceid', 'x-datadog-trace-id'].filter((one) => !headers.some((name) => name === one)))
      expect(text).not.toContain(`\`${other}\``);
  });

  it('knows the spans of SkyWalking, and of the old way', () => {
    const sw = goodMesh
      .replace('zipkin: {service', 'skywalking: {service')
      .replace('tracing: [otel]', 'tracing: [zipkin]')
      .replace('[{name: otel}]', '[{name: zipkin}]');
    expect(journey(sw).match(/an entry span and an exit span/g)).toHaveLength(4);
    const old = goodMesh
      .replace(
        '    defaultProviders:\n',
        "    defaultConfig: {tracing: {sampling: 30, zipkin: {address: 'zipkin.observability:9411'}}}\n    defaultProviders:\n",
      )
      .replace('      tracing: [otel]\n', '')
      .replace('  tracing: [{providers: [{name: otel}], randomSamplingPercentage: 50}]\n', '');
    expect(row(journey(old), '`istio-ingressgateway.istio-system`')[2]).toBe('one span for the request');
    expect(journey(old)).toContain(
      '30 % of those that come without a trace (`defaultConfig.tracing.sampling`, of which a proxy learns when it starts)',
    );
  });

  it('says that ztunnel makes none, and who does', () => {
    const ambient = goodMesh.replace(
      '{istio-injection: enabled}',
      '{istio.io/dataplane-mode: ambient, istio.io/use-waypoint: between}',
    );
    const text = journey(ambient);
    expect(text).toContain('ztunnel makes none');
    expect(row(text, '`between.shop`')[1]).toContain('the waypoint');
    expect(text).not.toContain('sidecar');
    expect(journey(goodMesh)).not.toContain('ztunnel');
  });

  it('tells of a collector that throws part away', () => {
    const tail = goodMesh.replace('traces: {receivers: [otlp],', 'traces: {receivers: [otlp], processors: [tail_sampling],');
    expect(journey(tail)).toContain('The collector `main` keeps only part of what arrives (`tail_sampling`)');
    expect(journey(goodMesh)).not.toContain('keeps only part');
  });

  it('is not told where nothing is traced', () => {
    const silent = goodMesh.replace('tracing: [otel]', 'tracing: []').replace(/ {2}tracing: \[\{providers.*\n/, '');
    expect(ofYaml(silent)).not.toContain('becomes a trace');
  });
});

describe('what the metrics are asked', () => {
  const ask = (...yaml: string[]) => section(ofYaml(...yaml), 'Ask the metrics');

  it('names the service that people open, and the others', () => {
    const other = `
apiVersion: v1
kind: Service
metadata: {name: canary, namespace: shop}
spec: {selector: {app: reviews, version: v2}, ports: [{name: http, port: 9080}]}`;
    expect(ask(goodMesh, other)).toContain('destination_service_name="reviews", destination_service_namespace="shop"');
    expect(ask(goodMesh, other)).toContain('The same for `canary`: put that name in.');
    expect(ask(goodMesh)).not.toContain('put that name in');
  });

  it('asks under the path that Prometheus answers at', () => {
    const under = goodMesh.replace("image: 'prometheus:3'", "image: 'prometheus:3', args: [--web.route-prefix=/metrics/]");
    expect(ask(under)).toContain("curl -sG 'http://localhost:9090/metrics/api/v1/query' ");
    expect(ask(under.replace('=/metrics/', '=/'))).toContain("curl -sG 'http://localhost:9090/api/v1/query' ");
  });

  it('cuts a list that nobody would read', () => {
    const many = Array.from(
      { length: 300 },
      (_, i) => `
apiVersion: v1
kind: Service
metadata: {name: s${i}, namespace: shop}
spec: {selector: {app: reviews}, ports: [{name: http, port: 9080}]}`,
    );
    expect(ask(goodMesh, ...many)).toContain('and 280 others: put that name in.');
  });

  it('asks the callers; the service itself, where callers have no proxy; waypoints in ambient mode', () => {
    expect(ask(goodMesh)).toContain('{reporter="source", destination_service_name');
    const bare = goodMesh
      .split('\n---\n')
      .filter((one) => !/name: (front|shop), namespace: shop\}/.test(one))
      .join('\n---\n');
    const outer = bare.replace(
      'metadata: {name: reviews, namespace: shop}\nspec: {selector',
      'metadata: {name: reviews, namespace: shop}\nspec: {type: NodePort, selector',
    );
    expect(ask(outer)).toContain('{reporter="destination", destination_service_name');
    const ambient = (more: string) =>
      goodMesh.replace('{istio-injection: enabled}', `{istio.io/dataplane-mode: ambient, istio.io/use-waypoint: between${more}}`);
    expect(ask(ambient(''))).toContain('{reporter=~"source|waypoint", destination_service_name');
    // A gateway that goes through the waypoint would count a second time.
    expect(ask(ambient(', istio.io/ingress-use-waypoint: "true"'))).toContain('{reporter="waypoint", destination_service_name');
    expect(ask(ambient(''))).toContain('as ztunnel counts them');
  });

  it('is told only where a Prometheus is, and somebody in the mesh', () => {
    const without = goodMesh.replaceAll('prometheus:3', 'thing:3');
    expect(ask(without)).toBe('');
    expect(ask(deployment('prometheus', "image: 'prom/prometheus:v3.1.0'"))).toBe('');
  });

  it('leads to dashboards by their uid, by title where they have none', () => {
    const board = (name: string, json: string) => configMap(name, `${name}.json`, json);
    const grafana = deployment('grafana', "image: 'grafana/grafana:13.0.0', ports: [{containerPort: 3000}]");
    const service = `
apiVersion: v1
kind: Service
metadata: {name: grafana, namespace: observability}
spec: {selector: {app: grafana}, ports: [{name: http, port: 3000}]}`;
    const text = ask(
      goodMesh,
      grafana,
      service,
      board('a', '{"title": "Mine", "uid": "mine-1", "description": "This | that", "panels": []}'),
      board('b', '{"title": "Other", "panels": []}'),
    );
    expect(text).toContain('| [Mine](http://localhost:3000/d/mine-1) | This \\| that |');
    expect(text).toContain('| Other |  |');
    expect(text).toContain('those without a link are found by their title');
    expect(ask(goodMesh, board('a', '{"title": "Mine", "panels": []}'))).not.toContain('Mine');
  });
});

describe('the alerts of a runbook', () => {
  const rules = `groups:
- name: mesh
  rules:
  - record: a:b
    expr: up
  - alert: TooManyErrors
    expr: up == 0
    for: 5m
    labels: {severity: page}
    annotations: {summary: '{{ $labels.destination_service_name }} fails | {{ $value }}'}`;
  const resource = (runbookUrl: string) => `
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: mine, namespace: observability}
spec:
  groups: [{name: g, rules: [{alert: Slow, expr: up, annotations: {description: it is slow${runbookUrl}}}]}]`;
  const alerts = (yaml: string[], alertsPage?: string) =>
    section(runbook(modelOf(worldOf(yaml.join('\n---\n'))), 'mine', alertsPage === undefined ? {} : { alertsPage }), 'Alerts');

  it('are those of rule files and of PrometheusRule objects', () => {
    const text = alerts([configMap('rules', 'alerts.yml', rules), resource('')]);
    expect(row(text, '`TooManyErrors`')).toHaveLength(5); // a '|' in the text is no new cell
    expect(text).toContain('| `TooManyErrors` | page | 5m | *destination service name* fails \\| … |');
    expect(text).toContain('| `Slow` |  | at once | it is slow |');
  });

  it('are those of the values of kube-prometheus-stack', () => {
    const stack = `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: kps, namespace: monitoring}
spec:
  chart: {spec: {chart: kube-prometheus-stack, version: 88.0.0}}
  values: {additionalPrometheusRulesMap: {mine: {groups: [{name: g, rules: [{alert: Full, expr: up}]}]}}}`;
    expect(alerts([stack])).toContain('`Full`');
  });

  it('lead to their own page, else to the page of alerts where that has them', () => {
    const own = alerts([resource(', runbook_url: https://runbooks.example/slow')], '## Slow\n');
    expect(own).toContain('[Slow](https://runbooks.example/slow)');
    expect(alerts([resource('')], '# Alerts\n\n### Slow\n\ntext')).toContain('[Slow](../alerts.md#slow)');
    expect(alerts([resource('')], '# Alerts\n\n### Slower\n')).toContain('| `Slow` |');
  });

  it('say where they are seen', () => {
    expect(alerts([goodMesh, resource('')])).toContain(
      'port-forward service/prometheus 9090` and <http://localhost:9090/alerts>',
    );
  });

  it('are not told of where there are none', () => {
    expect(ofYaml(goodMesh)).not.toContain('## Alerts');
    expect(ofYaml(configMap('rules', 'rules.yml', 'groups: [{name: g, rules: [{record: a, expr: up}]}]'))).not.toContain(
      '## Alerts',
    );
    expect(ofYaml(configMap('rules', 'rules.yml', 'groups:\n- rules:\n  - alert: [\n'))).not.toContain('## Alerts');
  });
});

describe('the ways to a trace', () => {
  const sources = (list: string) => configMap('sources', 'sources.yaml', `apiVersion: 1\ndatasources: [${list}]`);
  const find = (...yaml: string[]) => section(ofYaml(...yaml), 'Find a trace');
  // Its spans are kept in Jaeger.
  const kept = goodMesh
    .replace("image: 'jaeger:2', ports", "image: 'jaegertracing/jaeger:2.20.0', ports")
    .replace('{containerPort: 16686, name: http-query}', '{containerPort: 16686, name: http-query}, {containerPort: 9411}')
    .replace('tracing: [otel]', 'tracing: [zipkin]')
    .replace('[{name: otel}]', '[{name: zipkin}]');

  it('are its id, failures, and a call between two services', () => {
    const call = kept.replace(
      "{name: reviews, image: 'reviews:1'}",
      "{name: reviews, image: 'reviews:1', env: [{name: URL, value: 'http://ratings:9080/'}]}",
    );
    const ratings = `
apiVersion: v1
kind: Service
metadata: {name: ratings, namespace: shop}
spec: {selector: {app: ratings}, ports: [{name: http, port: 9080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ratings, namespace: shop}
spec: {selector: {matchLabels: {app: ratings}}, template: {metadata: {labels: {app: ratings}}, spec: {containers: [{name: a, image: 'ratings:1'}]}}}`;
    const text = find(call, ratings);
    expect(text).toContain('Service `reviews.shop`, Operation `ratings.shop.svc.cluster.local:9080/*`');
    expect(text).toContain('TRACE_ID');
    expect(text).toContain('error=true');
    expect(find(kept)).not.toContain('Operation');
  });

  it('begin at metrics and log lines where data sources link there', () => {
    const text = find(
      kept,
      sources(`{name: J, type: jaeger, uid: j, url: 'http://tracing', jsonData: {tracesToLogsV2: {datasourceUid: l}}},
 {name: L, type: loki, uid: l, url: 'http://loki:3100', jsonData: {derivedFields: [{name: Trace, matcherRegex: a, datasourceUid: j}]}}`),
    );
    expect(text).toContain('the link *Trace* leads to its trace in *J*');
    expect(text).toContain('**From a span** of *J* a click leads to the logs of its service');
    expect(text).toContain('```logql\n{service_name=~".+"} |= "TRACE_ID"\n```');
    expect(find(kept)).not.toMatch(/From metrics and logs|logql/);
  });

  it('begin at a metric only where one names traces: proxies name none', () => {
    const prometheus = sources(
      "{name: P, type: prometheus, uid: p, url: 'http://prometheus:9090', jsonData: {exemplarTraceIdDestinations: [{name: trace_id, datasourceUid: j}]}}",
    );
    const counting = (settings: string) =>
      kept.replace(
        "9411/api/v2/spans'}}\n    service: {pipelines: {traces: {receivers: [otlp], exporters: [zipkin]}}}",
        `9411/api/v2/spans'}, prometheus: {endpoint: '0.0.0.0:8889', enable_open_metrics: true}}
    connectors: {span_metrics: ${settings}}
    service: {pipelines: {traces: {receivers: [otlp], exporters: [zipkin, span_metrics]}, metrics: {receivers: [span_metrics], exporters: [prometheus]}}}`,
      );
    expect(find(kept, prometheus)).not.toContain('From a metric');
    expect(find(counting('{}'), prometheus)).not.toContain('From a metric');
    expect(find(counting('{exemplars: {enabled: true}}'), prometheus)).toContain(
      'rate(traces_span_metrics_duration_milliseconds_bucket[5m])))`, with *Exemplars* on: the dots are single requests, and *Query with* leads to their trace in *j*.',
    );
    expect(find(counting('{namespace: calls, histogram: {unit: s}, exemplars: {enabled: true}}'), prometheus)).toContain(
      'rate(calls_duration_seconds_bucket[5m])))',
    );
  });
});

describe('what must restart', () => {
  const restarts = (...yaml: string[]) => section(ofYaml(...yaml), 'What must restart after a change');

  it('is the pods with a sidecar and the gateways, by name', () => {
    const text = restarts(goodMesh.replace('profile: default', 'profile: demo'));
    expect(text).toContain('\nkubectl -n shop rollout restart deployment\n');
    expect(text).toContain('\nkubectl -n istio-system rollout restart deployment istio-egressgateway istio-ingressgateway\n');
    expect(row(text, 'Telemetry')[1]).toBe('nothing');
    expect(row(text, 'what a proxy reads when it starts')[1]).toContain('every pod with a sidecar and the gateways');
  });

  it('leaves pods without a proxy alone', () => {
    const apart = goodMesh.replace(
      '{app: reviews, version: v2}}\n    spec',
      '{app: reviews, version: v2, sidecar.istio.io/inject: "false"}}\n    spec',
    );
    expect(restarts(apart)).toContain('kubectl -n shop rollout restart deployment reviews-v1\n');
  });

  it('is nothing for a namespace in ambient mode', () => {
    const text = restarts(goodMesh.replace('{istio-injection: enabled}', '{istio.io/dataplane-mode: ambient}'));
    expect(row(text, "a namespace's label for ambient mode")[1]).toMatch(/^nothing/);
    expect(text).not.toContain('kubectl -n shop rollout');
    expect(text).not.toContain('label for sidecars');
  });

  it('knows who reads a new configuration by itself, and who does not', () => {
    const reads = (annotation: string) =>
      deployment('reader', "image: 'a:1'", ', volumes: [{name: c, configMap: {name: reader}}]').replace(
        'metadata: {labels: {app: reader}}\n    spec',
        `metadata: {labels: {app: reader}, annotations: {${annotation}}}\n    spec`,
      );
    const map = configMap('reader', 'a.txt', 'b');
    expect(row(restarts(goodMesh, map, reads('')), 'configuration of `reader`')[1]).toContain(
      '`kubectl -n observability rollout restart deployment reader`',
    );
    expect(row(restarts(goodMesh, map, reads('checksum/config: abc')), 'configuration of `reader`')[1]).toMatch(
      /^its pods, by themselves/,
    );
    expect(row(restarts(goodMesh), '`OpenTelemetryCollector/main`')[1]).toContain('the operator');
  });

  it('is the pods that read a Secret as variables, by hand', () => {
    const one = deployment(
      'reader',
      "image: 'a:1', env: [{name: P, valueFrom: {secretKeyRef: {name: login, key: p}}}], envFrom: [{secretRef: {name: all}}]",
    );
    expect(row(restarts(goodMesh, one), 'Secret `all` and `login`, which `reader` reads as variables')[1]).toBe(
      'nothing by itself: `kubectl -n observability rollout restart deployment reader`',
    );
    expect(restarts(goodMesh, deployment('reader', "image: 'a:1', env: [{name: P, value: x}]"))).not.toContain('as variables');
  });

  it('is not told of where there is no mesh', () => {
    expect(ofYaml(deployment('app', 'image: app'))).not.toContain('must restart');
  });
});

describe("a runbook of others' YAML", () => {
  it.each([
    ['one ConfigMap', configMap('a', 'b', 'c')],
    [
      'objects without a spec',
      [
        'v1/Service',
        'apps/v1/Deployment',
        'v1/Namespace',
        'v1/ConfigMap',
        'networking.istio.io/v1/Gateway',
        'kiali.io/v1alpha1/Kiali',
      ]
        .concat([
          'gateway.networking.k8s.io/v1/Gateway',
          'monitoring.coreos.com/v1/PrometheusRule',
          'monitoring.coreos.com/v1/Prometheus',
        ])
        .concat([
          'helm.toolkit.fluxcd.io/v2/HelmRelease',
          'install.istio.io/v1alpha1/IstioOperator',
          'telemetry.istio.io/v1/Telemetry',
        ])
        .concat([
          'opentelemetry.io/v1beta1/OpenTelemetryCollector',
          'grafana.integreatly.org/v1beta1/Grafana',
          'sailoperator.io/v1/Istio',
        ])
        .map(
          (one) =>
            `apiVersion: ${one.slice(0, one.lastIndexOf('/'))}\nkind: ${one.slice(one.lastIndexOf('/') + 1)}\nmetadata: {name: x, namespace: y}`,
        )
        .join('\n---\n'),
    ],
    ['a mesh with nothing in it', goodMesh.split('\n---\n')[0] ?? ''],
    ['apps without a mesh', goodMesh.split('\n---\n').slice(1).join('\n---\n')],
  ])('is whole for %s', (_, yaml) => {
    const text = ofYaml(yaml);
    expect(text).not.toMatch(/undefined|NaN|\[object|\n{3}/);
    expect(text).not.toMatch(/^(#{2,}) .*\n+\1 /m);
    expect(text.startsWith('# Stack mine\n')).toBe(true);
  });
});
