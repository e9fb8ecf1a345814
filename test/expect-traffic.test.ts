import { AssertionError } from 'node:assert';
import { describe, expect, it } from 'vitest';
import {
  Authorization,
  Bookinfo,
  Curl,
  expectTraffic,
  HttpRoutes,
  Layer,
  Mesh,
  MeshApp,
  MeshService,
  SidecarScope,
  Stack,
  type TrafficExpectation,
  TrafficPolicy,
} from '../constructs/index.ts';

const app = new MeshApp({ outdir: 'unused' });
const stack = new Stack(app, 'shop');
const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [mesh] });
const istio = new Mesh(mesh, 'istio', { mtls: 'strict' });
istio.enroll(apps);
const { reviews, ratings, details, productpage } = new Bookinfo(apps, 'bookinfo');
const curl = new Curl(apps, 'curl');
new HttpRoutes(apps, 'reviews', {
  of: reviews,
  rules: [
    { when: { path: { exact: '/old' } }, redirect: { path: '/new', code: 302 } },
    { when: { path: { exact: '/health' } }, respond: { status: 204 } },
    { when: { path: { exact: '/only-here' }, method: 'POST' }, to: reviews.v1, rewrite: { path: '/there' }, retries: 'none' },
    {
      to: reviews.v3,
      timeoutSeconds: 2,
      retries: { attempts: 1, perTryTimeoutSeconds: 1 },
      mirror: { to: reviews.v2, percent: 25 },
      fault: { delay: { seconds: 5, percent: 10 }, abort: { status: 503, percent: 1 } },
    },
  ],
});
new HttpRoutes(apps, 'ratings', { of: ratings, rules: [{ when: { path: { exact: '/known' } }, to: ratings.v1 }] });
new TrafficPolicy(apps, 'details-random', { of: details, name: 'details', loadBalancing: 'round-robin' });
new Authorization(apps, 'details-for-productpage', { to: details, action: 'allow', rules: [{ from: [productpage] }] });
const empty = new MeshService(apps, 'empty', {
  name: 'empty',
  selector: { app: 'empty' },
  ports: [{ name: 'http', port: 80, appProtocol: 'http' }],
});
const closed = new Layer(stack, 'closed', { variantOf: apps });
new SidecarScope(closed, 'scope', { mesh: istio, reaches: [reviews], outboundTraffic: 'registry-only' });

const traffic = expectTraffic(stack);
const asked = traffic.to(reviews).from(productpage.v1);

