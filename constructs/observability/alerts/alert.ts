import type { PrometheusRule, PrometheusRuleGroup } from '../monitors/prometheus-rules.ts';

/** One alert, with what somebody on call needs to know of it. */
export interface Alert {
  /** Unique, and its section on the page of alerts. */
  readonly name: string;
  /** `page` wakes somebody: users are hit, or soon will be. `ticket` waits for working hours. */
  readonly severity: 'page' | 'ticket';
  readonly expr: string;
  /** How long the query must find something: no alert for a single scrape. */
  readonly for: string;
  /** What tells two rules of one name apart. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Templates as in Prometheus: '{{ $labels.pod }}'. */
  readonly summary: string;
  readonly description: string;
  readonly page: AlertPage;
}

/** What the page of alerts says of one. */
export interface AlertPage {
  /** What has happened, and whom it hits. */
  readonly means: string;
  /** What to look at first. */
  readonly look: readonly [string, ...string[]];
  /** What to do about it. */
  readonly act: readonly [string, ...string[]];
}

/** Series that are recorded for alerts, and alerts, evaluated in this order. */
export interface AlertGroup {
  readonly name: string;
  /** The heading of its alerts on the page of alerts. */
  readonly title: string;
  /** @default '1m' */
  readonly interval?: string;
  readonly records?: readonly { readonly record: string; readonly expr: string }[];
  readonly alerts: readonly Alert[];
}

/** The group as Prometheus reads it. */
export function ruleGroup(
  { name, interval = '1m', records = [], alerts }: AlertGroup,
  { runbooks, labels = {} }: { readonly runbooks?: string | undefined; readonly labels?: Readonly<Record<string, string>> },
): PrometheusRuleGroup | undefined {
  const [first, ...others]: PrometheusRule[] = [
    ...records,
    ...alerts.map((alert) => ({
      alert: alert.name,
      expr: alert.expr,
      for: alert.for,
      labels: { ...labels, ...alert.labels, severity: alert.severity },
      annotations: {
        summary: alert.summary,
        description: alert.description,
        ...(runbooks === undefined ? {} : { runbook_url: `${runbooks}#${anchorOf(alert.name)}` }),
      },
    })),
  ];
  return first && { name, interval, rules: [first, ...others] };
}

/** The anchor of an alert's section, as GitHub and most other renderers of Markdown make it from the heading. */
export function anchorOf(alert: string): string {
  return alert.toLowerCase();
}
