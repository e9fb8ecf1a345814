import { ADDED, add, type Breakage, push, replace, row, set, without } from '../support/breakage.ts';
import type { Stack } from './stacks.ts';

const rule = 'DestinationRule/bookinfo/reviews';
const gateway = 'Gateway/istio-system/bookinfo-gateway';
const route = 'VirtualService/istio-system/bookinfo';
const door = 'exposure/gateway';
const podSpec = 'spec.template.spec';

const canary = (routes: string) =>
  add(
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: reviews, namespace: bookinfo}\nspec: {hosts: [reviews.bookinfo.svc.cluster.local], http: [{route: ${routes}}]}`,
  );

/** The apps, and the way in for them. In every stack. */
export function appBreakages(home: string, exposure = door): Breakage[] {
  const at = `${exposure}/bookinfo`;
  // biome-ignore format: one line each
  return [
    row('REF001', at, 'the route’s host is misspelt', set(route, 'spec.http[0].route[0].destination.host', 'productpages.bookinfo.svc.cluster.local')),
    row('REF001', ADDED, 'a route of another namespace names the app by its short name', add(`apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: short, namespace: ${home}}\nspec: {hosts: [bookinfo.mesh.test], gateways: [istio-system/bookinfo-gateway], http: [{route: [{destination: {host: productpage}}]}]}`)),
    row('REF004', at, 'the route’s port is that of the gateway', set(route, 'spec.http[0].route[0].destination.port.number', 80)),
    row('REF002', at, 'the route names a subset that no rule has', set(route, 'spec.http[0].route[0].destination.subset', 'v2')),
    row('REF003', at, 'the route is bound to a Gateway that is not there', set(route, 'spec.gateways[0]', 'book-info-gateway')),
    row('REF007', at, 'the Gateway selects no gateway pods', set(gateway, 'spec.selector.istio', 'ingress')),
    row('REF015', at, 'the Gateway listens at a port that the Service of the pods does not open', set(gateway, 'spec.servers[0].port.number', 8081)),
    row('REF002', ADDED, 'a canary without a subset of that name', canary('[{destination: {host: reviews, subset: v4}}]')),
    row('REF010', ADDED, 'weights that add up to nothing', canary('[{destination: {host: reviews, subset: v1}, weight: 0}, {destination: {host: reviews, subset: v2}, weight: 0}]')),
    row('REF005', 'apps/bookinfo/reviews', 'a DestinationRule for a host that is not there', set(rule, 'spec.host', 'review.bookinfo.svc.cluster.local')),
    row('REF006', 'apps/bookinfo/reviews', 'a subset that no pod has', set(rule, 'spec.subsets[name=v3].labels.version', 'v4')),
    row('REF001', at, 'productpage’s Service is gone', without('Service/bookinfo/productpage')),
    row('REF012', 'apps/bookinfo/reviews', 'reviews’ Service selects a label of old', set('Service/bookinfo/reviews', 'spec.selector.app', 'review')),
    row('REF011', 'apps/bookinfo/ratings', 'ratings’ ServiceAccount is gone', without('ServiceAccount/bookinfo/bookinfo-ratings')),
    row('OBJ001', ADDED, 'two objects of one name', add('apiVersion: v1\nkind: Service\nmetadata: {name: reviews, namespace: bookinfo}\nspec: {selector: {app: reviews}, ports: [{name: http, port: 9080}]}')),
    row('OBJ010', 'apps/bookinfo/reviews', 'the Deployment of reviews does not select its pods', set('Deployment/bookinfo/reviews-v1', 'spec.template.metadata.labels.version', 'v9')),
    row('OBJ002', 'apps/bookinfo/reviews', 'a container’s image is misplaced', set('Deployment/bookinfo/reviews-v1', `${podSpec}.containers[0].imge`, 'x')),
    row('OBJ009', 'apps/bookinfo/reviews', 'a DestinationRule of a version that nobody serves', set(rule, 'apiVersion', 'networking.istio.io/v1beta2')),
    row('OBJ004', 'apps/bookinfo/details', 'a Service’s port is a text', set('Service/bookinfo/details', 'spec.ports[0].port', 'http')),
    row('OBJ008', 'apps/namespace', 'a namespace in a namespace', set('Namespace/bookinfo', 'metadata.namespace', 'default')),
    row('OBJ005', 'apps/bookinfo/details', 'a Service with the same port twice', push('Service/bookinfo/details', 'spec.ports', { name: 'http-2', port: 9080 })),
    row('OBJ012', 'apps/bookinfo/details', 'a Service of several ports without names', push('Service/bookinfo/details', 'spec.ports', { port: 9081 })),
  ];
}

/** The chain of services that shows whether headers are forwarded. */
export function chainBreakages({ provider: { type } }: Stack): Breakage[] {
  const at = `apps/chain`;
  const headers = `${podSpec}.containers[0].env[name=FORWARD_HEADERS].value`;
  const upstream = `${podSpec}.containers[0].env[name=UPSTREAM].value`;
  const needed = { opentelemetry: 'traceparent', zipkin: 'x-b3-traceid', skywalking: 'sw8' }[type];
  const other = {
    opentelemetry: 'x-b3-traceid,x-b3-spanid,x-b3-sampled',
    zipkin: 'traceparent,tracestate',
    skywalking: 'traceparent,tracestate',
  }[type];
  // biome-ignore format: one line each
  return [
    row('TRC007', at, 'a service of the chain forwards the headers of another tracer', set('Deployment/bookinfo/service-a', headers, `x-request-id,${other}`)),
    row('TRC007', at, `a service of the chain has lost one header, ${needed}`, replace('Deployment/bookinfo/service-b', headers, `${needed},`, '')),
    row('TRC007', at, 'a service of the chain forwards the request id alone', set('Deployment/bookinfo/service-b', headers, 'x-request-id')),
    row('REF011', at, 'the program of the chain is gone', without('ConfigMap/bookinfo/chain')),
    row('REF004', 'exposure/gateway/chain', 'the chain’s first Service has another port', set('Service/bookinfo/service-a', 'spec.ports[0].port', 80)),
    row('REF014', 'exposure/gateway/chain', 'the chain’s route is for a host that its Gateway does not take', set('VirtualService/istio-system/chain', 'spec.hosts[0]', 'chain.example.org')),
    row('REF001', 'exposure/gateway/chain', 'the chain’s first Service is gone', without('Service/bookinfo/service-a')),
    row('REF011', at, 'the chain’s pods have lost their account', without('ServiceAccount/bookinfo/service-b')),
    row('REF017', at, 'a service of the chain calls a Service that is not there', set('Deployment/bookinfo/service-a', upstream, 'http://service-d.bookinfo.svc.cluster.local:8080/api/v1/testA/')),
    row('REF017', at, 'a service of the chain calls another port than the Service has', set('Deployment/bookinfo/service-a', upstream, 'http://service-b.bookinfo.svc.cluster.local:80/api/v1/testA/')),
    row('REF017', at, 'the Service in the middle of the chain has another port', set('Service/bookinfo/service-b', 'spec.ports[0].port', 80)),
    row('REF017', at, 'the Service in the middle of the chain is gone', without('Service/bookinfo/service-b')),
    row('REF012', at, 'the chain’s Service selects no pods', set('Service/bookinfo/service-b', 'spec.selector.app', 'service-bb')),
  ];
}

/** The pages that people open at the gateway. */
export function pageRoutes({ pages, home }: Stack): Breakage[] {
  return pages.flatMap((page) => {
    const virtual = `VirtualService/istio-system/${page}`;
    const at = `${door}/${page}`;
    return [
      row(
        'REF001',
        at,
        `the route of ${page} leads to a Service that is not there`,
        set(virtual, 'spec.http[0].route[0].destination.host', `${page}-web.${home}.svc.cluster.local`),
      ),
      row(
        'REF004',
        at,
        `the route of ${page} has a port of nobody`,
        set(virtual, 'spec.http[0].route[0].destination.port.number', 8888),
      ),
      row('REF003', at, `the route of ${page} has no Gateway`, without(`Gateway/istio-system/${page}-gateway`)),
    ];
  });
}