/** What holds, and what does not: of every expectation there is, so that a new one without a test does not compile. */
type Expectation = Exclude<keyof TrafficExpectation, 'with' | 'from' | 'through' | 'explanation'>;
const cases: Record<Expectation, readonly [holds: () => unknown, fails: () => unknown, says: string]> = {
  reaches: [
    () => asked.reaches(reviews.v3).reaches(reviews).reaches([reviews.v3, 100]),
    () => asked.reaches([reviews.v3, 90], [reviews.v2, 10]),
    'reaches other destinations',
  ],
  findsPods: [() => asked.findsPods(), () => traffic.to(empty).findsPods(), 'finds no pods at'],
  isDelayed: [() => asked.isDelayed(5, 10), () => asked.isDelayed(5), 'is delayed otherwise'],
  isAborted: [() => asked.isAborted(503, 1), () => asked.isAborted(504, 1), 'is aborted otherwise'],
  hasNoFault: [() => traffic.to(details).hasNoFault(), () => asked.hasNoFault(), 'has a fault'],
  timesOutAfter: [() => asked.timesOutAfter(2), () => asked.timesOutAfter(3), 'has another timeout: 2, not 3'],
  isRetried: [
    () => asked.isRetried({ attempts: 1, perTryTimeout: 1 }),
    () => asked.isRetried({ attempts: 2 }),
    'is retried otherwise',
  ],
  isNotRetried: [
    () => traffic.to(reviews).with({ path: '/only-here', method: 'POST' }).isNotRetried(),
    () => asked.isNotRetried(),
    'is retried',
  ],
  isMirroredTo: [() => asked.isMirroredTo(reviews.v2, 25), () => asked.isMirroredTo(reviews.v2), 'is mirrored otherwise'],
  isRewrittenTo: [
    () => asked.with({ path: '/only-here', method: 'POST' }).isRewrittenTo('/there'),
    () => asked.with({ path: '/only-here' }).isRewrittenTo('/there'),
    'is rewritten otherwise',
  ],
  isRedirectedTo: [
    () => asked.with({ path: '/old' }).isRedirectedTo('http://reviews.bookinfo.svc.cluster.local:9080/new', 302),
    () => asked.with({ path: '/old' }).isRedirectedTo('http://elsewhere/', 302),
    'is redirected otherwise',
  ],
  isAnswered: [
    () => asked.with({ path: '/health' }).isAnswered(204),
    () => asked.with({ path: '/health' }).isAnswered(200),
    'is answered otherwise: 204, not 200',
  ],
  isNotFound: [
    () => traffic.to(ratings).isNotFound(),
    () => asked.isNotFound(),
    'becomes something else: "route", not "notfound"',
  ],
  passesThrough: [
    () => traffic.to('example.com').from(curl.workload).passesThrough(),
    () => asked.passesThrough(),
    'not "passthrough"',
  ],
  isBlocked: [
    () => expectTraffic(closed).to('example.com').from(curl.workload).isBlocked(),
    () => traffic.to('example.com').from(curl.workload).isBlocked(),
    'not "blackhole"',
  ],
  isAllowed: [
    () => traffic.to(details).from(productpage.v1).isAllowed(),
    () => traffic.to(details).from(curl.workload).isAllowed(),
    'is not allowed: false, not true',
  ],
  isDenied: [
    () => traffic.to(details).from(curl.workload).isDenied(),
    () => traffic.to(details).from(productpage.v1).isDenied(),
    'is not denied',
  ],
  usesTls: [() => asked.usesTls('mutual'), () => asked.usesTls('plain'), 'uses other TLS'],
  isBalancedBy: [
    () => traffic.to(details).isBalancedBy('ROUND_ROBIN'),
    () => traffic.to(details).isBalancedBy('RANDOM'),
    'is balanced otherwise: "ROUND_ROBIN", not "RANDOM"',
  ],
};

describe('expectTraffic', () => {
  it.each(Object.entries(cases))('%s', (_name, [holds, fails, says]) => {
    expect(holds).not.toThrow();
    expect(fails).toThrow(AssertionError);
    expect(fails).toThrow(says);
  });

  it('tells the request and the reasons, and gives actual and expected', () => {
    let caught: unknown;
    try {
      asked.with({ headers: { 'end-user': 'jason' } }).timesOutAfter(9);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(AssertionError);
    expect(caught).toMatchObject({ actual: 2, expected: 9 });
    expect(String(caught)).toContain(
      'GET reviews.bookinfo.svc.cluster.local:9080/ with end-user: jason from bookinfo/productpage-v1 has another timeout: 2, not 9; because\n  - ',
    );
  });

  it('reads an app of one stack, a layer of a stack, a variant', () => {
    expectTraffic(app).to(reviews).reaches(reviews.v3);
    expectTraffic(apps).to(reviews).reaches(reviews.v3);
    expectTraffic(closed).to(reviews).reaches(reviews.v3);
  });

  it('wants to know which stack of several, and whether there is one', () => {
    const two = new MeshApp({ outdir: 'unused' });
    new Stack(two, 'one');
    new Stack(two, 'other');
    expect(() => expectTraffic(two).to('reviews').isNotFound()).toThrow('the app has stacks one, other: ask one of them');
    expect(() =>
      expectTraffic(new MeshApp({ outdir: 'unused' }))
        .to('reviews')
        .isNotFound(),
    ).toThrow('the app has no stack');
  });
});
