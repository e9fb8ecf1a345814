import { isObject, type Json } from '../../../kit/json.ts';
import { at, fields, items, text } from '../../json-path.ts';
import type { SchemaProblem } from '../../schemas.ts';
import { fieldName, type Path, type ProofObject } from '../../types.ts';

// x-kubernetes-validations of Istio 1.30 and Gateway API 1.6: expressions, which our validators do not evaluate.
const DURATIONS: ReadonlySet<string> = new Set([
  ...['backoff', 'baseEjectionTime', 'connectTimeout', 'duration', 'exponentialDelay', 'fixedDelay', 'idleTimeout', 'interval'],
  ...['maxAge', 'maxConnectionDuration', 'perTryTimeout', 'reportingInterval', 'time', 'timeout', 'warmupDurationSecs'],
]);
const WITH_DURATIONS: ReadonlySet<string> = new Set([
  ...['DestinationRule', 'RequestAuthentication', 'Sidecar', 'Telemetry', 'VirtualService'],
]);
const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
};

/** What the API server refuses by an expression of the CRD (CEL). */
export function expressionProblems({ json, group, kind }: ProofObject): SchemaProblem[] {
  if (group === 'gateway.networking.k8s.io') return kind === 'HTTPRoute' ? redirectsWithBackends(json) : [];
  if (!group.endsWith('.istio.io')) return [];
  return [
    ...(WITH_DURATIONS.has(kind) ? durations(at(json, 'spec'), ['spec']) : []),
    ...(kind === 'PeerAuthentication' ? portsWithoutSelector(json) : []),
    ...(kind === 'RequestAuthentication' ? keyAddresses(json) : []),
  ];
}

function durations(node: Json | undefined, path: Path): SchemaProblem[] {
  if (Array.isArray(node)) return node.flatMap((item, i) => durations(item, [...path, i]));
  if (!isObject(node)) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    const place = [...path, key];
    if (typeof value !== 'string' || !DURATIONS.has(key)) return durations(value, place);
    // The one of that name without an expression.
    if (key === 'idleTimeout' && path.at(-1) === 'tcp') return [];
    const milliseconds = durationOf(value);
    if (milliseconds !== undefined && milliseconds >= 1) return [];
    const what = milliseconds === undefined ? 'which is no duration' : 'must be 1ms or longer';
    const hint =
      /^[\d.]+$/.test(value) && Number(value) > 0 ? `did you mean "${value}s"?` : 'write a number and a unit, like 1.5s or 500ms';
    return [notAllowed(place, `is "${value}", ${what}`, hint)];
  });
}

/** Milliseconds of a duration as Go writes it, the form of CEL's `duration()`; undefined when it is none. */
function durationOf(value: string): number | undefined {
  const [, sign, rest = ''] = /^([+-]?)(.+)$/.exec(value) ?? [];
  if (rest === '0') return 0;
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  const sum = [...rest.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g)].reduce(
    (total, [, amount, unit]) => total + Number(amount) * (MILLISECONDS[unit ?? ''] ?? 0),
    0,
  );
  return sign === '-' ? -sum : sum;
}

function redirectsWithBackends(json: Json): SchemaProblem[] {
  return items(json, 'spec', 'rules').flatMap((rule, i) => {
    const redirects = items(rule, 'filters').some((filter) => at(filter, 'requestRedirect') !== undefined);
    if (!redirects || items(rule, 'backendRefs').length === 0) return [];
    return [notAllowed(['spec', 'rules', i, 'backendRefs'], 'cannot stand beside a redirect', 'keep one of them')];
  });
}

function portsWithoutSelector(json: Json): SchemaProblem[] {
  const ports = Object.keys(fields(json, 'spec', 'portLevelMtls'));
  if (ports.length === 0 || Object.keys(fields(json, 'spec', 'selector', 'matchLabels')).length > 0) return [];
  const message = 'needs a selector: a port is one of some pods';
  return [notAllowed(['spec', 'portLevelMtls'], message, 'add selector.matchLabels, or set mtls.mode for all ports')];
}

function keyAddresses(json: Json): SchemaProblem[] {
  return items(json, 'spec', 'jwtRules').flatMap((rule, i) =>
    ['jwksUri', 'jwks_uri'].flatMap((key) => {
      const address = text(rule, key);
      if (address === undefined || /^https?:\/\//i.test(address)) return [];
      const message = `is "${address}", must be an address with http:// or https://`;
      return [notAllowed(['spec', 'jwtRules', i, key], message, 'write the whole address of the keys')];
    }),
  );
}

function notAllowed(path: Path, what: string, hint: string): SchemaProblem {
  return { problem: 'not-allowed', path, message: `${fieldName(path)} ${what}`, hint };
}
