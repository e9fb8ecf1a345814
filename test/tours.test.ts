import { ApiObject } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { expectTraffic, isLayer, type Layer, MeshApp } from '../constructs/index.ts';
import { traffic } from '../stacks/traffic.ts';
import { object } from './support/synth.ts';

const lab = traffic(new MeshApp({ outdir: 'unused' }));
const { bookinfo, httpbin, helloworld, polyglot, curl } = lab;
const { reviews, ratings, productpage, details } = bookinfo;
const { python, go, web } = polyglot.services;
const jason = { headers: { 'end-user': 'jason' } };

function tour(name: string): Layer {
  const layer = lab.stack.node.findChild(name);
  if (!isLayer(layer)) throw new Error(`${name} is no layer`);
  return layer;
}

/** Bookinfo's page, and its requests to reviews, with one tour on top. */
const shop = (name: string) => {
  const ask = expectTraffic(tour(name));
  return { ask, reviews: ask.to(reviews).from(productpage.v1) };
};

describe('without a tour', () => {
  const ask = expectTraffic(lab.stack);

  it('requests go to the Service, whichever version answers', () => {
    ask.to(reviews).from(productpage.v1).reaches(reviews).findsPods().hasNoFault().usesTls('mutual').isAllowed();
    ask.to(reviews).isRetried({ attempts: 2 });
  });

  it('the page is let in by its paths, and nothing else', () => {
    const page = ask.to('bookinfo.mesh.test').through(lab.published);
    page.with({ path: '/productpage' }).reaches(productpage).findsPods();
    page.with({ path: '/static/bootstrap.css' }).reaches(productpage);
    page.with({ path: '/admin' }).isNotFound();
    ask.to('nowhere.mesh.test').through(lab.published).isNotFound();
  });

  it('requests to hosts that nobody knows leave the mesh', () => {
    ask.to('httpbin.org').from(curl.workload).passesThrough();
  });
});

describe('who gets which version', () => {
  it('all-v1, all-v3: everybody the same', () => {
    shop('all-v1').reviews.reaches(reviews.v1).findsPods();
    shop('all-v3').reviews.reaches(reviews.v3);
    shop('all-v3').reviews.with(jason).reaches(reviews.v3);
  });

  it('all-v3-httproute: the same by the Gateway API, through a Service of the version', () => {
    const { destinations, outcome } = shop('all-v3-httproute').reviews.findsPods().explanation;
    expect(outcome).toBe('route');
    expect(destinations.map(({ host, percent, workloads }) => ({ host, percent, workloads }))).toEqual([
      { host: 'reviews-v3.bookinfo.svc.cluster.local', percent: 100, workloads: ['Deployment/bookinfo/reviews-v3'] },
    ]);
  });

  it('jason-v2: Jason gets v2, everybody else v3', () => {
    const { reviews: asked } = shop('jason-v2');
    asked.with(jason).reaches(reviews.v2);
    asked.reaches(reviews.v3);
    asked.with({ headers: { 'end-user': 'jasmine' } }).reaches(reviews.v3);
  });

  it.each([
    [90, 10],
    [80, 20],
    [50, 50],
    [20, 80],
  ])('canary-%i-%i: the shares of v1 and v2', (old, fresh) => {
    shop(`canary-${old}-${fresh}`).reviews.reaches([reviews.v1, old], [reviews.v2, fresh]);
  });

  it('canary-0-100: v2 alone', () => {
    shop('canary-0-100').reviews.reaches(reviews.v2);
  });

  it('load-balancing: any pod of any version, at random', () => {
    shop('load-balancing').reviews.reaches(reviews).isBalancedBy('RANDOM');
    expectTraffic(lab.stack).to(reviews).from(productpage.v1).isBalancedBy('LEAST_REQUEST');
  });

  it('load-balancing-round-robin, load-balancing-sticky: in turn, and each user always the same pod', () => {
    shop('load-balancing-round-robin').reviews.reaches(reviews).isBalancedBy('ROUND_ROBIN');
    shop('load-balancing-sticky').reviews.with(jason).reaches(reviews).isBalancedBy('consistent hash of header end-user');
  });

  it('matching: path, method and query together, or a header, or who asks', () => {
    const { v1, v2 } = helloworld.versions;
    const asked = expectTraffic(tour('matching')).to(helloworld).from(httpbin.versions.v1);
    asked.with({ path: '/hello?version=v2' }).reaches(v2).findsPods();
    asked.with({ path: '/hello/world?a=b&version=v2' }).reaches(v2);
    asked.with({ path: '/hello?version=v22' }).reaches(v1);
    asked.with({ path: '/hello?version=v2', method: 'POST' }).reaches(v1);
    asked.with({ path: '/helloes?version=v2' }).reaches(v1);
    asked.with({ headers: { 'x-tester': 'ann' } }).reaches(v2);
    asked.reaches(v1);
    expectTraffic(tour('matching')).to(helloworld).from(curl.workload).reaches(v2);
  });

  it('mirror: v1 answers, v2 gets a copy of every other request', () => {
    const { v1, v2 } = helloworld.versions;
    expectTraffic(tour('mirror')).to(helloworld).with({ path: '/hello' }).reaches(v1).isMirroredTo(v2, 50);
  });
});

