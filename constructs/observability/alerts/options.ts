import { UserError } from '../../kit/index.ts';

/**
 * Limits of the buckets in which Envoy counts how long requests take, in milliseconds: nothing
 * is known in between (Envoy, default histogram buckets of its Prometheus statistics).
 */
export type LatencyBucket = 1 | 5 | 10 | 25 | 50 | 100 | 250 | 500 | 1000 | 2500 | 5000 | 10_000 | 30_000 | 60_000 | 300_000;

/** What a service promises its callers, over 30 days. */
export interface ServiceObjective {
  /**
   * The share of requests, in percent, that do not fail: answered with 5xx, or by gRPC with Unknown, DeadlineExceeded, Unimplemented,
   * Internal, Unavailable or DataLoss.
   *
   * @default 99.9
   */
  readonly success?: number;
  /**
   * The share of requests, in percent, that are faster than some milliseconds. 'unpromised' for what takes as long as it takes: streams,
   * uploads, long polls.
   *
   * @default { share: 99, thanMs: 1000 }
   */
  readonly faster?: { readonly share: number; readonly thanMs: LatencyBucket } | 'unpromised';
}

/** A service by reference: an `Endpoint`, a Service (`workload.service`), or any other `Destination`. */
export interface ServiceOfObjective {
  /** `reviews.bookinfo.svc.cluster.local` */
  readonly host: string;
}

/** Options of {@link alertsOf}. */
export interface AlertOptions {
  /** What every service promises. @default 99.9 % of the requests succeed, 99 % are faster than 1 second */
  readonly objective?: ServiceObjective;
  /** What single services promise instead; what one leaves out is as for every service. @default none */
  readonly slos?: readonly (ServiceObjective & { readonly of: ServiceOfObjective })[];
  /** How many requests a service must have had in an hour before the share that failed or was slow says anything. @default 300 */
  readonly minRequestsPerHour?: number;
  /** Where the page of alerts (docs/alerts.md) is to be read: an URL without '#'. @default alerts carry no `runbook_url` */
  readonly runbooks?: string;
  /** Labels of every alert, by which an Alertmanager finds who is told: `{ team: 'platform' }`. @default none besides `severity` */
  readonly labels?: Readonly<Record<string, string>>;
}

/** {@link ServiceObjective} with nothing left out. */
export type Objective = Required<ServiceObjective>;

/** What all services promise, and what single ones do. */
export interface Objectives {
  readonly all: Objective;
  readonly of: readonly (Objective & { readonly host: string })[];
  readonly minRequestsPerHour: number;
}

/**
 * What is promised, all defaults filled in.
 *
 * @param where the construct to name in an error: ` of 'PATH'`
 * @throws UserError when a number or the page's URL is out of its range, a label is malformed, or one service is named twice
 */
export function objectivesOf(options: AlertOptions, where = ''): Objectives {
  const { objective = {}, slos = [], minRequestsPerHour = 300, runbooks, labels = {} } = options;
  const all: Objective = { success: 99.9, faster: { share: 99, thanMs: 1000 }, ...objective };
  const of = slos.map(({ of: service, ...own }) => ({ ...all, ...own, host: service.host }));
  const inAlerts = where === '' ? '' : ` in the alerts${where}`;
  check(all, `every service${inAlerts}`);
  for (const one of of) check(one, `'${one.host}'${inAlerts}`);
  const odd = of.find(({ host }) => !/^[\w*.-]+$/.test(host));
  if (odd)
    throw new UserError(
      `an objective of the alerts${where} is of ${JSON.stringify(odd.host)}: allowed is the host of a service, e.g. 'reviews.bookinfo.svc.cluster.local'`,
    );
  const twin = of.find((one, i) => of.findIndex((other) => other.host === one.host) !== i);
  if (twin) throw new UserError(`the alerts${where} have two objectives of '${twin.host}': merge them into one`);
  if (!Number.isFinite(minRequestsPerHour) || minRequestsPerHour < 0)
    throw new UserError(`minRequestsPerHour of the alerts${where} is ${minRequestsPerHour}: allowed are numbers from 0`);
  if (runbooks !== undefined && (!/^https?:\/\/[^\s#"]+$/.test(runbooks) || !URL.canParse(runbooks)))
    throw new UserError(
      `runbooks of the alerts${where} is ${JSON.stringify(runbooks)}: allowed is an URL without '#', e.g. 'https://example.com/alerts.md'`,
    );
  for (const [name, value] of Object.entries(labels)) {
    if (typeof value !== 'string')
      throw new UserError(`label ${JSON.stringify(name)} of the alerts${where} is ${JSON.stringify(value)}: allowed are texts`);
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name.startsWith('__') || name === 'severity' || name === 'alertname')
      throw new UserError(
        `label ${JSON.stringify(name)} of the alerts${where}: allowed are letters, digits and '_', and not 'severity' or 'alertname'`,
      );
  }
  return { all, of, minRequestsPerHour };
}

function check({ success, faster }: Objective, who: string): void {
  const shares = { success, ...(faster === 'unpromised' ? {} : { 'faster.share': faster.share }) };
  for (const [name, percent] of Object.entries(shares)) {
    // A page at 14.4 times the budget could never fire for less, and 100 leaves no budget at all.
    if (!(percent >= 94 && percent < 100))
      throw new UserError(`${name} of ${who} is ${percent}: allowed are percentages from 94 to less than 100`);
  }
  if (faster !== 'unpromised' && !latencyBuckets.includes(faster.thanMs))
    throw new UserError(
      `faster.thanMs of ${who} is ${faster.thanMs}: proxies count by these limits only: ${latencyBuckets.join(', ')}`,
    );
}

const latencyBuckets: readonly LatencyBucket[] = [
  1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000,
];
