import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import { isVersion } from '../kit/index.ts';
import { byCodeUnit } from '../kit/json.ts';
import { type Explanation, explain, type Model, type Outcome, type TrafficRequest } from '../proof/index.ts';
import { type Asked, type Reached, type RequestProps, requestOf, requestText, type Sender, type Through } from './requests.ts';
import { modelOfSubject, type Subject } from './worlds.ts';

/**
 * Unit tests for traffic: asks the constructs, as they stand, what becomes of a request, and holds the answer against what a test
 * expects. Nothing is sent and no cluster is needed; the answer is that of `meshwright explain`. An expectation that does not hold
 * throws an AssertionError, which vitest, jest and node:test show with expected and actual.
 *
 * @example
 * const traffic = expectTraffic(stack);
 * traffic.to(bookinfo.reviews).with({ headers: { 'end-user': 'jason' } }).reaches(bookinfo.reviews.v2);
 * traffic.to(bookinfo.reviews).reaches([bookinfo.reviews.v1, 90], [bookinfo.reviews.v2, 10]);
 *
 * @param subject a stack, an app of one stack, or a variant layer: the stack with that variant on top. It is read at the first
 * question; for later changes, ask anew
 */
export function expectTraffic(subject: Subject): TrafficTo {
  let model: Model | undefined;
  const ask = (request: TrafficRequest) => {
    model ??= modelOfSubject(subject);
    return explain(model, request);
  };
  return { to: (asked) => new TrafficExpectation(ask, asked) };
}

type Share = readonly [Reached, number];

/** What {@link expectTraffic} gives. */
export interface TrafficTo {
  /** @param asked a destination of the program, or a name as a client writes it: 'bookinfo.mesh.test', 'reviews.bookinfo' */
  to(asked: Asked): TrafficExpectation;
}

/** One request and what is expected of it. Every expectation gives itself back, so that several can follow each other. */
export class TrafficExpectation {
  private answer: Explanation | undefined;

  /** @internal */
  constructor(
    private readonly ask: (request: TrafficRequest) => Explanation,
    private readonly asked: Asked,
    private readonly props: RequestProps = {},
    private readonly by: { readonly from?: Sender | undefined; readonly through?: Through | undefined } = {},
  ) {}

  /** What the client sends; replaces what was said before. */
  with(props: RequestProps): TrafficExpectation {
    return new TrafficExpectation(this.ask, this.asked, props, this.by);
  }

  /** The pod that sends it. @default a pod of the destination's namespace, of which no more is known */
  from(from: Sender): TrafficExpectation {
    return new TrafficExpectation(this.ask, this.asked, this.props, { from });
  }

  /** The gateway by which it comes in from outside. */
  through(through: Through): TrafficExpectation {
    return new TrafficExpectation(this.ask, this.asked, this.props, { through });
  }

  /** The whole answer, for what no expectation covers. */
  get explanation(): Explanation {
    this.answer ??= this.ask(this.request);
    return this.answer;
  }

  /** All requests end there; with shares, `[v1, 90], [v2, 10]`, so many percent of them at each. */
  reaches(...to: readonly [Reached] | readonly [Share, ...Share[]]): this {
    const shares = to.map((one) => (isShare(one) ? one : ([one, 100] as const)));
    const expected = shares.map(([one, percent]) => ({ ...place(one), percent }));
    const actual = this.explanation.destinations.map(({ host, subset, percent }, i) => {
      // A test that speaks of the whole app does not care for its subsets.
      const wanted = expected[i];
      return { host, subset: wanted && wanted.host === host && wanted.subset === null ? null : subset, percent };
    });
    this.outcome('route', 'tcp');
    return this.holds('reaches other destinations', byPlace(actual), byPlace(expected));
  }

  /** Somebody stands behind every destination. */
  findsPods(): this {
    const empty = this.explanation.destinations.filter(({ workloads }) => workloads.length === 0);
    return this.holds(
      'finds no pods at',
      empty.map(({ host, subset }) => ({ host, subset })),
      [],
    );
  }

  /** A share of the requests waits before it goes on. */
  isDelayed(seconds: number, percent = 100): this {
    return this.holds('is delayed otherwise', this.explanation.fault?.delay ?? null, { percent, seconds });
  }

