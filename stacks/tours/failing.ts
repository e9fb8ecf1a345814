import { Fortio, HttpRoutes, Layer, RateLimit, TrafficPolicy } from '../../constructs/index.ts';
import type { TrafficLab } from '../traffic.ts';

/** What happens when somebody is slow, broken or overrun. */
export function failing({
  stack,
  apps,
  demos,
  bookinfo: { reviews, ratings, productpage },
  httpbin,
  helloworld,
  polyglot,
}: TrafficLab): void {
  const { python, go } = polyglot.services;
  const jason = { headers: { 'end-user': 'jason' } };
  const tour = (name: string, of: Layer) => new Layer(stack, name, { variantOf: of });

  new HttpRoutes(tour('fault-delay', demos), 'go', {
    of: go,
    rules: [{ to: go, fault: { delay: { seconds: 2, percent: 50 } } }],
  });
  new HttpRoutes(tour('fault-delay-jason', apps), 'ratings', {
    of: ratings,
    rules: [{ name: 'jason', when: jason, to: ratings.v1, fault: { delay: { seconds: 7 } } }, { to: ratings.v1 }],
  });
  new HttpRoutes(tour('fault-abort-504', demos), 'python', {
    of: python,
    rules: [{ to: python, fault: { abort: { status: 504, percent: 50 } } }],
  });

  // Reviews v2 asks ratings, which is slow: the page does without.
  const timeout = tour('timeout', apps);
  new HttpRoutes(timeout, 'ratings', { of: ratings, rules: [{ to: ratings.v1, fault: { delay: { seconds: 2 } } }] });
  new HttpRoutes(timeout, 'reviews', { of: reviews, rules: [{ to: reviews.v2, timeoutSeconds: 0.5 }] });

  new HttpRoutes(tour('retries', demos), 'httpbin', {
    of: httpbin.service,
    rules: [
      {
        to: httpbin.service,
        timeoutSeconds: 10,
        retries: { attempts: 3, perTryTimeoutSeconds: 2, on: ['5xx', 'connect-failure'] },
      },
    ],
  });

  const breaker = tour('circuit-breaker', demos);
  new TrafficPolicy(breaker, 'httpbin', {
    of: httpbin.service,
    connections: { max: 1, pendingRequests: 1, requestsPerConnection: 1 },
    outliers: { consecutive5xx: 1, intervalSeconds: 1, ejectSeconds: 180, maxEjectionPercent: 100 },
  });
  new Fortio(breaker, 'fortio', { to: httpbin.service, path: '/get', qps: 'max', connections: 3, requests: 30 });

  new TrafficPolicy(tour('locality-failover', demos), 'helloworld', {
    of: helloworld,
    locality: { failover: { 'eu-west-1': 'eu-central-1' } },
    // Istio's 10 % of two pods is none.
    outliers: { consecutive5xx: 3, intervalSeconds: 10, ejectSeconds: 60, maxEjectionPercent: 100 },
  });
  new RateLimit(tour('rate-limit', apps), 'productpage', { for: productpage.v1, requests: 4, perSeconds: 60 });
}
