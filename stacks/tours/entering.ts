import { GatewayApiGateway, HttpRoutes, IstioIngress, Layer } from '../../constructs/index.ts';
import type { TrafficLab } from '../traffic.ts';

/** The shop by other ways in: a Gateway of the Gateway API with pods of its own, and a plain Ingress. */
export function entering({ stack, exposure, demos, istio, bookinfo, helloworld }: TrafficLab): void {
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
}
