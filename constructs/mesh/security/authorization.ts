import { Construct } from 'constructs';
import {
  AuthorizationPolicy,
  type AuthorizationPolicySpecRules,
  AuthorizationPolicySpecAction as SpecAction,
} from '../../../imports/security.istio.io.ts';
import { UserError } from '../../kit/index.ts';
import {
  type Condition,
  conditionNeedsHttp,
  type Operation,
  operationNeedsHttp,
  operationOf,
  type ValuesByName,
  whenOf,
} from './conditions.ts';
import { fromOf, namesSenders, needsHttp, type Sources } from './sources.ts';
import { type PodPort, type PolicyTarget, portOf, speaksHttp, type Target, takeName, targetOf } from './target.ts';

/** One rule: it matches when all that it says holds. */
export interface AuthorizationRule extends Operation {
  /** Who sends: workloads and other identities, layers for their namespaces, addresses, holders of a token. @default 'anyone' */
  readonly from?: Sources;
  /** Who is not meant, even when `from` names them. @default nobody is left out */
  readonly notFrom?: Sources;
  /** What is not meant; of each list, none. @default nothing is left out */
  readonly not?: Operation;
  /** Values of headers. HTTP only. @default any */
  readonly headers?: ValuesByName;
  /** Values of the token's claims, as a JwtAuthentication reads them; a request without token has none. HTTP only. @default any */
  readonly claims?: ValuesByName;
  /** What has no option of its own. @default nothing more */
  readonly when?: readonly Condition[];
}

/**
 * What happens to a request that matches: `custom` asks an external authorizer, by its name among the mesh config's
 * `extensionProviders`; `audit` only marks it for the log.
 */
export type AuthorizationAction = 'allow' | 'deny' | 'audit' | { readonly custom: string };

/** Options of {@link Authorization}. */
export interface AuthorizationProps {
  /** Whose requests: those to some pods of the layer's namespace, to all of its pods, or what passes a waypoint. */
  readonly to: PolicyTarget;
  readonly action: AuthorizationAction;
  /** It applies when one of them matches. */
  readonly rules: readonly [AuthorizationRule, ...AuthorizationRule[]];
  /** The object's name. @default the construct's id */
  readonly name?: string;
  /** The trust domain of the identities. @default 'cluster.local', which Istio reads as the mesh's own and its aliases */
  readonly trustDomain?: string;
}

const actions = { allow: SpecAction.ALLOW, deny: SpecAction.DENY, audit: SpecAction.AUDIT };

/**
 * Who may send what to some pods, or through a waypoint: an AuthorizationPolicy.
 *
 * Once an `allow` selects a pod, what no `allow` matches is refused; `custom` and `deny` are asked before (Istio 1.30). It holds where a
 * sidecar, a gateway or a waypoint takes the request. ztunnel, which does so for ambient pods, knows no HTTP: tell it senders and ports
 * alone, and the rest to the waypoint, `to: waypoint` or `to: { service: bookinfo.reviews }`. Behind it, ztunnel sees the waypoint send.
 *
 * @example
 * new Authorization(apps, 'ratings', {
 *   to: bookinfo.ratings,
 *   action: 'allow',
 *   rules: [{ from: [bookinfo.reviews], methods: ['GET'] }],
 * });
 */
export class Authorization extends Construct {
  /** The object's name. */
  readonly name: string;

  /**
   * @throws UserError when there is no rule, a rule says nothing or what can never match, what it is for is of another namespace, a port is
   * none of theirs, HTTP is asked of a TCP port, or `custom` is given what Istio cannot ask before it
   */
  constructor(scope: Construct, id: string, props: AuthorizationProps) {
    super(scope, id);
    const path = this.node.path;
    const { action, rules, trustDomain = 'cluster.local' } = props;
    const target = targetOf(this, props.to);
    checkAction(action, rules.length, path);
    if (!/^[A-Za-z0-9.-]+$/.test(trustDomain))
      throw new UserError(`trustDomain of '${path}' is ${JSON.stringify(trustDomain)}: allowed are letters, digits, '-' and '.'`);
    this.name = takeName(this, 'AuthorizationPolicy', props.name ?? id);
    const rendered = rules.map((rule, i) => {
      const where = `rule ${i + 1} of '${path}'`;
      const ports = checkRule(rule, action, target, where, path);
      return renderRule({ ...rule, ...(ports ? { ports } : {}) }, target, { trustDomain, where }, path);
    });
    const twice = rendered.findIndex((rule, i) =>
      rendered.slice(0, i).some((one) => JSON.stringify(one) === JSON.stringify(rule)),
    );
    if (twice >= 0) throw new UserError(`rule ${twice + 1} of '${path}' says what a rule before it says already: leave it out`);
    new AuthorizationPolicy(this, 'policy', {
      metadata: { name: this.name, namespace: target.namespace },
      spec: {
        ...target.scope,
        ...(typeof action === 'string'
          ? { action: actions[action] }
          : { action: SpecAction.CUSTOM, provider: { name: action.custom } }),
        rules: rendered,
      },
    });
  }
}

