import { type Label, type Matchers, quantile, requests, success } from '../promql/queries.ts';
import type { Link } from './links.ts';
import { graph, type Line } from './panels.ts';

/** Rate, success and slowness of the same requests side by side, one line for each combination of labels. */
export function requestPanels(matchers: Matchers, by: readonly Label[], legend: string, links: readonly Link[] = []) {
  return [
    graph({
      title: 'Requests',
      description: 'Requests a second.',
      unit: 'reqps',
      lines: [{ expr: requests(matchers, by), legend }],
      links,
    }),
    graph({
      title: 'Success',
      description: 'The share of requests that did not fail, by a 5xx answer or a gRPC status like Unavailable.',
      unit: 'percentunit',
      lines: [{ expr: success(matchers, by), legend }],
      links,
    }),
    graph({
      title: 'Duration of the slowest 5 %',
      description: 'How long the slowest 5 % of the requests take at least.',
      unit: 'ms',
      lines: [{ expr: quantile(0.95, 'istio_request_duration_milliseconds', matchers, by), legend }],
      links,
    }),
  ] as const;
}

/** How long requests take: the middle, the slowest 5 % and the slowest 1 %. */
export function durations(matchers: Matchers): Line[] {
  return [0.5, 0.95, 0.99].map((q) => ({
    expr: quantile(q, 'istio_request_duration_milliseconds', matchers),
    legend: `p${q * 100}`,
  }));
}
