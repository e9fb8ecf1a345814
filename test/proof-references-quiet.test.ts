import { describe, expect, it } from 'vitest';
import { findingsOf, goodMesh } from './proof-world.ts';

const gateway = (spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: door, namespace: shop}\nspec: {selector: {istio: ingressgateway}, servers: [${spec}]}`;
const route = (spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: door, namespace: shop}\nspec: {gateways: [door], http: [{route: [{destination: {host: reviews}}]}], ${spec}}`;
const http = (port: number, host: string) => `{port: {number: ${port}, name: http, protocol: HTTP}, hosts: ['${host}']}`;
const pod = (container: string, port = '{name: http, port: 80, targetPort: 8080}') =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart, namespace: shop}\nspec: {selector: {matchLabels: {app: cart}}, template: {metadata: {labels: {app: cart}}, spec: {serviceAccountName: reviews, containers: [{name: cart, image: 'cart:1', ${container}}]}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop}\nspec: {selector: {app: cart}, ports: [${port}]}`;
const variable = (value: string) => pod(`env: [{name: UPSTREAM, value: '${value}'}]`);
const namespace = (labels: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: other, labels: {${labels}}}`;

/** Objects beside the good mesh, and the codes that they give. */
const worlds: readonly (readonly [what: string, yaml: string, codes?: readonly string[]])[] = [
  ['a Gateway for all hosts', `${gateway(http(80, '*'))}\n---\n${route('hosts: [a.test]')}`],
  ['a Gateway for a domain', `${gateway(http(80, '*.mesh.test'))}\n---\n${route('hosts: [a.mesh.test]')}`],
  ['a route for a domain', `${gateway(http(80, 'a.mesh.test'))}\n---\n${route("hosts: ['*.mesh.test']")}`],
  ['a Gateway for routes of its own namespace', `${gateway(http(80, './a.test'))}\n---\n${route('hosts: [a.test]')}`],
  ['a Gateway for routes of a namespace', `${gateway(http(80, 'shop/*'))}\n---\n${route('hosts: [A.test]')}`],
  ['a Gateway for routes of another namespace', `${gateway(http(80, 'bank/*'))}\n---\n${route('hosts: [a.test]')}`, ['REF014']],
  ['a host that the Gateway does not take', `${gateway(http(80, 'b.test'))}\n---\n${route('hosts: [a.test]')}`, ['REF014']],
  ['one host of two', `${gateway(http(80, 'b.test'))}\n---\n${route('hosts: [a.test, b.test]')}`],
  ['the targetPort of istioctl’s gateway', gateway(http(8080, 'a.test'))],
  ['a port that the gateway’s Service does not have', gateway(http(8081, 'a.test')), ['REF015']],
  ['a gateway of one’s own', gateway(http(8081, 'a.test')).replace('ingressgateway', 'edge')],
  ['a targetPort by name', pod('ports: [{name: web, containerPort: 8080}]', '{name: http, port: 80, targetPort: web}')],
  ['a targetPort by a name of nobody', pod('ports: []', '{name: http, port: 80, targetPort: web}'), ['REF016']],
  ['a targetPort of the injected sidecar', pod('ports: []', '{name: m, port: 80, targetPort: http-envoy-prom}')],
  ['the address of a Service', variable('http://reviews.shop.svc.cluster.local:9080/x')],
  ['a list of addresses', variable('reviews.shop:9080,zipkin.observability:9411')],
  ['an address that is not there', variable('http://review.shop.svc.cluster.local:9080'), ['REF017']],
  ['a port that the Service does not have', variable('reviews.shop.svc:9081'), ['REF017']],
  ['an address of a namespace that is not in the input', variable('http://db.data.svc.cluster.local:5432')],
  ['an address outside', variable('https://api.shop.example.com')],
  ['a file', variable('config.shop')],
  ['a variable', variable('http://$(HOST).shop.svc.cluster.local')],
  ['a script', pod('args: ["curl http://review.shop.svc.cluster.local\\n"]')],
  ['what the operator of a collector makes', variable('main-collector.observability.svc.cluster.local:4317')],
  ['a namespace that is enrolled by revision', namespace('istio.io/rev: canary')],
  ['a namespace that says the same twice', namespace('istio-injection: enabled, istio.io/rev: default')],
  ['a namespace that is out for a while', namespace('istio-injection: disabled, istio.io/rev: canary')],
  ['an ambient namespace that is kept from sidecars', namespace('istio-injection: disabled, istio.io/dataplane-mode: ambient')],
  ['a namespace with a word of nobody', namespace('istio.io/dataplane-mode: enabled'), ['TRC054']],
];

describe('references of routes, Gateways, Services and containers', () => {
  it.each(worlds)('%s', (_, yaml, codes = []) => {
    const told = findingsOf(`${goodMesh}---\n${yaml}\n`).filter(({ severity }) => severity !== 'info');
    expect(told.map(({ code }) => code)).toEqual(codes);
    for (const { hint } of told) expect(hint).not.toBe('');
  });
});
