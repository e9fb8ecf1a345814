import { UserError } from '../../kit/index.ts';
import type { PrometheusRule, PrometheusRuleGroup } from './prometheus-rules.ts';

/**
 * Checks groups of rules that stand in one file or object, for what Prometheus and the operator's webhook refuse, and for rules that would
 * overwrite each other.
 *
 * @param where the construct to name in an error
 * @throws UserError when a name or duration is malformed, or two groups, alerts or series are the same
 */
export function checkRuleGroups(groups: readonly PrometheusRuleGroup[], where: string): void {
  const twin = groups.find((one, i) => groups.findIndex((other) => other.name === one.name) !== i);
  if (twin) throw new UserError(`rules '${where}' have two groups called '${twin.name}': rename one of them`);
  for (const { name, interval } of groups) {
    if (name.trim() === '') throw new UserError(`a group of rules of '${where}' has no name: give it one`);
    if (interval !== undefined) checkDuration(interval, `interval of the rules '${name}' of '${where}'`);
  }
  const known = new Set<string>();
  for (const rule of groups.flatMap((one) => one.rules)) {
    checkRule(rule, where);
    const what = rule.alert === undefined ? `series '${rule.record}'` : `alert '${rule.alert}'`;
    const labels = Object.entries(rule.labels ?? {}).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    const key = `${what} {${labels.sort().join(', ')}}`;
    if (known.has(key)) {
      throw new UserError(
        `rules '${where}' have the ${what} twice with the labels {${labels.join(', ')}}: rename one, or give it a label`,
      );
    }
    known.add(key);
  }
}

function checkRule(rule: PrometheusRule, where: string): void {
  const { alert, record, expr, for: wait } = rule;
  // Prometheus 3 keeps any text as a name; the operator's webhook takes these.
  if (record !== undefined && !/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(record)) {
    throw new UserError(
      `series ${JSON.stringify(record)} of '${where}': allowed are letters, digits, '_' and ':', beginning with no digit`,
    );
  }
  const label = Object.keys(rule.labels ?? {}).find((one) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(one));
  if (label !== undefined) {
    throw new UserError(
      `label ${JSON.stringify(label)} of '${alert ?? record}' of '${where}': allowed are letters, digits and '_', beginning with no digit`,
    );
  }
  if (alert?.trim() === '') throw new UserError(`an alert of '${where}' has no name: give it one`);
  if (expr.trim() === '') throw new UserError(`'${alert ?? record}' of '${where}' has no expr: give it a query`);
  if (wait !== undefined) checkDuration(wait, `for of the alert '${alert}' of '${where}'`);
}

/** A list of units in descending order (Prometheus 3, duration). */
function checkDuration(text: string, what: string): void {
  if (/^(?=\d)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/.test(text)) return;
  throw new UserError(
    `${what} is ${JSON.stringify(text)}: allowed are whole numbers with the units y, w, d, h, m, s, ms, e.g. '5m'`,
  );
}