describe('who is slow, broken or overrun', () => {
  it('fault-delay: every other request to Go waits', () => {
    expectTraffic(tour('fault-delay')).to(go).from(web).reaches(go).isDelayed(2, 50);
    expectTraffic(tour('fault-delay')).to(python).from(web).hasNoFault();
  });

  it('fault-delay-jason: only for Jason', () => {
    const { ask } = shop('fault-delay-jason');
    ask.to(ratings).from(reviews.v2).with(jason).reaches(ratings.v1).isDelayed(7);
    ask.to(ratings).from(reviews.v2).reaches(ratings.v1).hasNoFault();
  });

  it('fault-abort-504: every other request to Python fails', () => {
    expectTraffic(tour('fault-abort-504')).to(python).from(web).isAborted(504, 50);
  });

  it('timeout: reviews may take half a second, and ratings takes two', () => {
    const { ask, reviews: asked } = shop('timeout');
    asked.reaches(reviews.v2).timesOutAfter(0.5);
    ask.to(ratings).from(reviews.v2).isDelayed(2);
  });

  it('retries: three, two seconds each, ten altogether', () => {
    const asked = expectTraffic(tour('retries')).to(httpbin.service).with({ path: '/status/503' });
    asked.isRetried({ attempts: 3, perTryTimeout: 2, retryOn: '5xx,connect-failure' }).timesOutAfter(10);
  });

  it('circuit-breaker, locality-failover, rate-limit: the way is the same', () => {
    expectTraffic(tour('circuit-breaker')).to(httpbin.service).reaches(httpbin.service).findsPods();
    expectTraffic(tour('locality-failover')).to(helloworld).reaches(helloworld).findsPods();
    expectTraffic(tour('rate-limit')).to(productpage).reaches(productpage).findsPods();
  });

  it('circuit-breaker, locality-failover: a share of so few pods may be ejected', () => {
    for (const [name, host] of [['circuit-breaker', 'httpbin'] as const, ['locality-failover', 'helloworld'] as const])
      expect(object(tour(name), 'DestinationRule', host).spec.trafficPolicy.outlierDetection.maxEjectionPercent).toBe(100);
  });
});

/** A tour's object of a kind. */
function made(name: string, kind: string) {
  const found = tour(name)
    .node.findAll()
    .find((one): one is ApiObject => ApiObject.isApiObject(one) && one.kind === kind);
  return found?.toJson();
}

describe('how many requests', () => {
  const sent = (name: string) => {
    const { metadata, spec } = made(name, 'Job');
    const [{ args }] = spec.template.spec.containers;
    return { args: args.join(' '), traces: metadata.annotations['meshwright.dev/expected-traces'] };
  };

  it.each([100, 1_000, 10_000])('requests-%i: so many, and so many traces', (requests) => {
    const { args, traces } = sent(`requests-${requests}`);
    expect(args).toMatch(new RegExp(`/productpage bookinfo.mesh.test ${requests}$`));
    expect(traces).toBe(`${requests} of ${requests} requests at 100 %`);
  });

  it.each([
    ['load-once', '-curl', 1],
    ['load-20-qps', '-qps 20 -c 4 -t 100s', 2_004],
    ['load-50-qps', '-qps 50 -c 4 -t 100s', 5_004],
    ['load-200-requests', '-qps 50 -c 4 -n 200', 200],
  ])('%s', (name, load, requests) => {
    const { args, traces } = sent(name);
    expect(args).toContain(`load ${load} `);
    expect(args).toContain(
      '-H Host: bookinfo.mesh.test http://istio-ingressgateway.istio-system.svc.cluster.local:80/productpage',
    );
    expect(traces).toBe(`${requests} of ${requests} requests at 100 %`);
  });
});

describe('other protocols, machines and filters', () => {
  it('tcp: a fifth of the connections to v2', () => {
    const { outcome, destinations } = expectTraffic(tour('tcp')).to('echo.demos').with({ port: 8078 }).findsPods().explanation;
    expect(outcome).toBe('tcp');
    expect(destinations.map(({ subset, port, percent }) => [subset, port, percent])).toEqual([
      ['v1', 8078, 80],
      ['v2', 8078, 20],
    ]);
  });

  it('grpc: one method to v2, the others to v1', () => {
    const subset = (path: string) => {
      const request = { port: 8079, method: 'POST', path, headers: { 'content-type': 'application/grpc' } };
      return expectTraffic(tour('grpc')).to('echo.demos').with(request).findsPods().explanation.destinations[0]?.subset;
    };
    expect(subset('/fgrpc.PingServer/Ping')).toBe('v2');
    expect(subset('/grpc.health.v1.Health/Check')).toBe('v1');
  });

  it('virtual-machine: reached as any Service', () => {
    const asked = expectTraffic(tour('virtual-machine')).to('legacy').from(httpbin.versions.v1).with({ port: 80 });
    expect(asked.findsPods().explanation).toMatchObject({
      outcome: 'route',
      destinations: [{ host: 'legacy.demos.svc.cluster.local', percent: 100 }],
    });
  });

  it('lua, wasm: on the pods of httpbin', () => {
    for (const [name, kind] of [
      ['lua', 'TrafficExtension'],
      ['wasm', 'WasmPlugin'],
    ] as const)
      expect(made(name, kind).spec).toMatchObject({ selector: { matchLabels: httpbin.selector }, match: [{ mode: 'SERVER' }] });
  });

  it('injection: a pod says its template, and what its proxy is like', () => {
    const { metadata, spec } = made('injection', 'Deployment').spec.template;
    expect(metadata.annotations).toMatchObject({
      'inject.istio.io/templates': 'sidecar',
      'sidecar.istio.io/nativeSidecar': 'false',
    });
    expect(spec.containers.map(({ name }: { name: string }) => name)).toEqual(['own-proxy', 'istio-proxy']);
  });
});

