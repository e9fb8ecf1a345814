import { describe, expect, it } from 'vitest';
import { ofYaml } from './smoke-world.ts';

const namespace = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
`;
const app = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'example.org/web:1'}]}
`;
const published = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: web, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['web.mesh.test']}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web.mesh.test]
  gateways: [web]
  http: [{match: [{uri: {prefix: /shop}}], route: [{destination: {host: web}}]}]
`;
const plainMesh = `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: mesh, namespace: istio-system}
spec: {profile: default, meshConfig: {accessLogFile: /dev/stdout}}
`;

const traced = `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: mesh, namespace: istio-system}
spec:
  profile: default
  meshConfig:
    defaultProviders: {metrics: [prometheus], tracing: [otel]}
    extensionProviders:
    - name: otel
      opentelemetry: {service: main-collector.obs.svc.cluster.local, port: 4317}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: mesh-default, namespace: istio-system}
spec:
  tracing: [{providers: [{name: otel}], randomSamplingPercentage: 50}]
---
apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata: {name: main, namespace: obs}
spec:
  config:
    receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}
    exporters: {zipkin: {endpoint: 'http://zipkin.obs:9411/api/v2/spans'}}
    service: {pipelines: {traces: {receivers: [otlp], exporters: [zipkin]}}}
---
apiVersion: v1
kind: Service
metadata: {name: zipkin, namespace: obs}
spec:
  selector: {app: zipkin}
  ports: [{name: http-zipkin, port: 9411}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: zipkin, namespace: obs}
spec:
  selector: {matchLabels: {app: zipkin}}
  template:
    metadata: {labels: {app: zipkin}}
    spec: {containers: [{name: zipkin, image: 'docker.io/openzipkin/zipkin:3.6.1', ports: [{containerPort: 9411}]}]}
`;

/** The steps and what is left out of a test made from YAML. */
function told(...parts: readonly string[]): string[] {
  const script = ofYaml(...parts);
  return (/^ {2}1\. [\s\S]*?\n\n/m.exec(script)?.[0] ?? '')
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/^\d+\. /, ''));
}

describe('what cannot be tried is said', () => {
  it('of a mesh that traces nothing', () => {
    expect(told(plainMesh, namespace, app, published)).toEqual([
      'the cluster has the namespaces of the stack mine',
      'pods are ready',
      'istiod is ready',
      'pods have their proxies',
      'http://web.mesh.test/shop answers 200 through Istio Gateway shop/web',
      'left out: traces: the mesh config names no tracing provider',
    ]);
  });

  it('of a stack without an app', () => {
    const left = told(traced).filter((line) => line.startsWith('left out'));
    expect(left).toEqual([
      'left out: proxies: no pods of the stack take part in the mesh',
      'left out: a request from outside: nothing in the mesh is published',
    ]);
  });

  it('of YAML without a mesh', () => {
    expect(told(app).filter((line) => line.startsWith('left out'))).toEqual([
      'left out: the mesh: the stack neither installs nor describes one',
      'left out: traces: the mesh config names no tracing provider',
      'left out: proxies: no pods of the stack take part in the mesh',
      'left out: a request from outside: nothing in the mesh is published',
    ]);
  });

  it('of a collector that keeps a part of the traces', () => {
    const part = traced.replace(
      'pipelines: {traces: {receivers: [otlp],',
      'pipelines: {traces: {receivers: [otlp], processors: [tail_sampling],',
    );
    expect(part).not.toBe(traced);
    expect(told(part, namespace, app, published).at(-1)).toMatch(
      /^left out: the trace .* deploy\/main-collector keeps a part of the traces only$/,
    );
    expect(told(traced, namespace, app, published).some((line) => line.startsWith('the trace of the request is in'))).toBe(true);
  });

  it('of the title of Bookinfo where policies say who may ask', () => {
    const page = app.replaceAll('example.org/web:1', 'registry.istio.io/release/examples-bookinfo-productpage-v1:1.20.3');
    const curl = app.replaceAll('web', 'curl').replaceAll('example.org/curl:1', 'docker.io/curlimages/curl:8.16.0');
    const policy =
      'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: none, namespace: shop}\nspec: {}\n';
    const title = (...more: string[]) =>
      told(traced, namespace, page, published, ...more).filter((line) => /title|page "/.test(line));
    expect(title(curl)).toEqual(['inside the mesh deployment/curl gets the page "Simple Bookstore App"']);
    expect(title()).toEqual(["left out: the page's title from inside the mesh: no pod of namespace shop has curl"]);
    expect(title(curl, policy)[0]).toMatch(/^left out: .*AuthorizationPolicies/);
    expect(told(traced, namespace, app, published).filter((line) => /title|page "/.test(line))).toEqual([]);
  });
});

describe('a test made from YAML', () => {
  it('asks for no spans of other services where nobody knows that the app calls some', () => {
    const script = ofYaml(traced, namespace, app, published);
    expect(script).toContain("\nservice=web.shop\nonward=''\nfewest=2\n");
  });

  it("asks for spans of what Bookinfo's page calls, by the names that its variables give", () => {
    const page = app.replace('example.org/web:1', 'registry.istio.io/release/examples-bookinfo-productpage-v1:1.20.3');
    const books = app.replaceAll('web', 'books');
    const onward = (yaml: string) => /^onward=(.*)$/m.exec(ofYaml(traced, namespace, yaml, books, published))?.[1];
    expect(onward(page)).toBe("'details.shop reviews.shop'");
    expect(onward(page.replace("1.20.3'}", "1.20.3', env: [{name: DETAILS_HOSTNAME, value: books}]}"))).toBe('books.shop');
  });

  it('takes the provider that the Telemetry of the mesh names, with no default beside it', () => {
    const script = ofYaml(traced.replace(', tracing: [otel]', ''), namespace, app, published);
    expect(script).toContain('\nprovider otel opentelemetry.port 4317\n');
    expect(script).not.toMatch(/^setting defaultProviders/m);
    expect(script).toMatch(/^trace_in zipkin /m);
  });

  it('waits for what operators make', () => {
    const made = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: front, namespace: shop}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: manual, namespace: shop}
spec: {gatewayClassName: istio, addresses: [{type: Hostname, value: a.shop}], listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: others, namespace: shop}
spec: {gatewayClassName: traefik, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main, namespace: shop}
---
apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata: {name: agent, namespace: shop}
spec: {mode: daemonset, config: {}}
---
apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata: {name: side, namespace: shop}
spec: {mode: sidecar, config: {}}
`;
    const waited = ofYaml(traced, namespace, made).match(/^workload shop \S+$/gm);
    expect(waited?.sort()).toEqual([
      'workload shop daemonset/agent-collector',
      'workload shop deployment/front-istio',
      'workload shop statefulset/prometheus-main',
    ]);
  });

  it('looks for the mesh config of the revision that a namespace asks for, and for the usual one', () => {
    const revision = namespace.replace('istio-injection: enabled', 'istio.io/rev: canary');
    const existing = traced.replace('profile: default', 'profile: empty');
    expect(ofYaml(existing, revision, app, published)).toContain('\nmesh_config istio-system istio-canary istio\n');
  });
});
