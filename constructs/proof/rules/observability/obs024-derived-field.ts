import { items, text } from '../../json-path.ts';
import type { GrafanaSource } from '../../model/pages/grafana.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const derivedField: Rule = {
  code: 'OBS024',
  title: 'a derived field that finds nothing in a line of the log',
  severity: 'warning',
  run: (model) => model.grafana.sources.flatMap((source) => (source.type === 'loki' ? faultsOf(source) : [])),
  docs: {
    cause:
      'A derived field of a Loki data source takes what the first group of its `matcherRegex` matches in a line: without a group, or with a regular expression that cannot be read, there is no link to the trace. With `matcherType: label` it is the name of a label instead; another type is taken for `regex`.',
    fix: 'Put round brackets around the id: `trace_id=(\\w+)`.',
    example: 'derivedFields: [{name: trace, matcherRegex: "trace_id=[0-9a-f]+", datasourceUid: tempo}]   # trace_id=([0-9a-f]+)',
  },
};

function faultsOf({ json, name, spot }: GrafanaSource): Fault[] {
  return items(json, 'jsonData', 'derivedFields').flatMap((field, i): Fault[] => {
    const regex = text(field, 'matcherRegex');
    const type = text(field, 'matcherType');
    const at = (key: string) => spot(['jsonData', 'derivedFields', i, key]);
    const called = `derived field "${text(field, 'name') ?? ''}" of data source "${name}"`;
    if (type !== undefined && type !== 'label' && type !== 'regex')
      return [{ at: at('matcherType'), message: `${called} has matcherType ${type}`, hint: 'it is label or regex' }];
    if (regex === undefined || regex.includes('$$') || type === 'label') return [];
    const groups = groupsOf(regex);
    if (groups === undefined) {
      const message = `${called} has a matcherRegex that cannot be read: ${regex}`;
      return [{ at: at('matcherRegex'), message, hint: 'correct it: mind brackets and backslashes' }];
    }
    if (groups > 0) return [];
    return [{ at: at('matcherRegex'), message: `${called} matches ${regex}, without a group`, hint: 'put the id in (...)' }];
  });
}

/** How many groups it has; undefined for one that browsers cannot read. Grafana runs it as JavaScript does. */
function groupsOf(regex: string): number | undefined {
  try {
    return new RegExp(`${regex}|`).exec('')?.length === 1 ? 0 : 1;
  } catch {
    // Flags at its beginning: Grafana takes Go's form too.
    return regex.startsWith('(?') ? 1 : undefined;
  }
}