describe('who may do what', () => {
  it('mtls-strict: the mesh gets in, plain text does not', () => {
    const { reviews: asked, ask } = shop('mtls-strict');
    asked.usesTls('mutual');
    ask.to('bookinfo.mesh.test').through(lab.published).with({ path: '/productpage' }).usesTls('mutual');
  });

  it('authorization: whoever has to, and nobody else', () => {
    const { ask } = shop('authorization');
    ask.to(reviews).from(productpage.v1).isAllowed();
    ask.to(details).from(productpage.v1).isAllowed();
    ask.to(ratings).from(reviews.v2).isAllowed();
    ask.to('bookinfo.mesh.test').through(lab.published).with({ path: '/productpage' }).isAllowed();
    ask.to(ratings).from(productpage.v1).isDenied();
    ask.to(reviews).from(curl.workload).isDenied();
  });

  it('egress: by the egress gateway to the one host that is known, to no other', () => {
    const ask = expectTraffic(tour('egress'));
    const known = ask.to('httpbin.org').from(curl.workload).with({ port: 80 });
    expect(known.explanation.destinations.map(({ host }) => host)).toEqual([
      'istio-egressgateway.istio-system.svc.cluster.local',
    ]);
    ask.to('example.com').from(curl.workload).isBlocked();
  });
});

describe('another way in', () => {
  // The Ingress is served by the pods of the lab's own gateway; the Gateway of the Gateway API has its own.
  const ways = [
    ['ingress-gateway-api', { gateway: { namespace: 'istio-system', name: 'shop' } }],
    ['ingress-kubernetes', lab.published],
  ] as const;
  const paths = ['/productpage', '/static/x', '/login', '/api/v1/products/1', '/admin', '/productpage/x', '/'];

  it.each(ways)('%s gives the answer of the Istio gateway', (name, through) => {
    for (const path of paths) {
      const there = expectTraffic(tour(name)).to('shop.mesh.test').through(through).with({ path }).explanation;
      const here = expectTraffic(lab.stack).to('bookinfo.mesh.test').through(lab.published).with({ path }).explanation;
      const essence = ({ outcome, destinations, timeout, mtls, allowed }: typeof here) => ({
        outcome,
        destinations,
        timeout,
        mtls,
        allowed,
      });
      expect(essence(there), path).toEqual(essence(here));
    }
    expect(
      paths.filter(
        (path) =>
          expectTraffic(lab.stack).to('bookinfo.mesh.test').through(lab.published).with({ path }).explanation.outcome === 'route',
      ),
    ).toHaveLength(4);
  });

  it('ingress-routes: old links lead on, everything else has no route', () => {
    const asked = expectTraffic(tour('ingress-routes'))
      .to('hello.mesh.test')
      .through({ gateway: { namespace: 'demos', name: 'hello' } });
    asked.with({ path: '/hi' }).isRedirectedTo('http://hello.mesh.test/hello');
    asked.with({ path: '/hello' }).reaches(helloworld).findsPods();
    asked.with({ path: '/hello', method: 'POST' }).isNotFound();
  });
});

describe('past all gateways', () => {
  it('node-ports: Jaeger at a fixed port of every node, Prometheus at one that the cluster chooses', () => {
    const { spec } = object(tour('node-ports'), 'Service', 'tracing-nodeport');
    expect(spec).toMatchObject({ type: 'NodePort', selector: { app: 'jaeger' } });
    expect(spec.ports).toMatchObject([{ nodePort: 30686, targetPort: 16686 }]);
    expect(object(tour('node-ports'), 'Service', 'prometheus-nodeport').spec.ports[0]).not.toHaveProperty('nodePort');
  });

  it('load-balancer: Jaeger at port 80 of an address of its own', () => {
    const { spec } = object(tour('load-balancer'), 'Service', 'tracing-loadbalancer');
    expect(spec).toMatchObject({ type: 'LoadBalancer', ports: [{ port: 80, targetPort: 16686 }] });
  });
});