  /** A share of the requests is answered with an error, and goes nowhere. */
  isAborted(status: number | string, percent = 100): this {
    return this.holds('is aborted otherwise', this.explanation.fault?.abort ?? null, { percent, status });
  }

  /** Nothing delays or aborts it on purpose. */
  hasNoFault(): this {
    return this.holds('has a fault', this.explanation.fault, null);
  }

  /** In seconds. */
  timesOutAfter(seconds: number): this {
    return this.holds('has another timeout', this.explanation.timeout, seconds);
  }

  /** What is left out is not looked at. */
  isRetried(wanted: Partial<NonNullable<Explanation['retries']>>): this {
    const { retries } = this.explanation;
    const actual = retries && Object.fromEntries(Object.entries(retries).filter(([key]) => key in wanted));
    return this.holds('is retried otherwise', actual, wanted);
  }

  isNotRetried(): this {
    const { retries } = this.explanation;
    return this.holds('is retried', retries && retries.attempts > 0 ? retries : null, null);
  }

  /** A share of the requests is also sent there, and its answer thrown away. */
  isMirroredTo(to: Reached, percent = 100): this {
    const mirrors = this.explanation.mirrors.map(({ host, subset, percent }) => ({ host, subset, percent }));
    return this.holds('is mirrored otherwise', mirrors, [{ ...place(to), percent }]);
  }

  /** The path that the destination sees. */
  isRewrittenTo(path: string): this {
    return this.holds('is rewritten otherwise', this.explanation.rewrite?.path ?? null, path);
  }

  /** What the client is sent to. */
  isRedirectedTo(location: string, status = 301): this {
    this.outcome('redirect');
    return this.holds('is redirected otherwise', this.explanation.redirect, { status, location });
  }

  /** The proxy answers by itself. */
  isAnswered(status: number): this {
    this.outcome('direct');
    return this.holds('is answered otherwise', this.explanation.direct?.status ?? null, status);
  }

  /** 404: no route takes it, or nobody listens for that name. */
  isNotFound(): this {
    return this.outcome('notfound', 'nolistener');
  }

  /** It leaves the mesh for an address that the mesh does not know. */
  passesThrough(): this {
    return this.outcome('passthrough');
  }

  /** The mesh does not know the address and lets nothing out to it. */
  isBlocked(): this {
    return this.outcome('blackhole');
  }

  /** Authorization at the destination lets it in. */
  isAllowed(): this {
    return this.holds('is not allowed', this.explanation.allowed, true);
  }

  /** Authorization at the destination refuses it: 403. */
  isDenied(): this {
    return this.holds('is not denied', this.explanation.allowed, false);
  }

  /** How the connection to the destinations is protected. */
  usesTls(mode: NonNullable<Explanation['mtls']>): this {
    return this.holds('uses other TLS', this.explanation.mtls, mode);
  }

  /** How a pod is chosen among a destination's: 'RANDOM', 'consistent hash of header x-user'. */
  isBalancedBy(how: string): this {
    return this.holds('is balanced otherwise', this.explanation.loadBalancing, how);
  }

  private get request(): TrafficRequest {
    return requestOf(this.asked, this.props, this.by);
  }

  private outcome(...wanted: readonly Outcome[]): this {
    const { outcome } = this.explanation;
    return wanted.includes(outcome) ? this : this.holds('becomes something else', outcome, wanted[0]);
  }

  private holds(what: string, actual: unknown, expected: unknown): this {
    if (isDeepStrictEqual(actual, expected)) return this;
    const reasons = this.explanation.reasons.map((reason) => `\n  - ${reason}`).join('');
    const message = `${requestText(this.request)} ${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}; because${reasons}`;
    throw new AssertionError({ message, actual, expected, operator: 'expectTraffic', stackStartFn: this.holds });
  }
}

function isShare(one: Reached | Share): one is Share {
  return Array.isArray(one);
}

function place(to: Reached): { readonly host: string; readonly subset: string | null } {
  return isVersion(to) ? { host: to.of.host, subset: to.version } : { host: to.host, subset: null };
}

function byPlace<T extends { readonly host: string; readonly subset: string | null }>(list: readonly T[]): T[] {
  const key = ({ host, subset }: T) => `${host}/${subset ?? ''}`;
  return [...list].sort((a, b) => byCodeUnit(key(a), key(b)));
}
