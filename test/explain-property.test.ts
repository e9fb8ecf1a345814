import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, object, service, toReviews, virtualService } from './explain-world.ts';

const weights = fc.array(fc.oneof(fc.constant(0), fc.nat(100), fc.nat(10_000)), { minLength: 1, maxLength: 6 });
const hosts = ['a', 'b', 'c', 'd', 'e', 'f'];
const backends = hosts.map((name) => service(name, 'shop', '{name: http, port: 9080}'));

/** Whatever the weights: requests go somewhere, and all of them are told. */
function allAreTold(given: readonly number[], percents: readonly number[]): void {
  expect(percents.reduce((sum, one) => sum + one, 0)).toBeCloseTo(100, 6);
  expect(percents.every((one) => one > 0 && one <= 100)).toBe(true);
  expect(percents).toHaveLength(Math.max(1, given.filter((one) => one > 0).length));
}

describe('the shares of an answer', () => {
  it('make 100 for a VirtualService', () => {
    fc.assert(
      fc.property(weights, (given) => {
        // Of several, all 0 is refused by Istio.
        fc.pre(given.length === 1 || given.some((one) => one > 0));
        const route = given.map((weight, i) => `{destination: {host: ${hosts[i]}}, weight: ${weight}}`).join(', ');
        const { destinations } = ask(
          toReviews,
          ...backends,
          virtualService('v', `{hosts: [reviews], http: [{route: [${route}]}]}`),
        );
        allAreTold(
          given,
          destinations.map(({ percent }) => percent),
        );
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it('make 100 for an HTTPRoute', () => {
    fc.assert(
      fc.property(weights, (given) => {
        fc.pre(given.some((one) => one > 0));
        const refs = given.map((weight, i) => `{name: ${hosts[i]}, port: 9080, weight: ${weight}}`).join(', ');
        const spec = `{parentRefs: [{group: '', kind: Service, name: reviews, port: 9080}], rules: [{backendRefs: [${refs}]}]}`;
        const { destinations } = ask(
          toReviews,
          ...backends,
          object('gateway.networking.k8s.io/v1', 'HTTPRoute', 'r', spec, 'shop'),
        );
        allAreTold(
          given,
          destinations.map(({ percent }) => percent),
        );
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});
