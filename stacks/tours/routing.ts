import { canary, HttpRoutes, Layer, TrafficPolicy } from '../../constructs/index.ts';
import type { TrafficLab } from '../traffic.ts';

/** Which version answers whom. */
export function routing({ stack, apps, demos, bookinfo: { reviews }, helloworld, curl }: TrafficLab): void {
  const tour = (name: string) => new Layer(stack, name, { variantOf: apps });
  new HttpRoutes(tour('all-v1'), 'reviews', { of: reviews, rules: [{ to: reviews.v1 }] });
  new HttpRoutes(tour('all-v3'), 'reviews', { of: reviews, rules: [{ to: reviews.v3 }] });
  new HttpRoutes(tour('all-v3-httproute'), 'reviews', { of: reviews, as: 'gateway-api', rules: [{ to: reviews.v3 }] });
  new HttpRoutes(tour('jason-v2'), 'reviews', {
    of: reviews,
    rules: [{ name: 'jason', when: { headers: { 'end-user': 'jason' } }, to: reviews.v2 }, { to: reviews.v3 }],
  });
  for (let step = canary(reviews.v1, reviews.v2); ; step = step.next()) {
    new HttpRoutes(tour(`canary-${100 - step.percent}-${step.percent}`), 'reviews', { of: reviews, rules: [{ to: step.to }] });
    if (step.done) break;
  }
  new TrafficPolicy(tour('load-balancing'), 'reviews', { of: reviews, loadBalancing: 'random' });
  new TrafficPolicy(tour('load-balancing-round-robin'), 'reviews', { of: reviews, loadBalancing: 'round-robin' });
  new TrafficPolicy(tour('load-balancing-sticky'), 'reviews', {
    of: reviews,
    loadBalancing: { consistentHash: { header: 'end-user' } },
  });
  new HttpRoutes(new Layer(stack, 'matching', { variantOf: demos }), 'helloworld', {
    of: helloworld,
    rules: [
      { name: 'asked-for', when: { path: { under: '/hello' }, method: 'GET', query: { version: 'v2' } }, to: helloworld.v2 },
      { name: 'testers', when: [{ headers: { 'x-tester': { regex: '.+' } } }, { from: curl.workload }], to: helloworld.v2 },
      { to: helloworld.v1 },
    ],
  });
  new HttpRoutes(new Layer(stack, 'mirror', { variantOf: demos }), 'helloworld', {
    of: helloworld,
    rules: [{ to: helloworld.versions.v1, mirror: { to: helloworld.versions.v2, percent: 50 } }],
  });
}
