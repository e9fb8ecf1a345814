import { Fortio, Layer, TrafficGenerator } from '../../constructs/index.ts';
import type { TrafficLab } from '../traffic.ts';

/** Requests by number and by rate, to Bookinfo's page: each a Job that ends, and says how many traces it leaves. */
export function sending({ stack, apps, istio, published }: TrafficLab): void {
  const tour = (name: string) => new Layer(stack, name, { variantOf: apps });
  const page = { to: published, mesh: istio } as const;
  for (const requests of [100, 1_000, 10_000])
    new TrafficGenerator(tour(`requests-${requests}`), 'requests', { ...page, requests });
  new Fortio(tour('load-once'), 'fortio', { ...page, once: true });
  new Fortio(tour('load-20-qps'), 'fortio', { ...page, qps: 20, seconds: 100 });
  new Fortio(tour('load-50-qps'), 'fortio', { ...page, qps: 50, seconds: 100 });
  new Fortio(tour('load-200-requests'), 'fortio', { ...page, qps: 50, requests: 200 });
}
