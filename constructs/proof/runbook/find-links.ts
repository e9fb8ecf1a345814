import { at, items, text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import { connectorsInUse, generatorOf } from '../model/pages/metrics-writers.ts';
import type { RunbookFacts } from './facts.ts';
import { code, listed } from './markdown.ts';

/** How one comes to a trace from a metric or a log line, and back, where the data sources of Grafana say so. */
export function otherWays({ model }: RunbookFacts): string[] {
  const { sources } = model.grafana;
  const name = (uid: string | undefined) => `*${sources.find((one) => one.uid === uid)?.name ?? uid ?? 'traces'}*`;
  const durations = withExemplars(model);
  const exemplars = sources.flatMap((source) => {
    const [to] = items(source.json, 'jsonData', 'exemplarTraceIdDestinations');
    return source.type === 'prometheus' && to !== undefined && durations !== undefined ? [{ source, to, durations }] : [];
  });
  const logs = sources.flatMap((source) => {
    const [field] = items(source.json, 'jsonData', 'derivedFields');
    return source.type === 'loki' ? [{ source, field }] : [];
  });
  const back = sources.flatMap(({ name: from, json }) => {
    const to = [
      ...(text(json, 'jsonData', 'tracesToLogsV2', 'datasourceUid') === undefined ? [] : ['logs']),
      ...(text(json, 'jsonData', 'tracesToMetrics', 'datasourceUid') === undefined ? [] : ['metrics']),
    ];
    return to.length > 0
      ? [`- **From a span** of *${from}* a click leads to the ${listed(to)} of its service, at that time.`]
      : [];
  });
  const lines = [
    ...exemplars.map(
      ({ source, to, durations }) =>
        `- **From a metric**: in Explore ask *${source.name}* for \`histogram_quantile(0.95, sum by (le) (rate(${durations}[5m])))\`, with *Exemplars* on: the dots are single requests, and *Query with* leads to their trace in ${name(text(to, 'datasourceUid'))}.`,
    ),
    ...logs.map(({ source, field }) =>
      field === undefined
        ? `- **From a log line** in *${source.name}*: copy the trace id, and look for it as above.`
        : `- **From a log line** in *${source.name}*: open it; the link *${text(field, 'name') ?? ''}* leads to its trace in ${name(text(field, 'datasourceUid'))}.`,
    ),
    ...back,
  ];
  if (lines.length === 0) return [];
  return [
    '### From metrics and logs, and back',
    lines.join('\n'),
    ...(logs.length > 0
      ? ['All log lines of one trace (LogQL, in Explore):', code(['{service_name=~".+"} |= "TRACE_ID"'], 'logql')]
      : []),
  ];
}

const SPAN_METRICS: ReadonlySet<string> = new Set(['span_metrics', 'spanmetrics']);

/** A histogram whose points name traces: Tempo or a collector makes it of spans. Proxies' own metrics name none (Envoy 1.38). */
function withExemplars({ programs }: Model): string | undefined {
  for (const pipelines of programs.pipelines) {
    for (const id of connectorsInUse(pipelines, SPAN_METRICS)) {
      const settings = pipelines.components.connectors.get(id)?.value;
      if (at(settings, 'exemplars', 'enabled') !== true) continue;
      const namespace = (text(settings, 'namespace') ?? 'traces.span.metrics').replaceAll('.', '_');
      const unit = text(settings, 'histogram', 'unit') === 's' ? 'seconds' : 'milliseconds';
      return `${namespace}_duration_${unit}_bucket`;
    }
  }
  const sends = programs.all.some((program) => {
    const generator = generatorOf(program);
    return generator?.processors?.includes('span-metrics') && generator.writes.some((one) => one.sendsExemplars);
  });
  return sends ? 'traces_spanmetrics_latency_bucket' : undefined;
}
