import { Bookinfo, Curl, HeaderChain, type IstioGateway, type Layer, TrafficGenerator } from '../constructs/index.ts';

/**
 * What runs in every lab, and lets requests in to it: Bookinfo, a chain of small services, a pod to ask from, and someone who uses the shop. It knows of no tracer,
 * so that switching the backend changes no byte of it.
 */
export function shop(apps: Layer, gateway: IstioGateway): void {
  const bookinfo = gateway.publish(new Bookinfo(apps, 'bookinfo'), { host: 'bookinfo.mesh.test' });
  gateway.publish(new HeaderChain(apps, 'chain'), { host: 'myservice-a.mesh.test' });
  new Curl(apps, 'curl');
  new TrafficGenerator(apps, 'load', { to: bookinfo, everySeconds: 1 });
}
