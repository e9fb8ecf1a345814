import { App } from 'cdk8s';
import { type ConnectionEntrance, type Entrance, Layer, MeshService, VersionedApp } from '../../constructs/kit/index.ts';

/** A namespace with reviews (v1, v2, v3), ratings (v1, v2), a Service of several ports and one of TCP. */
export function shop(namespace = 'shop') {
  const layer = new Layer(new App(), 'shop', { namespace });
  const pod = { image: 'registry.mesh.test/app:1.0.0', user: 1000 };
  const http = { name: 'http', port: 9080, appProtocol: 'http' } as const;
  const reviews = new VersionedApp(layer, 'reviews', { name: 'reviews', ports: [http], versions: { v1: pod, v2: pod, v3: pod } });
  const ratings = new VersionedApp(layer, 'ratings', { name: 'ratings', ports: [http], versions: { v1: pod, v2: pod } });
  const many = new MeshService(layer, 'many', {
    name: 'many',
    selector: { app: 'reviews' },
    ports: [
      { name: 'http', port: 80, appProtocol: 'http' },
      { name: 'http-admin', port: 8080, appProtocol: 'http' },
      { name: 'grpc', port: 9090, appProtocol: 'grpc' },
      { name: 'tls', port: 8443, appProtocol: 'tls' },
    ],
  });
  const mongo = new VersionedApp(layer, 'mongo', {
    name: 'mongo',
    ports: [{ name: 'mongo', port: 27017, appProtocol: 'mongo' }],
    versions: { v4: pod, v5: pod },
  });
  const catalog = new VersionedApp(layer, 'catalog', {
    name: 'catalog',
    ports: [{ name: 'grpc', port: 9000, appProtocol: 'grpc' }],
    versions: { v1: pod, v2: pod },
  });
  return { layer, reviews, ratings, many, mongo, catalog };
}

export const istioEntrance = {
  host: 'shop.mesh.test',
  port: 80,
  api: 'istio',
  gateway: { namespace: 'ingress', name: 'shop-gateway' },
} as const satisfies Entrance;

export const tlsEntrance = { ...istioEntrance, port: 443, carries: 'tls' } as const satisfies ConnectionEntrance;

export const gatewayEntrance = {
  host: 'shop.mesh.test',
  port: 80,
  api: 'gateway-api',
  gateway: { namespace: 'shop', name: 'shop' },
  section: 'http',
} as const satisfies Entrance;
