import type { JsonObject } from '../../../../constructs/kit/json.ts';

/** The namespaces of the generated world. */
export const [near, far] = ['traffic-a', 'traffic-b'] as const;

/** An object of the world. */
export function object(apiVersion: string, kind: string, namespace: string, name: string, spec: JsonObject): JsonObject {
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

/** The name of the nth Service. */
export function serviceName(i: number): string {
  return `s${String(i).padStart(2, '0')}`;
}

/** A Deployment of one version of an app, its first with a ServiceAccount. */
export function workload(namespace: string, app: string, version: string): JsonObject[] {
  const labels = { app, version };
  const container = { name: app, image: 'registry.example.test/none:1', ports: [{ containerPort: 8080 }] };
  const template = { metadata: { labels }, spec: { serviceAccountName: app, containers: [container] } };
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: app, namespace } };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  const deployment = object('apps/v1', 'Deployment', namespace, `${app}-${version}`, spec);
  return version === 'v1' ? [account, deployment] : [deployment];
}
