/** Label names and what they must be, as PromQL spells matchers: `{ reporter: '=~"source"' }`. */
export type Matchers = Readonly<Record<string, string>>;

/** The counters of one direction of bytes or connections (Istio 1.30, standard metrics). */
export type TcpCounter =
  | 'istio_tcp_sent_bytes_total'
  | 'istio_tcp_received_bytes_total'
  | 'istio_tcp_connections_opened_total'
  | 'istio_tcp_connections_closed_total';

/** The histograms of HTTP and gRPC requests (Istio 1.30, standard metrics). */
export type Histogram = 'istio_request_duration_milliseconds' | 'istio_request_bytes' | 'istio_response_bytes';

/** Requests a second. */
export function requests(matchers: Matchers, by: readonly string[] = []): string {
  return rate('istio_requests_total', matchers, by);
}

/** Failed requests a second: answered with 5xx. Zero, not nothing, where there is traffic without failures. */
export function errors(matchers: Matchers, by: readonly string[] = []): string {
  return `(${requests({ ...matchers, response_code: '=~"5.."' }, by)} or 0 * ${requests(matchers, by)})`;
}

/** The share of requests, 0 to 1, that the server did not fail. */
export function success(matchers: Matchers, by: readonly string[] = []): string {
  return `1 - ${errors(matchers, by)} / ${requests(matchers, by)}`;
}

/** What a share of the requests stays below: `quantile(0.99, ...)` is the slowest 1 %. */
export function quantile(q: number, histogram: Histogram, matchers: Matchers, by: readonly string[] = []): string {
  return `histogram_quantile(${q}, ${rate(`${histogram}_bucket`, matchers, ['le', ...by])})`;
}

/** Bytes or connections a second. */
export function tcp(counter: TcpCounter, matchers: Matchers, by: readonly string[] = []): string {
  return rate(counter, matchers, by);
}

/** The sum of a counter's rates. */
export function rate(counter: string, matchers: Matchers, by: readonly string[] = []): string {
  return `sum${by.length > 0 ? ` by (${by.join(', ')}) ` : ''}(rate(${counter}${selector(matchers)}[$__rate_interval]))`;
}

/** `{label="value", ...}`; nothing at all for no matchers. */
export function selector(matchers: Matchers): string {
  const text = Object.entries(matchers).map(([label, match]) => `${label}${match}`);
  return text.length > 0 ? `{${text.join(', ')}}` : '';
}

/** Series that exist for HTTP, gRPC and plain TCP traffic alike: what the variables offer. */
export function traffic(matchers: Matchers): string {
  return selector({ __name__: '=~"istio_requests_total|istio_tcp_connections_opened_total"', ...matchers });
}
