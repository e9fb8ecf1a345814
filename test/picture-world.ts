import { expect } from 'vitest';

/** A mesh of many services, as YAML: namespaces of so many services each, two versions of each, one host each, all traced. */
export function manyServices(namespaces: number, services: number): string {
  const shops = Array.from({ length: namespaces }, (_, i) => `shop-${String(i).padStart(3, '0')}`);
  return [
    mesh,
    backend,
    ...shops.flatMap((shop) => [
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${shop}, labels: {istio-injection: enabled}}`,
      gateway(shop),
      ...Array.from({ length: services }, (_, i) => service(shop, i, services)),
    ]),
  ].join('\n---\n');
}

export const mesh = `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: mesh, namespace: istio-system}
spec:
  profile: default
  meshConfig:
    extensionProviders:
      - name: otel
        opentelemetry: {service: jaeger.tracing.svc.cluster.local, port: 4317}
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: mesh-default, namespace: istio-system}
spec: {tracing: [{providers: [{name: otel}], randomSamplingPercentage: 25}]}`;

export const backend = `
apiVersion: v1
kind: Namespace
metadata: {name: tracing, labels: {istio-injection: disabled}}
---
apiVersion: v1
kind: Service
metadata: {name: jaeger, namespace: tracing}
spec: {selector: {app: jaeger}, ports: [{name: grpc-otlp, port: 4317, appProtocol: grpc}, {name: http-query, port: 16686}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: jaeger, namespace: tracing}
spec:
  selector: {matchLabels: {app: jaeger}}
  template:
    metadata: {labels: {app: jaeger}}
    spec: {containers: [{name: jaeger, image: "jaegertracing/jaeger:2.20.0", ports: [{containerPort: 4317}, {containerPort: 16686}]}]}`;

function gateway(namespace: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: web, namespace: ${namespace}}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["${namespace}.mesh.test"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: ${namespace}}
spec:
  hosts: ["${namespace}.mesh.test"]
  gateways: [web]
  http: [{route: [{destination: {host: s-00.${namespace}.svc.cluster.local, port: {number: 8080}}}]}]`;
}

function service(namespace: string, index: number, of: number): string {
  const name = (i: number) => `s-${String(i).padStart(2, '0')}`;
  const next = index + 1 < of ? `http://${name(index + 1)}:8080/` : '';
  return `
apiVersion: v1
kind: Service
metadata: {name: ${name(index)}, namespace: ${namespace}}
spec: {selector: {app: ${name(index)}}, ports: [{name: http, port: 8080}]}
---
${['v1', 'v2'].map((version) => deployment(namespace, name(index), version, next)).join('\n---\n')}`;
}

export function deployment(namespace: string, app: string, version: string, upstream: string): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${app}-${version}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${app}, version: ${version}}}
  template:
    metadata: {labels: {app: ${app}, version: ${version}}}
    spec:
      containers:
        - name: app
          image: example/${app}:1.0
          env: [{name: UPSTREAM, value: "${upstream}"}]`;
}

/** Fails for a text that no XML reader takes: tags that do not match, bare signs, a prolog or comment. */
export function expectWellFormed(xml: string): void {
  const open: string[] = [];
  let rest = xml.trim();
  while (rest !== '') {
    const [token = ''] = /^(?:<[^<>]*>|[^<>]+)/.exec(rest) ?? [];
    expect(token, rest.slice(0, 80)).not.toBe('');
    rest = rest.slice(token.length);
    expect(token.replaceAll(/&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);/g, '')).not.toContain('&');
    if (!token.startsWith('<')) continue;
    const [, close, name = '', attributes = '', alone] =
      /^<(\/?)([a-z][a-z:]*)((?:\s+[a-zA-Z:-]+="[^"<]*")*)\s*(\/?)>$/i.exec(token) ?? [];
    expect(name, token).not.toBe('');
    const names = [...attributes.matchAll(/([a-zA-Z:-]+)="/g)].map(([, attribute]) => attribute);
    expect(new Set(names).size, token).toBe(names.length);
    if (close) expect(open.pop()).toBe(name);
    else if (!alone) open.push(name);
  }
  expect(open).toEqual([]);
}
