import { type Explanation, explain, type TrafficRequest } from '../constructs/proof/explain/index.ts';
import { modelOf } from '../constructs/proof/model/model.ts';
import { worldOf } from './proof-world.ts';

/** A shop in the mesh: reviews in three versions, ratings beside it, a client, and a gateway in front. */
export const shop = `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: mesh, namespace: istio-system}
spec: {profile: default, meshConfig: {}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: other, labels: {istio-injection: enabled, team: b}}
---
${service('reviews', 'shop', '{name: http, port: 9080}')}
---
${service('ratings', 'shop', '{name: http, port: 9080}')}
---
${service('ratings', 'other', '{name: http, port: 9080}')}
---
${service('web', 'shop', '{name: http, port: 80, targetPort: 8080}')}
---
${deployment('reviews', 'v1', 'shop')}
---
${deployment('reviews', 'v2', 'shop')}
---
${deployment('reviews', 'v3', 'shop')}
---
${deployment('ratings', 'v1', 'shop')}
---
${deployment('ratings', 'v1', 'other')}
---
${deployment('web', 'v1', 'shop')}
---
${deployment('curl', 'v1', 'shop')}
---
${deployment('curl', 'v1', 'other')}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: shop}
spec:
  host: reviews
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}, {name: v3, labels: {version: v3}}]
`;

/** A Service whose pods have its name as their `app`. */
export function service(name: string, namespace: string, ...ports: string[]): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: {app: ${name}}, ports: [${ports.join(', ')}]}`;
}

/** A Deployment of one version of an app, with a ServiceAccount of the app's name. */
export function deployment(app: string, version: string, namespace: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${app}-${version}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${app}, version: ${version}}}
  template:
    metadata: {labels: {app: ${app}, version: ${version}}}
    spec: {serviceAccountName: ${app}, containers: [{name: ${app}, image: 'x:1'}]}`;
}

/** A VirtualService, from its spec. */
export function virtualService(name: string, spec: string, namespace = 'shop'): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}`;
}

/** A HTTPRoute, from its spec. */
export function httpRoute(name: string, spec: string, namespace = 'shop'): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}`;
}

/** Any object, from its spec. */
export function object(apiVersion: string, kind: string, name: string, spec: string, namespace = 'shop'): string {
  return `apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}`;
}

/** Asks a shop to which some objects were added. */
export function ask(request: TrafficRequest, ...objects: string[]): Explanation {
  return askIn([shop, ...objects].join('\n---\n'), request);
}

/** Asks a world of its own. */
export function askIn(world: string, request: TrafficRequest): Explanation {
  return explain(modelOf(worldOf(world)), request);
}

/** The destinations, as `host subset port percent`. */
export function legs({ destinations }: Explanation): string[] {
  return destinations.map(({ host, subset, port, percent }) => `${host} ${subset ?? '-'} ${port} ${percent}`);
}

/** Where `reviews` is asked from inside its namespace. */
export const toReviews: TrafficRequest = { host: 'reviews', port: 9080, from: { namespace: 'shop', app: 'curl' } };
