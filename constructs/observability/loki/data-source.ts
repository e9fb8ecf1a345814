import type { DataSource, DataSourceLinks, Endpoint, JsonObject } from '../../kit/index.ts';

/** Grafana 13, data source loki. */
export function lokiDataSource(
  query: Endpoint<'http'>,
  named: { readonly uid: string; readonly name: string },
  { traces }: DataSourceLinks = {},
): DataSource {
  return {
    ...named,
    type: 'loki',
    url: query.url,
    ...(traces === undefined ? {} : { jsonData: { derivedFields: derivedFields(traces) } }),
  };
}

/**
 * What leads from a log entry to its trace: the trace id that came with the record, as Loki keeps it (structured metadata `trace_id`),
 * and one that stands in the line, of JSON or `trace_id=...`.
 */
function derivedFields(datasourceUid: string): JsonObject[] {
  // Grafana puts the value that it found in the place of ${__value.raw}; with a data source that is its query.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's variable
  const link = { url: '${__value.raw}', urlDisplayLabel: 'Open the trace', datasourceUid };
  return [
    { name: 'trace', matcherType: 'label', matcherRegex: 'trace_id', ...link },
    { name: 'trace_in_line', matcherType: 'regex', matcherRegex: '[tT]race_?[iI][dD]"?[=:]\\s*"?([0-9a-f]{16,32})', ...link },
  ];
}
