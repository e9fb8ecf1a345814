import {
  GatewayApiGateway,
  HttpRoutes,
  IstioIngress,
  Layer,
  LoadBalancerExposure,
  NodePortExposure,
} from '../../constructs/index.ts';
import type { TrafficLab } from '../traffic.ts';

/** The shop by other ways in: a Gateway of the Gateway API with pods of its own, and a plain Ingress. Pages past all gateways. */
export function entering({ stack, addons, exposure, demos, istio, bookinfo, helloworld, pages }: TrafficLab): void {
  const tour = (name: string, of: Layer) => new Layer(stack, name, { variantOf: of });
  const api = new GatewayApiGateway(tour('ingress-gateway-api', exposure), 'shop', { mesh: istio });
  api.publish(bookinfo, { host: 'shop.mesh.test' });

  new IstioIngress(tour('ingress-kubernetes', exposure), 'shop', { mesh: istio }).publish(bookinfo, { host: 'shop.mesh.test' });

  // Old links lead on, and only what is asked for is let in.
  const routes = tour('ingress-routes', demos);
  const hello = new GatewayApiGateway(routes, 'hello', { mesh: istio }).open({ host: 'hello.mesh.test' });
  new HttpRoutes(routes, 'hello-routes', {
    at: hello,
    rules: [
      { name: 'old', when: { path: { exact: '/hi' } }, redirect: { path: '/hello', code: 301 } },
      { name: 'hello', when: { path: { exact: '/hello' }, method: 'GET' }, to: helloworld },
    ],
  });

  // Where there is no gateway yet: a fixed port of every node, one that the cluster chooses, an address of their own.
  const ports = new NodePortExposure(tour('node-ports', addons), 'pages');
  ports.publish(pages.jaeger, { port: 30686 });
  ports.publish(pages.prometheus);
  new LoadBalancerExposure(tour('load-balancer', addons), 'pages').publish(pages.jaeger);
}
