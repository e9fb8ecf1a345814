import { named, pod, type RuleCase, ratings, reviews } from './case.ts';
import { requests } from './services.ts';

const received = named('otelcol_receiver_accepted_spans', { ...pod('collector-6f7c8d9b54-x7x9k'), receiver: 'otlp' });
const collectorUp = { [named('up', pod('collector-6f7c8d9b54-x7x9k'))]: '1x60' };

function taken(policy: string, metric = 'istio_requests_total') {
  return named(metric, {
    reporter: 'destination',
    destination_workload: 'reviews-v1',
    destination_workload_namespace: 'bookinfo',
    connection_security_policy: policy,
  });
}

export const requestCases: readonly RuleCase[] = [
  {
    alert: 'MeshServiceFailing',
    when: 'one request in ten fails',
    series: requests(reviews, { 200: '0+90x60', 503: '0+10x60' }),
    at: '20m',
    fires: [
      {
        labels: { destination_service: 'reviews.bookinfo.svc.cluster.local', severity: 'page' },
        summary: 'reviews.bookinfo.svc.cluster.local fails one request in twenty, or more',
        description: '10% of the requests to reviews.bookinfo.svc.cluster.local fail, for 5 minutes.',
      },
    ],
  },
  {
    alert: 'MeshServiceFailing',
    when: 'all requests fail, as there is no pod: a waypoint says so',
    series: requests(reviews, { 503: '0+100x60' }, { reporter: 'waypoint', response_flags: 'UH' }),
    at: '20m',
    fires: [
      {
        labels: { destination_service: 'reviews.bookinfo.svc.cluster.local', severity: 'page' },
        summary: 'reviews.bookinfo.svc.cluster.local fails one request in twenty, or more',
        description: '100% of the requests to reviews.bookinfo.svc.cluster.local fail, for 5 minutes.',
      },
    ],
  },
  {
    alert: 'MeshServiceFailing',
    when: 'one request in a hundred fails, also at a service that promises less',
    series: { ...requests(reviews, { 200: '0+99x60', 503: '0+1x60' }), ...requests(ratings, { 200: '0+99x60', 503: '0+1x60' }) },
    at: '20m',
    fires: [],
  },
  {
    alert: 'MeshServiceFailing',
    when: 'all of a few requests fail',
    series: requests(reviews, { 503: '0+1x60' }),
    at: '50m',
    fires: [],
  },
  {
    alert: 'MeshConnectionsFailing',
    when: 'one caller finds nobody that takes its connections',
    series: requests(reviews, { 503: '0+60x30' }, { response_flags: 'UF,URX' }),
    at: '20m',
    fires: [
      {
        labels: {
          destination_service: 'reviews.bookinfo.svc.cluster.local',
          severity: 'ticket',
          source_workload: 'productpage-v1',
          source_workload_namespace: 'bookinfo',
        },
        summary: 'productpage-v1 cannot connect to reviews.bookinfo.svc.cluster.local',
        description:
          '100% of the requests of productpage-v1 (bookinfo) to reviews.bookinfo.svc.cluster.local find no pod that takes the connection.',
      },
    ],
  },
  {
    alert: 'MeshConnectionsFailing',
    when: 'the app itself answers with 503',
    series: requests(reviews, { 503: '0+60x30' }),
    at: '20m',
    fires: [],
  },
  {
    alert: 'MeshConnectionsFailing',
    when: 'one of a few requests finds nobody',
    series: requests(reviews, { 503: '0+1x30' }, { response_flags: 'UH' }),
    at: '20m',
    fires: [],
  },
  {
    alert: 'MeshPlainTextAccepted',
    when: 'a workload takes plain requests beside others',
    series: { [taken('none')]: '0+6x60', [taken('mutual_tls')]: '0+600x60' },
    at: '30m',
    fires: [
      {
        labels: { destination_workload: 'reviews-v1', destination_workload_namespace: 'bookinfo', severity: 'ticket' },
        summary: 'reviews-v1 takes plain text, in a mesh that is strict',
        description: '0.10 requests or connections a second reach reviews-v1 (bookinfo) without mutual TLS.',
      },
    ],
  },
  {
    alert: 'MeshPlainTextAccepted',
    when: 'a workload takes plain connections',
    series: { [taken('none', 'istio_tcp_connections_opened_total')]: '0+6x60' },
    at: '30m',
    fires: [
      {
        labels: { destination_workload: 'reviews-v1', destination_workload_namespace: 'bookinfo', severity: 'ticket' },
        summary: 'reviews-v1 takes plain text, in a mesh that is strict',
        description: '0.10 requests or connections a second reach reviews-v1 (bookinfo) without mutual TLS.',
      },
    ],
  },
  {
    alert: 'MeshPlainTextAccepted',
    when: 'all requests come by mutual TLS, and plain ones are long gone',
    series: { [taken('none')]: '500x60', [taken('mutual_tls')]: '0+600x60' },
    at: '30m',
    fires: [],
  },
  {
    alert: 'MeshSpansMissing',
    when: 'requests flow, the collector is up, and no span ever came',
    series: { ...requests(reviews, { 200: '0+60x60' }), ...collectorUp },
    at: '30m',
    fires: [
      {
        labels: { severity: 'ticket' },
        summary: 'no span has arrived for 10m, though requests flow',
        description: '600 requests of the last 10m should have left a trace (100 % are sampled), but not one span arrived.',
      },
    ],
  },
  {
    alert: 'MeshSpansMissing',
    when: 'spans came, but no longer',
    series: { ...requests(reviews, { 200: '0+60x60' }), ...collectorUp, [received]: '0+60x20 1200x40' },
    at: '50m',
    fires: [
      {
        labels: { severity: 'ticket' },
        summary: 'no span has arrived for 10m, though requests flow',
        description: '600 requests of the last 10m should have left a trace (100 % are sampled), but not one span arrived.',
      },
    ],
  },
  {
    alert: 'MeshSpansMissing',
    when: 'spans come',
    series: { ...requests(reviews, { 200: '0+60x60' }), ...collectorUp, [received]: '0+1x60' },
    at: '30m',
    fires: [],
  },
  {
    alert: 'MeshSpansMissing',
    when: 'there are only a few requests',
    series: { ...requests(reviews, { 200: '0+2x60' }), ...collectorUp },
    at: '30m',
    fires: [],
  },
  {
    alert: 'MeshSpansMissing',
    when: 'the collector is down, of which another alert tells',
    series: { ...requests(reviews, { 200: '0+60x60' }), [named('up', pod('collector-6f7c8d9b54-x7x9k'))]: '0x60' },
    at: '30m',
    fires: [],
  },
];
