import { named, type RuleCase, ratings, reviews, stream } from './case.ts';

const from = { source_workload: 'productpage-v1', source_workload_namespace: 'bookinfo' };

/** Requests a minute to a service as its caller's proxy counts them, by code. */
export function requests(
  service: string,
  perMinute: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
) {
  return Object.fromEntries(
    Object.entries(perMinute).map(([code, values]) => [
      named('istio_requests_total', {
        ...{ reporter: 'source', ...from, destination_service: service, response_code: code, response_flags: '-' },
        ...more,
      }),
      values,
    ]),
  );
}

/** The same with how long they took: how many were faster than each limit. */
function durations(service: string, buckets: Readonly<Record<string, string>>, code = '200') {
  const labels = { reporter: 'source', ...from, destination_service: service, response_code: code };
  const all = buckets['+Inf'] ?? '';
  return {
    ...requests(service, { [code]: all }),
    [named('istio_request_duration_milliseconds_count', labels)]: all,
    ...Object.fromEntries(
      Object.entries(buckets).map(([le, values]) => [
        named('istio_request_duration_milliseconds_bucket', { ...labels, le }),
        values,
      ]),
    ),
  };
}

/** What promises the latency of every service: 99 % below a second. */
export const serviceCases: readonly RuleCase[] = [
  {
    alert: 'MeshErrorBudgetBurnsFast',
    when: 'one request in fifty fails, for over an hour',
    series: requests(reviews, { 200: '0+588x90', 503: '0+12x90' }),
    at: '85m',
    fires: [
      {
        labels: { destination_service: 'reviews.bookinfo.svc.cluster.local', severity: 'page' },
        summary: 'reviews.bookinfo.svc.cluster.local fails far more often than promised',
        description:
          '2% of the requests to reviews.bookinfo.svc.cluster.local fail (over the last hour, or six). At this pace what is allowed in 30 days is used up in two to five.',
      },
    ],
  },
  {
    alert: 'MeshErrorBudgetBurnsFast',
    when: 'one gRPC call in fifty is answered with Unavailable, in an answer with 200',
    series: {
      ...requests(reviews, { 200: '0+588x90' }, { grpc_response_status: '0' }),
      ...requests(reviews, { 200: '0+12x90' }, { grpc_response_status: '14' }),
    },
    at: '85m',
    fires: [
      {
        labels: { destination_service: 'reviews.bookinfo.svc.cluster.local', severity: 'page' },
        summary: 'reviews.bookinfo.svc.cluster.local fails far more often than promised',
        description:
          '2% of the requests to reviews.bookinfo.svc.cluster.local fail (over the last hour, or six). At this pace what is allowed in 30 days is used up in two to five.',
      },
    ],
  },
  {
    alert: 'MeshErrorBudgetBurnsFast',
    when: 'it did, but no longer',
    series: requests(reviews, { 200: '0+588x150', 503: '0+12x60 720x90' }),
    at: '145m',
    fires: [],
  },
  {
    alert: 'MeshErrorBudgetBurnsFast',
    when: 'one request in two thousand fails, and one caller is wrong (404) in ten',
    series: requests(reviews, { 200: '0+1800x90', 404: '0+200x90', 503: '0+1x90' }),
    at: '85m',
    fires: [],
  },
  {
    alert: 'MeshErrorBudgetBurnsFast',
    when: 'half of the requests fail, but there are two in a minute',
    series: requests(reviews, { 200: '0+1x90', 503: '0+1x90' }),
    at: '85m',
    fires: [],
  },
  {
    alert: 'MeshErrorBudgetBurnsFast',
    when: 'there is no traffic at all any more',
    series: requests(reviews, { 200: '5000x90', 503: '100x90' }),
    at: '85m',
    fires: [],
  },
  {
    alert: 'MeshErrorBudgetBurnsFast',
    when: 'one in fifty fails at a service that promises less',
    series: requests(ratings, { 200: '0+588x90', 503: '0+12x90' }),
    at: '85m',
    fires: [],
  },
  {
    alert: 'MeshErrorBudgetBurnsFast',
    when: 'one in ten fails at a service that promises less',
    series: requests(ratings, { 200: '0+540x90', 503: '0+60x90' }),
    at: '85m',
    fires: [
      {
        labels: { destination_service: 'ratings.bookinfo.svc.cluster.local', severity: 'page' },
        summary: 'ratings.bookinfo.svc.cluster.local fails far more often than promised',
        description:
          '10% of the requests to ratings.bookinfo.svc.cluster.local fail (over the last hour, or six). At this pace what is allowed in 30 days is used up in two to five.',
      },
    ],
  },
  {
    alert: 'MeshErrorBudgetBurnsSlowly',
    when: 'one request in five hundred fails, for seven hours',
    series: requests(reviews, { 200: '0+998x450', 503: '0+2x450' }),
    at: '7h',
    fires: [
      {
        labels: { destination_service: 'reviews.bookinfo.svc.cluster.local', severity: 'ticket' },
        summary: 'reviews.bookinfo.svc.cluster.local fails more often than promised',
        description:
          '0.2% of the requests to reviews.bookinfo.svc.cluster.local fail (over the last day, or three). What is allowed in 30 days will not last as long.',
      },
    ],
  },
  {
    alert: 'MeshErrorBudgetBurnsSlowly',
    when: 'one request in two thousand fails, for seven hours',
    series: requests(reviews, { 200: '0+1999x450', 503: '0+1x450' }),
    at: '7h',
    fires: [],
  },
  {
    alert: 'MeshLatencyBudgetBurnsFast',
    when: 'one request in five takes longer than a second',
    series: durations(reviews, { '1000.0': '0+480x90', '2500.0': '0+600x90', '+Inf': '0+600x90' }),
    at: '85m',
    fires: [
      {
        labels: { destination_service: 'reviews.bookinfo.svc.cluster.local', severity: 'page' },
        summary: 'reviews.bookinfo.svc.cluster.local is slow far more often than promised',
        description:
          '20% of the requests to reviews.bookinfo.svc.cluster.local are slower than promised (over the last hour, or six). At this pace what is allowed in 30 days is used up in two to five.',
      },
    ],
  },
  {
    alert: 'MeshLatencyBudgetBurnsFast',
    when: 'one request in five takes longer than a second, as Prometheus 2 writes the limits',
    series: durations(reviews, { 1000: '0+480x90', 2500: '0+600x90', '+Inf': '0+600x90' }),
    at: '85m',
    fires: [
      {
        labels: { destination_service: 'reviews.bookinfo.svc.cluster.local', severity: 'page' },
        summary: 'reviews.bookinfo.svc.cluster.local is slow far more often than promised',
        description:
          '20% of the requests to reviews.bookinfo.svc.cluster.local are slower than promised (over the last hour, or six). At this pace what is allowed in 30 days is used up in two to five.',
      },
    ],
  },
  {
    alert: 'MeshLatencyBudgetBurnsFast',
    when: 'one in a hundred takes longer than a second',
    series: durations(reviews, { '1000.0': '0+594x90', '2500.0': '0+600x90', '+Inf': '0+600x90' }),
    at: '85m',
    fires: [],
  },
  {
    alert: 'MeshLatencyBudgetBurnsFast',
    when: 'all take longer than a second at a service that promises nothing of that',
    series: durations(stream, { '1000.0': '0x90', '2500.0': '0+600x90', '+Inf': '0+600x90' }),
    at: '85m',
    fires: [],
  },
  {
    alert: 'MeshLatencyBudgetBurnsFast',
    when: 'WebSockets stay open for long',
    series: durations(reviews, { '1000.0': '0x90', '+Inf': '0+600x90' }, '101'),
    at: '85m',
    fires: [],
  },
  {
    alert: 'MeshLatencyBudgetBurnsFast',
    when: 'all take longer than 250 ms at a service that promises that of 95 %',
    series: durations(ratings, { '250.0': '0x90', '1000.0': '0+600x90', '+Inf': '0+600x90' }),
    at: '85m',
    fires: [
      {
        labels: { destination_service: 'ratings.bookinfo.svc.cluster.local', severity: 'page' },
        summary: 'ratings.bookinfo.svc.cluster.local is slow far more often than promised',
        description:
          '100% of the requests to ratings.bookinfo.svc.cluster.local are slower than promised (over the last hour, or six). At this pace what is allowed in 30 days is used up in two to five.',
      },
    ],
  },
  {
    alert: 'MeshLatencyBudgetBurnsSlowly',
    when: 'one request in fifty takes longer than a second, for seven hours',
    series: durations(reviews, { '1000.0': '0+588x450', '+Inf': '0+600x450' }),
    at: '7h',
    fires: [
      {
        labels: { destination_service: 'reviews.bookinfo.svc.cluster.local', severity: 'ticket' },
        summary: 'reviews.bookinfo.svc.cluster.local is slow more often than promised',
        description:
          '2% of the requests to reviews.bookinfo.svc.cluster.local are slower than promised (over the last day, or three). What is allowed in 30 days will not last as long.',
      },
    ],
  },
  {
    alert: 'MeshLatencyBudgetBurnsSlowly',
    when: 'one request in two hundred takes longer than a second, for seven hours',
    series: durations(reviews, { '1000.0': '0+597x450', '+Inf': '0+600x450' }),
    at: '7h',
    fires: [],
  },
  {
    alert: 'MeshServiceSlow',
    when: 'one request in twenty takes longer than ten seconds',
    series: durations(reviews, { '1000.0': '0+570x60', '10000.0': '0+570x60', '30000.0': '0+600x60', '+Inf': '0+600x60' }),
    at: '55m',
    fires: [
      {
        labels: { destination_service: 'reviews.bookinfo.svc.cluster.local', severity: 'ticket' },
        summary: 'reviews.bookinfo.svc.cluster.local is very slow for some',
        description:
          'One request in a hundred to reviews.bookinfo.svc.cluster.local takes 26000 ms or longer: five times what is promised.',
      },
    ],
  },
  {
    alert: 'MeshServiceSlow',
    when: 'one request in twenty takes two seconds',
    series: durations(reviews, { '1000.0': '0+570x60', '2500.0': '0+600x60', '+Inf': '0+600x60' }),
    at: '55m',
    fires: [],
  },
];
