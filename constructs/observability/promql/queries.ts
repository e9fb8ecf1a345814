import type { CounterSeries, HistogramName, LabelOf, SeriesName } from '../../kit/metrics/index.ts';

/** Label names and what they must be, as PromQL spells matchers: `{ reporter: '=~"source"' }`. */
export type Matchers<Series extends SeriesName = 'istio_requests_total'> = { readonly [Label in LabelOf<Series>]?: string };

/** Over how long rates are taken: a dashboard leaves it to Grafana, an alert says it. */
export const dashboardWindow = '$__rate_interval';

/** The counters of one direction of bytes or connections (Istio 1.30, standard metrics). */
export type TcpCounter = `istio_tcp_${'sent_bytes' | 'received_bytes' | 'connections_opened' | 'connections_closed'}_total`;

/** A label of the mesh's requests. */
export type Label = LabelOf<'istio_requests_total'>;

/** What tells one container from another, whoever measures it. */
type ContainerLabel = 'namespace' | 'pod' | 'container';

/** Requests a second. */
export function requests(matchers: Matchers, by: readonly Label[] = [], window = dashboardWindow): string {
  return rate('istio_requests_total', matchers, by, window);
}

/** The server's own failures: Unknown, DeadlineExceeded, Unimplemented, Internal, Unavailable and DataLoss, answered with code 200 (gRPC). */
const failedGrpc = '=~"2|4|12|13|14|15"';

/** Failed requests a second: 5xx answers, and failed gRPC calls. Zero, not nothing, where there is traffic without failures. */
export function errors(matchers: Matchers, by: readonly Label[] = [], window = dashboardWindow): string {
  const answered = (failed: Matchers) => `rate(${series('istio_requests_total', { ...matchers, ...failed })}[${window}])`;
  const byCode = answered({ response_code: '=~"5.."' });
  const byGrpc = answered({ response_code: '!~"5.."', grpc_response_status: failedGrpc });
  return `(${sumOf(`${byCode} or ${byGrpc}`, by)} or 0 * ${requests(matchers, by, window)})`;
}

/** The share of requests, 0 to 1, that the server did not fail. */
export function success(matchers: Matchers, by: readonly Label[] = [], window = dashboardWindow): string {
  return `1 - ${errors(matchers, by, window)} / ${requests(matchers, by, window)}`;
}

/** What a share of the observations stays below: `quantile(0.99, ...)` is the slowest 1 %. */
export function quantile<Histogram extends HistogramName>(
  q: number,
  histogram: Histogram,
  matchers: Matchers<`${Histogram}_bucket`>,
  by: readonly LabelOf<`${Histogram}_bucket`>[] = [],
  window = dashboardWindow,
): string {
  return `histogram_quantile(${q}, ${rate<`${Histogram}_bucket`>(`${histogram}_bucket`, matchers, ['le', ...by], window)})`;
}

/** The sum of a counter's rates. */
export function rate<Series extends CounterSeries>(
  counter: Series,
  matchers: Matchers<Series>,
  by: readonly LabelOf<Series>[] = [],
  window = dashboardWindow,
): string {
  return sumOf(`rate(${series(counter, matchers)}[${window}])`, by);
}

/** The sum of a gauge. */
export function sum<Series extends SeriesName>(
  name: Series,
  matchers: Matchers<Series>,
  by: readonly LabelOf<Series>[] = [],
): string {
  return sumOf(series(name, matchers), by);
}

/**
 * The memory limits of containers, in bytes: as cAdvisor tells them, else as kube-state-metrics does. kube-prometheus-stack drops the
 * first (its cAdvisorMetricRelabelings), a plain Prometheus has no second.
 */
export function memoryLimit(matchers: { readonly [Label in ContainerLabel]?: string }, by: readonly ContainerLabel[]): string {
  const stated = sum('kube_pod_container_resource_limits', { ...matchers, resource: '="memory"' }, by);
  return `(${sum('container_spec_memory_limit_bytes', matchers, by)} > 0 or ${stated})`;
}

/** `name{label="value", ...}`. */
export function series<Series extends SeriesName>(name: Series, matchers: Matchers<Series>): string {
  return `${name}${selector(matchers)}`;
}

/** `{label="value", ...}`; nothing at all for no matchers. */
function selector(matchers: Readonly<Record<string, string | undefined>>): string {
  const text = Object.entries(matchers).flatMap(([label, match]) => (match === undefined ? [] : [`${label}${match}`]));
  return text.length > 0 ? `{${text.join(', ')}}` : '';
}

/** Series that exist for HTTP, gRPC and plain TCP traffic alike: what the variables offer. */
export function traffic(matchers: Matchers<TcpCounter>): string {
  return selector({ __name__: '=~"istio_requests_total|istio_tcp_connections_opened_total"', ...matchers });
}

function sumOf(vector: string, by: readonly string[]): string {
  return `sum${by.length > 0 ? ` by (${by.join(', ')}) ` : ''}(${vector})`;
}
