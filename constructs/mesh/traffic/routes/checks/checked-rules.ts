import { checkDnsSubdomain } from '../../../../kit/layer.ts';
import { UserError } from '../../../../kit/user-error.ts';
import { milliseconds } from '../../checks.ts';
import type { AnyForwardRule, AnyHttpRule } from '../http-rule.ts';
import type { Place } from '../place.ts';
import { type Target, target, targetsOf } from '../target.ts';
import {
  type CheckedHeaders,
  checkCors,
  checkedHeaders,
  checkFault,
  checkMirror,
  checkRedirect,
  checkRetries,
  checkRewrite,
  checkStatus,
} from './action-checks.ts';
import { type FlatMatch, flatMatches, takesAll } from './flat-match.ts';
import { checkRedirectLoop } from './redirect-loop.ts';

/** A rule that can be rendered. */
export interface CheckedRule {
  readonly rule: AnyHttpRule;
  /** The rule, when it sends requests on. */
  readonly forward?: AnyForwardRule;
  /** How messages name it. */
  readonly where: string;
  /** None for a rule that takes every request. */
  readonly matches: readonly FlatMatch[];
  /** None for a rule that does not send requests on. */
  readonly targets: readonly Target[];
  readonly mirror?: Target;
  readonly headers: CheckedHeaders;
}

/**
 * Checks rules one by one and together.
 *
 * @param path of the construct, for messages
 * @throws UserError at the first rule that cannot be meant so
 */
export function checkedRules(rules: readonly AnyHttpRule[], place: Place, path: string): CheckedRule[] {
  if (rules.length === 0) throw new UserError(`routes '${path}' have no rules: give at least one`);
  const named = rules.map((rule, i) => ({
    rule,
    where: `rule ${rule.name === undefined || /[^ -~]/.test(rule.name) ? i + 1 : `'${rule.name}'`} of '${path}'`,
  }));
  const checked = named.map(({ rule, where }, i) => {
    const { name } = rule;
    if (name !== undefined) {
      checkDnsSubdomain(name, `name of ${where}`);
      if (rules.findIndex((other) => other.name === name) !== i)
        throw new UserError(
          `routes '${path}' have two rules named '${name}': a name tells which rule took a request, give each its own`,
        );
    }
    return checkedRule(rule, place, where);
  });
  checkTwins(checked);
  for (const [i, { matches, where }] of checked.entries()) {
    const next = checked[i + 1];
    if (!next || !(matches.length === 0 || matches.some(takesAll))) continue;
    throw new UserError(
      `${where} takes every request, so ${next.where} never gets one: put it last, or say in 'when' which requests it is for`,
    );
  }
  return checked;
}

/** The same match a second time never takes a request; istioctl analyze warns of it. */
function checkTwins(rules: readonly CheckedRule[]): void {
  const seen = new Map<string, string>();
  for (const { matches, where } of rules) {
    for (const match of matches) {
      const key = JSON.stringify(match);
      const twin = seen.get(key);
      if (twin !== undefined)
        throw new UserError(`${where} has a match that ${twin} has already: it never takes a request, leave it out`);
      seen.set(key, where);
    }
  }
}

function checkedRule(rule: AnyHttpRule, place: Place, where: string): CheckedRule {
  const matches = flatMatches(rule.when, where);
  for (const { from, port } of matches) {
    if (from && place.at)
      throw new UserError(`${where} matches by 'from', but at an entrance the sender is the gateway: leave it out`);
    if (port !== undefined && !place.at)
      throw new UserError(`${where} matches by 'port', which is for entrances: name the routed port beside 'of', as 'port'`);
  }
  const headers = checkedHeaders(rule.headers, where);
  const common = { rule, where, matches, headers };
  const actions = [rule.to, rule.redirect, rule.respond].filter((one) => one !== undefined);
  if (actions.length !== 1)
    throw new UserError(`${where} has ${actions.length} of 'to', 'redirect' and 'respond': give one of them`);
  if (rule.redirect !== undefined) {
    checkRedirect(rule.redirect, matches, where);
    checkRedirectLoop(rule.redirect, matches, place, where);
    return { ...common, targets: [] };
  }
  if (rule.respond !== undefined) {
    checkStatus(rule.respond.status, where);
    // Istio 1.30, validateHTTPDirectResponse.
    if (Buffer.byteLength(rule.respond.body ?? '') > 1024 * 1024) throw new UserError(`body of ${where} is larger than 1 MB`);
    return { ...common, targets: [] };
  }
  const targets = targetsOf(rule.to, rule.port, place, where);
  if (rule.timeoutSeconds !== undefined) milliseconds(rule.timeoutSeconds, `timeoutSeconds of ${where}`);
  checkRetries(rule.retries, rule.timeoutSeconds, where);
  checkFault(rule.fault, where);
  checkMirror(rule.mirror, targets, where);
  checkRewrite(rule.rewrite, matches, where);
  checkCors(rule.cors, where);
  const mirror = rule.mirror && target(rule.mirror.to, undefined, place, `mirror of ${where}`);
  return { ...common, forward: rule, targets, ...(mirror ? { mirror } : {}) };
}
