import type { Watched } from '../../kit/index.ts';
import { rate, requests, series } from '../promql/queries.ts';
import type { AlertGroup } from './alert.ts';
import type { Backend } from './backends.ts';
import { type Program, podMatchers } from './select.ts';
import { callersSee } from './services.ts';

/** Programs that are watched, by kind. */
export type Programs = { readonly [Kind in Backend | 'collector']: readonly Program[] };

/** So many requests should have left a trace: even where one trace passes ten proxies, that none did is no chance. */
const expected = 100;

/**
 * No span arrives although requests flow. What the proxies' spans reach first is asked: collectors, else the backends.
 *
 * @returns undefined where no mesh is traced, or nothing that takes spans is watched
 */
export function spansGroup(meshes: readonly (Watched & { readonly is: 'mesh' })[], programs: Programs): AlertGroup | undefined {
  // What Istio samples when nobody says (Istio 1.30, PILOT_TRACE_SAMPLING): one percent.
  const percents = meshes.filter(({ traced }) => traced).map(({ samplingPercent = 1 }) => samplingPercent);
  const percent = Math.min(...percents);
  const received = receivedBy(programs);
  if (percents.length === 0 || percent === 0 || !received) return undefined;
  // The less is sampled, the longer it takes until silence means something.
  const window = percent >= 10 ? '10m' : percent >= 1 ? '1h' : '6h';
  const sampled = Number((percent / 100).toPrecision(10));
  const { rates, pods } = received(window);
  const flow = `${requests(callersSee, [], window)} * ${seconds[window]} * ${sampled} > ${expected}`;
  const up = `sum(${series('up', pods)}) > 0`;
  return {
    name: 'traces',
    title: 'Traces',
    alerts: [
      {
        name: 'MeshSpansMissing',
        severity: 'ticket',
        expr: `${flow} and (${rates} or vector(0)) == 0 and ${up}`,
        for: '5m',
        summary: `no span has arrived for ${window}, though requests flow`,
        description: `{{ $value | printf "%.0f" }} requests of the last ${window} should have left a trace (${percent} % are sampled), but not one span arrived.`,
        page: {
          means: 'Traces are not made, or do not arrive. Requests are not affected, but whoever looks for a trace finds none.',
          look: [
            'Does the proxy have the provider? `istioctl proxy-config bootstrap POD` and `istioctl proxy-config listener POD -o json | grep -A5 tracing`.',
            'Can it send? `kubectl exec POD -c istio-proxy -- pilot-agent request GET clusters | grep -E "otel|jaeger|tempo|zipkin|skywalking|collector"`: rq_error, cx_connect_fail.',
            '`npx meshwright check dist/STACK`: it follows the way of a trace from the proxy to the backend.',
          ],
          act: [
            'Undo the last change of the Telemetry, the mesh config or the collector.',
            'A Telemetry that names a provider which does not exist turns tracing off without a word.',
          ],
        },
      },
    ],
  };
}

const seconds = { '10m': 600, '1h': 3600, '6h': 21_600 } as const;
type Window = keyof typeof seconds;

type Pods = ReturnType<typeof podMatchers>;

/** Spans that arrived, at everything of the first kind that is there, and its pods. */
function receivedBy(programs: Programs): ((window: Window) => { rates: string; pods: Pods }) | undefined {
  const { collector, jaeger, tempo, zipkin, skywalking } = programs;
  if (collector.length > 0) return of(collector, (pods, w) => [rate('otelcol_receiver_accepted_spans', pods, [], w)]);
  if (jaeger.length > 0) return of(jaeger, (pods, w) => [rate('otelcol_receiver_accepted_spans', pods, [], w)]);
  if (tempo.length > 0) return of(tempo, (pods, w) => [rate('tempo_distributor_spans_received_total', pods, [], w)]);
  if (zipkin.length > 0) return of(zipkin, (pods, w) => [rate('zipkin_collector_spans_total', pods, [], w)]);
  if (skywalking.length > 0) {
    return of(skywalking, (pods, w) => [
      rate('trace_in_latency_count', pods, [], w),
      rate('trace_in_latency_seconds_count', pods, [], w),
      rate('otel_spans_latency_count', pods, [], w),
      rate('otel_spans_latency_seconds_count', pods, [], w),
    ]);
  }
  return undefined;
}

function of(programs: readonly Program[], rates: (pods: Pods, window: Window) => readonly string[]) {
  const pods = podMatchers(programs);
  // One of several that flows is enough.
  return (window: Window) => ({
    rates: rates(pods, window)
      .map((one) => `${one} > 0`)
      .join(' or '),
    pods,
  });
}
