import { Construct } from 'constructs';
import * as crd from '../../../imports/monitoring.coreos.com.ts';
import { namespaceOf } from '../../kit/index.ts';
import { checkDnsSubdomain, checkLabels } from '../../kit/layer.ts';
import { checkRuleGroups } from './rule-groups.ts';

/** One rule (Prometheus 3, rules): an alert, or a query whose result is kept as a series of its own. */
export type PrometheusRule = {
  /** PromQL. */
  readonly expr: string;
  /** Labels of the alert or series. @default none */
  readonly labels?: Readonly<Record<string, string>>;
} & (
  | {
      /** The alert's name. */
      readonly alert: string;
      /** How long the query must find something before it fires: '5m'. @default at once */
      readonly for?: string;
      /** What people read: `summary`, `description`, `runbook_url`. Templates as in Prometheus: '{{ $labels.pod }}'. @default none */
      readonly annotations?: Readonly<Record<string, string>>;
      readonly record?: never;
    }
  | {
      /** The series' name, `level:metric:operations`. */
      readonly record: string;
      readonly alert?: never;
      readonly for?: never;
      readonly annotations?: never;
    }
);

/** Rules that are evaluated together, one after the other. */
export interface PrometheusRuleGroup {
  /** Unique among the groups beside it. */
  readonly name: string;
  /** How often, as Prometheus spells durations. @default as the Prometheus evaluates */
  readonly interval?: string;
  /** At least one. */
  readonly rules: readonly [PrometheusRule, ...PrometheusRule[]];
}

/** Options of {@link PrometheusRules}. */
export interface PrometheusRulesProps {
  /** The object's name. A DNS name. @default the construct's id */
  readonly name?: string;
  /** At least one. */
  readonly groups: readonly [PrometheusRuleGroup, ...PrometheusRuleGroup[]];
  /** Labels of the object, for a Prometheus that takes only rules with certain labels. @default none: a `KubePrometheusStack` takes them all */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Alerts and recorded series for the Prometheus operator (0.93): one PrometheusRule, in a layer after that of the operator's CRDs. */
export class PrometheusRules extends Construct {
  /** @throws UserError when a name, label or duration is malformed, or two groups, alerts or series are the same */
  constructor(scope: Construct, id: string, props: PrometheusRulesProps) {
    super(scope, id);
    const { name = id, groups, labels = {} } = props;
    const where = this.node.path;
    checkDnsSubdomain(name, `name of '${where}'`);
    checkLabels(labels, `'${where}'`);
    checkRuleGroups(groups, where);
    new crd.PrometheusRule(this, 'rules', {
      metadata: { name, namespace: namespaceOf(this), ...(Object.keys(labels).length > 0 ? { labels: { ...labels } } : {}) },
      spec: {
        groups: groups.map(({ name, interval, rules }) => ({
          name,
          ...(interval === undefined ? {} : { interval }),
          rules: rules.map((rule) => ({
            ...rule,
            expr: crd.PrometheusRuleSpecGroupsRulesExpr.fromString(rule.expr),
          })),
        })),
      },
    });
  }
}
