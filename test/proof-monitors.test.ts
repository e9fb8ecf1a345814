import { describe, expect, it } from 'vitest';
import { release, strict } from './proof-exposure-world.ts';
import { findingsOf, type Mutation, replaced } from './proof-world.ts';

const monitor = (kind: string, name: string, namespace: string, spec: string) =>
  `apiVersion: monitoring.coreos.com/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {${spec}}`;
const policy = (spec: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: shop}\nspec: {${spec}}`;

const good = `
apiVersion: v1
kind: Namespace
metadata: {name: monitoring}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main, namespace: monitoring}
spec: {version: v3.14.0, serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {}, podMonitorSelector: {}, podMonitorNamespaceSelector: {}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}, {name: metrics, port: 9102, targetPort: http-metrics}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'registry.site.example/web:1', ports: [{name: http, containerPort: 8080}, {name: http-metrics, containerPort: 9102}]}]}
---
${monitor('ServiceMonitor', 'web', 'monitoring', 'namespaceSelector: {matchNames: [shop]}, selector: {matchLabels: {app: web}}, endpoints: [{port: metrics}]')}
---
${monitor('PodMonitor', 'web', 'shop', 'selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: http-metrics}]')}
`;
const END = 'podMetricsEndpoints: [{port: http-metrics}]}\n';
const more = (...objects: readonly string[]) => ({ part: END, by: `${END}---\n${objects.join('\n---\n')}\n` });
const ofService = { object: 'ServiceMonitor/monitoring/web' };
const ofPods = { object: 'PodMonitor/shop/web' };

const faults: readonly Mutation[] = [
  {
    what: 'labels that are misspelt',
    part: 'matchNames: [shop]}, selector: {matchLabels: {app: web}}',
    by: 'matchNames: [shop]}, selector: {matchLabels: {app: wbe}}',
    ...{ ...ofService, code: 'TRC090', severity: 'warning', hint: 'did you mean "app: web"?' },
  },
  {
    what: 'no namespaceSelector',
    part: 'namespaceSelector: {matchNames: [shop]}, ',
    by: '',
    ...{ ...ofService, code: 'TRC090', severity: 'warning', hint: 'add namespaceSelector: {matchNames: [shop]}' },
  },
  {
    what: 'labels like none',
    part: 'matchNames: [shop]}, selector: {matchLabels: {app: web}}',
    by: 'matchNames: [shop]}, selector: {matchLabels: {tier: backend}}',
    ...{ ...ofService, code: 'TRC090', severity: 'warning', hint: 'use the labels of a Service there' },
  },
  {
    what: 'pods that are misspelt',
    part: '{selector: {matchLabels: {app: web}}, podMetricsEndpoints',
    by: '{selector: {matchLabels: {app: wbe}}, podMetricsEndpoints',
    ...{ ...ofPods, code: 'TRC090', severity: 'warning', hint: 'did you mean "app: web"?' },
  },
  {
    what: 'a port that is misspelt',
    part: 'endpoints: [{port: metrics}]',
    by: 'endpoints: [{port: metric}]',
    ...{ ...ofService, code: 'TRC091', hint: 'did you mean "metrics"?' },
  },
  {
    what: 'a container’s port in the place of the Service’s',
    part: 'endpoints: [{port: metrics}]',
    by: 'endpoints: [{port: prometheus}]',
    ...{ ...ofService, code: 'TRC091', hint: 'give the port of the Service a name, and write it here; there is http, metrics' },
  },
  {
    what: 'a targetPort that no container has',
    part: 'endpoints: [{port: metrics}]',
    by: 'endpoints: [{targetPort: 9103}]',
    ...{ ...ofService, code: 'TRC091', hint: 'state the port in the container, with a name; there is http, http-metrics' },
  },
  {
    what: 'a port of pods that is misspelt',
    part: '[{port: http-metrics}]',
    by: '[{port: http-metric}]',
    ...{ ...ofPods, code: 'TRC091', hint: 'did you mean "http-metrics"?' },
  },
  {
    what: 'a STRICT mesh',
    ...more(strict),
    ...{ ...ofService, code: 'TRC092', severity: 'warning' },
    hint: 'let the proxy answer for the app (port 15020, /stats/prometheus), or make the port PERMISSIVE with portLevelMtls',
  },
  {
    what: 'a policy that keeps Prometheus out',
    ...more(policy('podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}]}]')),
    ...{ code: 'TRC049', object: 'NetworkPolicy/shop/web', severity: 'warning' },
    hint: 'add an ingress rule for prometheus of namespace monitoring with port 9102',
  },
];

describe('monitors: one fault gives one finding', () => {
  it('finds nothing in the good world', () => {
    expect(findingsOf(good)).toEqual([]);
  });

  it.each(faults)('$what', ({ part, by, code, object, hint, severity = 'error' }) => {
    const found = findingsOf(replaced(good, part, by));
    expect(found).toMatchObject([{ code, object, severity }]);
    expect(found[0]?.hint).toBe(hint);
  });
});

describe('monitors that are right', () => {
  const sm = (name: string, spec: string, namespace = 'monitoring') => monitor('ServiceMonitor', name, namespace, spec);
  const operator =
    'apiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata: {name: main, namespace: shop}\nspec: {config: {receivers: {otlp: {protocols: {grpc: {}}}}, exporters: {debug: {}}, service: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}}}';
  it.each([
    [
      'a Service of a chart beside',
      release('redis', '', 'shop'),
      sm(
        'redis',
        'namespaceSelector: {matchNames: [shop]}, selector: {matchLabels: {app.kubernetes.io/name: redis}}, endpoints: [{port: http-metrics}]',
      ),
    ],
    [
      'a Service of an operator',
      operator,
      sm(
        'otel',
        'namespaceSelector: {matchNames: [shop]}, selector: {matchLabels: {app.kubernetes.io/component: opentelemetry-collector}}, endpoints: [{port: monitoring}]',
      ),
    ],
    [
      'a namespace that is not in the input',
      sm('far', 'namespaceSelector: {matchNames: [far]}, selector: {matchLabels: {app: far}}, endpoints: [{port: m}]'),
    ],
    [
      'istiod and the proxies, as Istio’s samples',
      sm(
        'istio-component-monitor',
        'jobLabel: istio, targetLabels: [app], selector: {matchExpressions: [{key: istio, operator: In, values: [pilot]}]}, namespaceSelector: {any: true}, endpoints: [{port: http-monitoring, interval: 15s}]',
      ),
      monitor(
        'PodMonitor',
        'envoy-stats-monitor',
        'monitoring',
        'selector: {matchExpressions: [{key: istio-prometheus-ignore, operator: DoesNotExist}]}, namespaceSelector: {any: true}, jobLabel: envoy-stats, podMetricsEndpoints: [{path: /stats/prometheus, interval: 15s}]',
      ),
    ],
    [
      'the port of the proxies',
      monitor(
        'PodMonitor',
        'proxies',
        'shop',
        'selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: http-envoy-prom}]',
      ),
    ],
    [
      'a port by its number',
      monitor('PodMonitor', 'number', 'shop', 'selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{portNumber: 9102}]'),
    ],
    [
      'a value that Flux fills in',
      sm(
        'open',
        `namespaceSelector: {matchNames: [shop]}, selector: {matchLabels: {app: '\${app}'}}, endpoints: [{port: '\${port}'}]`,
      ),
    ],
    [
      'a policy that lets monitoring in',
      policy(
        'podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}]}, {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}], ports: [{port: http-metrics}]}]',
      ),
    ],
    [
      'a STRICT mesh with an open port',
      strict.replace('STRICT}}', 'STRICT}, selector: {matchLabels: {app: web}}, portLevelMtls: {9102: {mode: PERMISSIVE}}}'),
    ],
  ])('%s', (_, ...objects) => {
    expect(findingsOf([good, ...objects].join('\n---\n')).filter(({ code }) => code.startsWith('TRC'))).toEqual([]);
  });
});
