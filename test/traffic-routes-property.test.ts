import { App } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entrance, Layer, UserError } from '../constructs/kit/index.ts';
import { HttpRoutes, type HttpRoutesProps, TrafficPolicy } from '../constructs/mesh/index.ts';
import { fromObjects, prove } from '../constructs/proof/index.ts';
import { validate } from '../constructs/proof/schemas.ts';
import { httpRules } from './support/http-rules.ts';
import { gatewayEntrance, shop } from './support/routes.ts';
import { objects } from './support/synth.ts';

const apps = shop();
const { reviews } = apps;

const istioGateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name: 'front', namespace: 'shop' },
  spec: {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop.mesh.test'] }],
  },
};
const listener = {
  name: 'http',
  port: 80,
  protocol: 'HTTP',
  hostname: 'shop.mesh.test',
  allowedRoutes: { namespaces: { from: 'Same' } },
};
const gateway = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'shop', namespace: 'shop' },
  spec: { gatewayClassName: 'istio', listeners: [listener] },
};
const front: Entrance = { host: 'shop.mesh.test', port: 80, api: 'istio', gateway: { namespace: 'shop', name: 'front' } };
const places = [{ of: reviews }, { of: reviews, as: 'gateway-api' }, { at: front }, { at: gatewayEntrance }];

const base = (() => {
  const { layer, reviews, ratings } = shop();
  new TrafficPolicy(layer, 'reviews-policy', { of: reviews });
  new TrafficPolicy(layer, 'ratings-policy', { of: ratings });
  return [...objects(layer), istioGateway, gateway].map((json) => ({ json, path: 'shop' }));
})();

describe('what HttpRoutes accepts', () => {
  it('passes the schemas and the proof', () => {
    const accepted = places.map(() => 0);
    fc.assert(
      fc.property(fc.nat(places.length - 1), httpRules(apps), (place, given) => {
        const layer = new Layer(new App(), 'routes', { namespace: { existing: 'shop' } });
        try {
          new HttpRoutes(layer, 'routes', { ...places[place], rules: given } as unknown as HttpRoutesProps);
        } catch (error) {
          if (error instanceof UserError) return;
          throw error;
        }
        accepted[place] = (accepted[place] ?? 0) + 1;
        const made = objects(layer);
        expect(made.map((one) => validate(one))).toEqual(made.map(() => []));
        const findings = prove(fromObjects([...base, ...made.map((json) => ({ json, path: 'routes' }))], { name: 'shop' }));
        expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      }),
      { numRuns: 800, seed: 5 },
    );
    // A property of nothing would hold, too.
    for (const count of accepted) expect(count).toBeGreaterThan(20);
  });
});
