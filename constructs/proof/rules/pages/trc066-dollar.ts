import { isObject, type Json } from '../../../kit/json.ts';
import type { Rule } from '../../rule.ts';
import type { Path } from '../../types.ts';

export const dollar: Rule = {
  code: 'TRC066',
  title: 'a variable of Grafana’s is written with one $ in a provisioning file',
  severity: 'error',
  run: (model) =>
    model.grafana.sources
      .filter((source) => source.inFile && !source.implied)
      .flatMap((source) =>
        textsOf(source.json, []).flatMap(({ text, path }) => {
          const variable = eaten(text);
          if (variable === undefined) return [];
          return [
            {
              at: source.spot(path),
              message: `${variable} of data source "${source.name}" is taken for an environment variable, which is empty`,
              hint: `write $${variable}`,
            },
          ];
        }),
      ),
  docs: {
    cause:
      'Grafana replaces `$NAME`, with or without braces, in provisioning files by environment variables when it starts. A variable of its own, such as `__value.raw`, `__tags` or `__span.traceId`, is none and becomes empty: the link opens with nothing in it. GrafanaDatasource objects are not read like this.',
    fix: `Double the dollar sign: \`$\${__value.raw}\`.`,
    example:
      'jsonData: {tracesToMetrics: {queries: [{name: Rate, query: "sum(rate(traces_spanmetrics_calls_total{$__tags}[5m]))"}]}}   # $$__tags',
  },
};

/** The first variable that is lost. Grafana's own begin with two underscores; of its expanders only these are written so. */
function eaten(text: string): string | undefined {
  return text
    .split('$$')
    .map((part) => /\$(\{__\w[^}]*\}|__(?!(env|file|vault)\b)\w+)/.exec(part)?.[0])
    .find((found) => found !== undefined);
}

function textsOf(json: Json, path: Path): { text: string; path: Path }[] {
  if (typeof json === 'string') return json.includes('$') ? [{ text: json, path }] : [];
  if (Array.isArray(json)) return json.flatMap((value, i) => textsOf(value, [...path, i]));
  if (!isObject(json)) return [];
  return Object.entries(json).flatMap(([key, value]) => (key === 'secureJsonData' ? [] : textsOf(value, [...path, key])));
}
