import { describe, expect, it } from 'vitest';
import { Endpoint, Workload } from '../constructs/kit/index.ts';
import { RateLimit, type RateLimitProps } from '../constructs/mesh/index.ts';
import { validate } from '../constructs/proof/schemas.ts';
import { layer, object } from './support/synth.ts';

const cart = { namespace: 'shop', selector: { app: 'cart' } };

/** The spec of a limit, and the filter's configuration in it. */
function limit(props: RateLimitProps) {
  const chart = layer('shop');
  new RateLimit(chart, 'limit', props);
  const made = object(chart, 'EnvoyFilter', props.name ?? 'limit');
  expect(validate(made)).toEqual([]);
  const [patch] = made.spec.configPatches;
  return { made, match: patch.match, config: patch.patch.value.typed_config };
}

const refused = (props: RateLimitProps) => expect(() => limit(props));

describe('RateLimit', () => {
  it('is a token bucket in the inbound proxies of the pods', () => {
    const { made, match, config } = limit({ for: cart, requests: 10, perSeconds: 60 });
    expect(made.metadata.namespace).toBe('shop');
    expect(made.spec.workloadSelector).toEqual({ labels: { app: 'cart' } });
    expect(match).toEqual({
      context: 'SIDECAR_INBOUND',
      listener: { filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager' } } },
    });
    const always = { numerator: 100, denominator: 'HUNDRED' };
    expect(config).toMatchObject({
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',
      token_bucket: { max_tokens: 10, tokens_per_fill: 10, fill_interval: '60s' },
      filter_enabled: { default_value: always },
      filter_enforced: { default_value: always },
      response_headers_to_add: [{ header: { key: 'x-local-rate-limit', value: 'true' } }],
    });
    expect(config.descriptors).toBeUndefined();
  });

  it('protects gateway pods, which have no inbound listeners as sidecars have', () => {
    const service = Endpoint.external({ protocol: 'http', host: 'istio-ingressgateway.shop.svc.cluster.local', port: 80 });
    const pods = { namespace: 'shop', selector: { istio: 'ingressgateway' }, service };
    expect(limit({ for: pods, requests: 10, perSeconds: 60 }).match.context).toBe('GATEWAY');
    const chart = layer('shop');
    const workload = new Workload(chart, 'cart', { name: 'cart', version: '1', image: 'cart:1', user: 1000 });
    new RateLimit(chart, 'own', { for: workload, requests: 1, perSeconds: 1 });
    expect(object(chart, 'EnvoyFilter', 'own').spec.configPatches[0].match.context).toBe('SIDECAR_INBOUND');
  });

  it('renders every option', () => {
    const every: Required<RateLimitProps> = {
      for: cart,
      port: 8080,
      name: 'cart-limit',
      responseHeader: { name: 'x-limited', value: 'yes' },
      requests: 100,
      perSeconds: 1,
      paths: [
        { prefix: '/api', requests: 5, perSeconds: 60 },
        { prefix: '/api/slow', requests: 1, perSeconds: 60 },
      ],
    };
    const { match, config } = limit(every);
    expect(match.listener.portNumber).toBe(8080);
    expect(config.response_headers_to_add[0].header).toEqual({ key: 'x-limited', value: 'yes' });
    expect(config.descriptors).toEqual([
      {
        entries: [{ key: 'path', value: '/api/slow' }],
        token_bucket: { max_tokens: 1, tokens_per_fill: 1, fill_interval: '60s' },
      },
      { entries: [{ key: 'path', value: '/api' }], token_bucket: { max_tokens: 5, tokens_per_fill: 5, fill_interval: '60s' } },
    ]);
    const [slow, api] = config.rate_limits.map(
      (l: { actions: [{ header_value_match: object }] }) => l.actions[0].header_value_match,
    );
    expect(slow).toMatchObject({
      descriptor_value: '/api/slow',
      headers: [{ name: ':path', string_match: { prefix: '/api/slow' } }],
    });
    // A request counts for its longest prefix alone.
    expect(api.headers).toEqual([
      { name: ':path', string_match: { prefix: '/api' } },
      { name: ':path', string_match: { prefix: '/api/slow' }, invert_match: true },
    ]);
  });

  it('can limit some paths alone: the rest has a bucket that is never empty', () => {
    const { config } = limit({ for: cart, paths: [{ prefix: '/api', requests: 5, perSeconds: 60 }] });
    expect(config.token_bucket.max_tokens).toBeGreaterThanOrEqual(1_000_000_000);
    expect(config.token_bucket.fill_interval).toBe('60s');
    expect(config.descriptors).toHaveLength(1);
  });

  it('refuses what Envoy would refuse', () => {
    const api = { prefix: '/api', requests: 5, perSeconds: 60 };
    for (const requests of [0, -1, 1.5, Number.NaN])
      refused({ for: cart, requests, perSeconds: 1 }).toThrow(
        `requests of 'layer/limit' is ${requests}: allowed is a whole number from 1`,
      );
    refused({ for: cart, requests: 1, perSeconds: 0.01 }).toThrow('every 0.05 seconds at most');
    refused({ for: cart, requests: 1, perSeconds: Number.NaN }).toThrow("perSeconds of 'layer/limit' is NaN");
    refused({ for: cart, requests: 1, perSeconds: 7, paths: [api] }).toThrow('Envoy takes multiples of perSeconds, 7, only');
    refused({
      for: cart,
      paths: [
        { ...api, perSeconds: 1.5 },
        { ...api, prefix: '/b' },
        { ...api, prefix: '/c', perSeconds: 1 },
      ],
    }).toThrow('multiples of the shortest, 1, only');
    refused({ for: cart, paths: [{ ...api, prefix: 'api' }] }).toThrow('holds "api": a path begins with');
    refused({ for: cart, paths: [api, api] }).toThrow("holds '/api' twice");
    refused({ for: cart, port: 0, requests: 1, perSeconds: 1 }).toThrow('port 0');
    refused({ for: cart, requests: 1, perSeconds: 1, responseHeader: { name: 'x y', value: '' } }).toThrow('names header "x y"');
    refused({ for: { ...cart, namespace: 'bank' }, requests: 1, perSeconds: 1 }).toThrow(
      "is for pods of 'bank', but stands in 'shop'",
    );
    // @ts-expect-error a number of requests without a time
    refused({ for: cart, requests: 1 }).toThrow("perSeconds of 'layer/limit' is undefined");
  });
});