function checkAction(action: AuthorizationAction, rules: number, path: string): void {
  if (rules === 0) {
    throw new UserError(
      action === 'allow'
        ? `'${path}' allows nothing, so it would refuse every request: use 'new DefaultDeny(...)' if that is meant`
        : `'${path}' has no rule, so it would never apply: give it one, { from: 'anyone' } for every request`,
    );
  }
  if (typeof action === 'object' && action.custom === '')
    throw new UserError(`action.custom of '${path}' is empty: name one of the mesh config's extensionProviders`);
}

/**
 * Checks a rule against the action and the pods' ports.
 *
 * A rule that only HTTP can match is left out at TCP ports by an `allow`, and matches everything there in a `deny` (Istio 1.30). So a
 * `deny` is given its ports here: all that the pods declare, but for those known to speak TCP.
 */
function checkRule(
  rule: AuthorizationRule,
  action: AuthorizationAction,
  target: Target,
  where: string,
  path: string,
): readonly [PodPort, ...PodPort[]] | undefined {
  if (Object.values(rule).every((value) => value === undefined))
    throw new UserError(`${where} says nothing: say { from: 'anyone' } if it is meant to match every request`);
  if (typeof action === 'object' && (namesSenders(rule.from) || namesSenders(rule.notFrom) || asksIdentity(rule))) {
    throw new UserError(
      `${where} tells senders by identity or token, which istio does not know yet when it asks an external authorizer: use paths, methods, hosts, headers, ports or addresses`,
    );
  }
  if (!asksHttp(rule)) return undefined;
  const bytes = target.ports.filter((one) => speaksHttp(one) === false);
  const asked = rule.ports?.map((port) => portOf(target, port, path));
  const wrong = bytes.find(({ port }) => asked?.includes(port));
  if (wrong || (!asked && target.ports.length > 0 && bytes.length === target.ports.length)) {
    const { name, port, appProtocol } = wrong ?? bytes[0] ?? {};
    throw new UserError(
      `${where} asks for what only HTTP has, but port ${name} (${port}) of ${target.what} speaks ${appProtocol}: tell senders, addresses and ports there`,
    );
  }
  if (asked || action !== 'deny') return undefined;
  const [first, ...others] = target.ports.filter((one) => speaksHttp(one) !== false).map(({ port }) => port);
  if (first === undefined) {
    throw new UserError(
      `${where} denies by what only HTTP has, and the ports of ${target.what} are not known: istio would deny everything at TCP ports, so name the HTTP ports, e.g. ports: [8080]`,
    );
  }
  return [first, ...others];
}

function asksHttp(rule: AuthorizationRule): boolean {
  return (
    operationNeedsHttp(rule) ||
    operationNeedsHttp(rule.not ?? {}) ||
    needsHttp(rule.from) ||
    needsHttp(rule.notFrom) ||
    rule.headers !== undefined ||
    rule.claims !== undefined ||
    (rule.when ?? []).some(({ key }) => conditionNeedsHttp(key))
  );
}

function asksIdentity({ claims, when = [] }: AuthorizationRule): boolean {
  const known = when.some(
    ({ key }) => key.startsWith('request.auth.') || key === 'source.namespace' || key === 'source.principal',
  );
  return claims !== undefined || known;
}

function renderRule(
  rule: AuthorizationRule,
  target: Target,
  context: { readonly trustDomain: string; readonly where: string },
  path: string,
): AuthorizationPolicySpecRules {
  const from = fromOf(rule.from ?? 'anyone', rule.notFrom, context);
  const operation = operationOf(rule, rule.not, target, context.where, path);
  const when = whenOf(rule, context.where);
  return { ...(from ? { from } : {}), ...(operation ? { to: [{ operation }] } : {}), ...(when ? { when } : {}) };
}
