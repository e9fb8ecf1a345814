import { errors, type Matchers, rate, requests } from '../promql/queries.ts';
import type { Objective, Objectives } from './options.ts';
import { noneOf, oneOf } from './select.ts';

/**
 * Requests as their callers see them: failures to connect are among them, which the destination never hears of. Where a gateway or sidecar
 * calls through a waypoint both count, which leaves shares as they are.
 */
export const callersSee = { reporter: '=~"source|waypoint"' } as const;

/** Every service that has a name: what left the mesh for nobody knows where has none. */
export const named = { ...callersSee, destination_service: '!="unknown"' };

/** What is recorded of each service, under the names that Prometheus advises: level, metric, operations. */
export const service = {
  requests: 'service:istio_requests:rate5m',
  failed: 'service:istio_requests_failed:rate5m',
  slow: 'service:istio_requests_slow:rate5m',
  failedBudget: 'service:istio_requests_failed:budget',
  slowBudget: 'service:istio_requests_slow:budget',
} as const;

/** What can go wrong with a request. */
export type Badness = 'failed' | 'slow';

/** Series of the last five minutes, from which all longer ones are made: the raw ones are read no further back. */
export function serviceRecords(objectives: Objectives): { readonly record: string; readonly expr: string }[] {
  const by = ['destination_service'] as const;
  return [
    { record: service.requests, expr: requests(named, by, '5m') },
    { record: service.failed, expr: errors(named, by, '5m') },
    ...optional(service.slow, eachPromise(objectives, latencyOf, slowOf)),
    ...optional(service.failedBudget, eachPromise(objectives, budgetOf('failed'), budget)),
    ...optional(service.slowBudget, eachPromise(objectives, budgetOf('slow'), budget)),
  ];
}

/** p99 above five times what is promised, in milliseconds; undefined where no service promises a latency. */
export function slowestOnes(objectives: Objectives): string | undefined {
  return eachPromise(objectives, latencyOf, (thanMs, hosts) => {
    const buckets = rate('istio_request_duration_milliseconds_bucket', measured(hosts), ['le', 'destination_service'], '5m');
    return `histogram_quantile(0.99, ${buckets}) > ${5 * thanMs}`;
  });
}

/** Whose requests are meant: a matcher of `destination_service`. */
type Hosts = string;

/** One query for the services of each distinct promise; services that promise nothing are in none. */
function eachPromise(
  { all, of }: Objectives,
  promise: (objective: Objective) => number | undefined,
  query: (promised: number, hosts: Hosts) => string,
): string | undefined {
  const others = of.filter((one) => promise(one) !== promise(all));
  const common = promise(all);
  const exceptions = [...new Set(others.map(promise))].flatMap((value) =>
    value === undefined ? [] : [query(value, oneOf(others.filter((one) => promise(one) === value).map((one) => one.host)))],
  );
  const rest = noneOf(['unknown', ...others.map((one) => one.host)]);
  const queries = [...(common === undefined ? [] : [query(common, rest)]), ...exceptions];
  return queries.length > 0 ? queries.join(' or ') : undefined;
}

function latencyOf({ faster }: Objective): number | undefined {
  return faster === 'unpromised' ? undefined : faster.thanMs;
}

function budgetOf(what: Badness) {
  return ({ success, faster }: Objective): number | undefined => {
    if (what === 'failed') return fraction(success);
    return faster === 'unpromised' ? undefined : fraction(faster.share);
  };
}

/** What may go wrong, 0 to 1: without the noise of binary fractions. */
function fraction(percent: number): number {
  return Number(((100 - percent) / 100).toPrecision(10));
}

function budget(share: number, hosts: Hosts): string {
  return `0 * ${service.requests}{destination_service${hosts}} + ${share}`;
}

function slowOf(thanMs: number, hosts: Hosts): string {
  const by = ['destination_service'] as const;
  const all = rate('istio_request_duration_milliseconds_count', measured(hosts), by, '5m');
  // Prometheus 3 stores the limit as "1000.0", Prometheus 2 as "1000".
  const fast = rate('istio_request_duration_milliseconds_bucket', { ...measured(hosts), le: `=~"${thanMs}([.]0)?"` }, by, '5m');
  return `${all} - ${fast}`;
}

/** A WebSocket takes as long as it is open. */
function measured(hosts: Hosts): Matchers {
  return { ...callersSee, destination_service: hosts, response_code: '!="101"' };
}

function optional(record: string, expr: string | undefined): { readonly record: string; readonly expr: string }[] {
  return expr === undefined ? [] : [{ record, expr }];
}
