import { items, text } from '../json-path.ts';
import type { RunbookFacts } from './facts.ts';
import { code, listed } from './markdown.ts';

/** How one comes to a trace from a metric or a log line, and back, where the data sources of Grafana say so. */
export function otherWays({ model }: RunbookFacts): string[] {
  const { sources } = model.grafana;
  const name = (uid: string | undefined) => `*${sources.find((one) => one.uid === uid)?.name ?? uid ?? 'traces'}*`;
  const exemplars = sources.flatMap((source) => {
    const [to] = items(source.json, 'jsonData', 'exemplarTraceIdDestinations');
    return source.type === 'prometheus' && to !== undefined ? [{ source, to }] : [];
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
      ({ source, to }) =>
        `- **From a metric**: dots in a graph of *${source.name}* (switch *Exemplars* on) are single requests; *Query with* leads to their trace in ${name(text(to, 'datasourceUid'))}.`,
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
