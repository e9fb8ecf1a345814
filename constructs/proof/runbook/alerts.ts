import { isObject, type Json } from '../../kit/json.ts';
import { rememberText } from '../../kit/remember.ts';
import { at, fields, items, text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import { chartReleases } from '../read/charts.ts';
import { isFault, readYaml } from '../read/yaml.ts';
import type { RunbookFacts } from './facts.ts';
import { anchorOf, denseTable } from './markdown.ts';
import { openAt, prometheusAt } from './prometheus-at.ts';

/** An alert of the stack's rules. */
export interface Alert {
  readonly name: string;
  readonly severity: string;
  /** How long it must hold before anybody is told. */
  readonly lasts: string;
  readonly summary: string;
  /** Where its own runbook lies; undefined where the rule names none. */
  readonly runbook: string | undefined;
}

/**
 * The section with the alerts that Prometheus raises, and where one sees them. Empty where no rule raises one.
 *
 * @param page the text of `../alerts.md`, in which some have a heading
 */
export function alertsSection(facts: RunbookFacts, page: string): string {
  const alerts = alertsOf(facts.model);
  if (alerts.length === 0) return '';
  const prometheus = prometheusAt(facts);
  const open = prometheus ? openAt(prometheus, '/alerts') : "Prometheus' page *Alerts*";
  const documented = new Set([...page.matchAll(/^#+ +`?([^`\n]+)`?$/gm)].map(([, heading = '']) => heading));
  const rows = alerts.map(
    ({ name, severity, lasts, summary, runbook = documented.has(name) ? `../alerts.md#${anchorOf(name)}` : undefined }) => [
      runbook === undefined ? `\`${name}\`` : `[${name}](${runbook})`,
      severity,
      lasts,
      cell(summary),
    ],
  );
  return ['## Alerts', `Which are pending or firing: ${open}.`, denseTable(['alert', 'severity', 'after', 'says'], rows)].join(
    '\n\n',
  );
}

/** The alerts of PrometheusRule objects, of rule files in ConfigMaps and of charts' values, each name once. */
export function alertsOf(model: Model): readonly Alert[] {
  const groups = [
    ...model.kind('PrometheusRule').flatMap(({ json }) => items(json, 'spec', 'groups')),
    ...model
      .kind('ConfigMap')
      .flatMap(({ json }) =>
        Object.values(fields(json, 'data')).flatMap((value) => (typeof value === 'string' ? inFile(value) : [])),
      ),
    ...chartReleases(model.objects).flatMap(({ object }) =>
      Object.values(fields(object.json, 'spec', 'values', 'additionalPrometheusRulesMap')).flatMap((one) => items(one, 'groups')),
    ),
  ];
  const found = groups.flatMap((group) => items(group, 'rules').flatMap(alert));
  // The same at several thresholds, or by several windows, is one thing to know.
  return [...new Map(found.map((one) => [`${one.name} ${one.severity}`, one])).values()];
}

const inFile = rememberText((source): readonly Json[] => {
  if (!/^\s*-?\s*"?alert"?:/m.test(source)) return [];
  const parsed = readYaml(source);
  return isFault(parsed) ? [] : parsed.flatMap(({ value }) => (isObject(value) ? items(value, 'groups') : []));
});

function alert(rule: Json): Alert[] {
  const name = text(rule, 'alert');
  if (name === undefined) return [];
  const annotations = at(rule, 'annotations');
  return [
    {
      name,
      severity: text(rule, 'labels', 'severity') ?? '',
      lasts: /[1-9]/.test(text(rule, 'for') ?? '') ? (text(rule, 'for') ?? '') : 'at once',
      summary: text(annotations, 'summary') ?? text(annotations, 'description') ?? '',
      runbook: text(annotations, 'runbook_url'),
    },
  ];
}

/** The names that Prometheus fills in, as people read them: `{{ $labels.destination_service_name }}` is SERVICE NAME. */
function cell(summary: string): string {
  return summary
    .replace(/\{\{\s*\$labels\.(\w+)\s*\}\}/g, (_, label: string) => `*${label.replaceAll('_', ' ')}*`)
    .replace(/\{\{[^}]*\}\}/g, '…')
    .replaceAll('|', '\\|')
    .replace(/\s+/g, ' ')
    .trim();
}
