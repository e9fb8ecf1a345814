import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type PodSet, UserError, Workload } from '../constructs/kit/index.ts';
import { Authorization, type AuthorizationProps, type AuthorizationRule, type Source } from '../constructs/mesh/index.ts';
import { fromObjects, prove } from '../constructs/proof/index.ts';
import { layer, objects } from './support/synth.ts';

/** A list of at least one. */
function some<T>(one: fc.Arbitrary<T>): fc.Arbitrary<readonly [T, ...T[]]> {
  return fc.tuple(one, fc.array(one, { maxLength: 2 })).map(([first, others]) => [first, ...others]);
}

/** Mostly what is fine, now and then what is not: a policy without any mistake has to come up, too. */
function mostly<T>(good: readonly T[], bad: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 40, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: fc.constantFrom(...bad) });
}

const text = mostly(['a', 'b-1', '*', 'x*', '*y', 'y', '1'], ['']);
const name = mostly(['shop', 'web', 'a.b'], ['']);
const path = mostly(['/', '/a', '/a/*', '*.png', '*', '/{*}/x', '/{**}'], ['a', '/a?b', '/a*b', '/{x}']);
const port = mostly<number | string>(['http', 8080], ['tcp', 5432, 0, 90000]);
const address = mostly(['10.0.0.0/8', '::1', '2001:db8::/32'], ['x', '1.2.3.4/99', '1.2.3']);
const source: fc.Arbitrary<Source> = fc.oneof(
  fc.record({ namespace: name, serviceAccount: name }),
  fc.record({ namespace: name }),
  fc.record({ ipBlocks: some(address) }),
  fc.record({ remoteIpBlocks: some(address) }),
  fc.record({ token: fc.oneof(fc.constant('any' as const), fc.record({ issuer: text })) }),
);
const sources = fc.oneof(fc.constantFrom('anyone' as const, 'authenticated' as const), some(source));
const condition = fc.oneof(
  fc.record({ key: fc.constantFrom('source.ip', 'remote.ip', 'destination.ip'), values: some(address) }),
  fc.record({ key: fc.constant('connection.sni'), values: some(text) }),
  fc.record({ key: fc.constant('destination.port'), notValues: some(mostly(['80'], ['0', 'x'])) }),
);
const operation = fc.record(
  { paths: some(path), methods: some(mostly(['GET', '*'], ['get'])), hosts: some(text), ports: some(port) },
  { requiredKeys: [] },
);
const rule: fc.Arbitrary<AuthorizationRule> = fc
  .record(
    {
      from: sources,
      notFrom: sources,
      not: operation,
      headers: fc.dictionary(name, some(text), { maxKeys: 2 }),
      claims: fc.dictionary(name, some(text), { maxKeys: 2 }),
      when: fc.array(condition, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  )
  .chain((rest) => operation.map((asked) => ({ ...rest, ...asked })));
const plain: PodSet = { namespace: 'shop', selector: { app: 'plain' } };
const props = fc.record({
  to: fc.constantFrom('namespace' as const, 'web' as const, plain),
  action: fc.constantFrom<AuthorizationProps['action'][]>('allow', 'deny', 'audit', { custom: 'opa' }),
  rules: some(rule),
});

function policies({ to, ...more }: typeof props extends fc.Arbitrary<infer T> ? T : never) {
  const chart = layer('shop');
  const web = new Workload(chart, 'web', {
    name: 'web',
    version: '1',
    image: 'web:1',
    user: 1000,
    ports: [
      { name: 'http', port: 8080 },
      { name: 'tcp', port: 5432 },
    ],
    service: [
      { name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' },
      { name: 'tcp', port: 5432, appProtocol: 'tcp' },
    ],
  });
  new Authorization(chart, 'policy', { to: to === 'web' ? web : to, ...more });
  return objects(chart);
}

it('whatever an Authorization accepts is a policy that the API server takes; all else is told as the mistake it is', () => {
  let accepted = 0;
  fc.assert(
    fc.property(props, (given) => {
      let made: ReturnType<typeof policies>;
      try {
        made = policies(given);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        return;
      }
      accepted++;
      const world = fromObjects(made.map((json) => ({ json, path: 'shop' })));
      expect(
        prove(world).filter(({ code, object }) => code.startsWith('OBJ') && object.startsWith('AuthorizationPolicy/')),
      ).toEqual([]);
    }),
    { seed: 5, numRuns: 1000 },
  );
  expect(accepted).toBeGreaterThan(50);
}, 60_000);
