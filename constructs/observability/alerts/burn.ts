import type { Alert, AlertGroup } from './alert.ts';
import type { Objectives } from './options.ts';
import { type Badness, service, serviceRecords } from './services.ts';

const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
type Window = (typeof windows)[number];

/** How much faster than allowed the budget burns, over a long and a short window (Google, SRE workbook, chapter 5, table 5-8). */
interface Burn {
  readonly times: number;
  readonly long: Window;
  readonly short: Window;
}

const fast: readonly Burn[] = [
  { times: 14.4, long: '1h', short: '5m' },
  { times: 6, long: '6h', short: '30m' },
];
const slow: readonly Burn[] = [
  { times: 3, long: '1d', short: '2h' },
  { times: 1, long: '3d', short: '6h' },
];

/**
 * What every service promises, and how fast it uses up what may go wrong. 19 series are recorded of each service, whoever calls it.
 */
export function objectiveGroups(objectives: Objectives): readonly AlertGroup[] {
  const latency = [objectives.all, ...objectives.of].some(({ faster }) => faster !== 'unpromised');
  const badness: readonly Badness[] = latency ? ['failed', 'slow'] : ['failed'];
  const ratios = (chosen: readonly Window[]) =>
    chosen.flatMap((window) => badness.map((what) => ({ record: ratioOf(what, window), expr: ratio(what, window) })));
  return [
    {
      name: 'mesh-objectives',
      title: 'Services',
      records: [...serviceRecords(objectives), ...ratios(['5m', '30m', '1h'])],
      alerts: [],
    },
    // Days of samples need not be added up every minute. Longer than this, and Prometheus would take the series for gone in between.
    { name: 'mesh-objectives-long', title: 'Services', interval: '2m', records: ratios(['2h', '6h', '1d', '3d']), alerts: [] },
    {
      name: 'mesh-objectives-alerts',
      title: 'Services',
      alerts: badness.flatMap((what) => burnAlerts(what, objectives.minRequestsPerHour)),
    },
  ];
}

/** The series of what share of the requests went wrong. */
export function ratioOf(what: Badness, window: Window): string {
  return `service:istio_requests_${what}:ratio_rate${window}`;
}

/** The service had at least so many requests over some hours: in the first hours of a Prometheus, and of a service, as well. */
export function enough(minRequestsPerHour: number, hours: 1 | 6): string {
  return `sum_over_time(${service.requests}[${hours}h]) * 60 >= ${hours * minRequestsPerHour}`;
}

function ratio(what: Badness, window: Window): string {
  const all = service.requests;
  // Nothing, not 0/0, where there is no traffic.
  if (window === '5m') return `${service[what]} / (${all} > 0)`;
  return `sum_over_time(${service[what]}[${window}]) / (sum_over_time(${all}[${window}]) > 0)`;
}

function burning(what: Badness, burns: readonly Burn[]): string {
  const budget = what === 'failed' ? service.failedBudget : service.slowBudget;
  return burns
    .map(
      ({ times, long, short }) =>
        `(${ratioOf(what, long)} > ${times} * ${budget} and ${ratioOf(what, short)} > ${times} * ${budget})`,
    )
    .join(' or ');
}

function burnAlerts(what: Badness, minRequestsPerHour: number): readonly Alert[] {
  const [title, verb, fault] = wording[what];
  const share = `{{ $value | humanizePercentage }} of the requests to {{ $labels.destination_service }} ${verb}`;
  return [
    {
      name: `${title}BurnsFast`,
      severity: 'page',
      expr: `(${burning(what, fast)}) and ${enough(minRequestsPerHour, 1)}`,
      for: '2m',
      summary: `{{ $labels.destination_service }} ${fault} far more often than promised`,
      description: `${share} (over the last hour, or six). At this pace what is allowed in 30 days is used up in two to five.`,
      page: {
        means: `Callers of the service notice it now. At this pace what is allowed in 30 days lasts two days (1 h and 5 min), or five (6 h and 30 min).`,
        look: lookAt[what],
        act: [
          'Undo what was changed last: a version, a route, a policy. Shift traffic back to the version that worked.',
          'When something behind it is the cause, go on there: its own alert tells more.',
        ],
      },
    },
    {
      name: `${title}BurnsSlowly`,
      severity: 'ticket',
      expr: `(${burning(what, slow)}) and ${enough(minRequestsPerHour, 6)}`,
      for: '15m',
      summary: `{{ $labels.destination_service }} ${fault} more often than promised`,
      description: `${share} (over the last day, or three). What is allowed in 30 days will not last as long.`,
      page: {
        means: 'A small share, for long: nobody need get up, but the promise of 30 days is not kept unless it changes.',
        look: lookAt[what],
        act: [
          'Find the path or version that the share comes from, and mend that.',
          'When the promise is wrong for this service, say so: an entry of `slos` in the alerts.',
        ],
      },
    },
  ];
}

const wording: { readonly [B in Badness]: readonly [title: string, verb: string, fault: string] } = {
  failed: ['MeshErrorBudget', 'fail', 'fails'],
  slow: ['MeshLatencyBudget', 'are slower than promised', 'is slow'],
};

const lookAt: { readonly [B in Badness]: readonly [string, ...string[]] } = {
  failed: [
    'Istio Service Dashboard of the service: which caller, which version, which code. A flag beside the code (`UF`, `UH`, `UO`, `URX`) is the proxy saying that it got no answer.',
    'A failing trace: search for the service with `error=true`, and look for the deepest span that failed.',
  ],
  slow: [
    'Istio Service Dashboard of the service: does one version or all of them, one caller or all of them, take long?',
    'A slow trace: the longest span that has no long child is where the time goes.',
  ],
};
