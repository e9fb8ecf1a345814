import { at, items } from '../json-path.ts';
import { type Finder, type Leg, legAt, legsOf, mirrorsOf } from './destinations.ts';
import { directOf, faultOf, headersOf, redirectOf, retriesOf, rewriteOf, timeoutOf } from './http/actions.ts';
import { type Candidate, type HttpRequest, mismatch } from './http/match.ts';
import type { MeshService } from './registry/registry.ts';
import type { Explanation } from './types.ts';

/** What routing says, before mTLS and authorization are asked. */
export interface Routed {
  readonly answer: Omit<Explanation, 'mtls' | 'allowed' | 'reasons'>;
  readonly legs: readonly Leg[];
  readonly reasons: readonly string[];
}

const NOTHING: Routed['answer'] = {
  outcome: 'notfound',
  matched: null,
  destinations: [],
  timeout: null,
  retries: null,
  fault: null,
  mirrors: [],
  rewrite: null,
  redirect: null,
  direct: null,
  headers: null,
  loadBalancing: null,
};

/** An answer that leads to no destination. */
export function ending(
  outcome: Explanation['outcome'],
  reasons: readonly string[],
  more: Partial<Routed['answer']> = {},
): Routed {
  return { answer: { ...NOTHING, outcome, ...more }, legs: [], reasons };
}

/** The first rule that matches, and what it does; 404 where none does. */
export function firstMatch(rules: readonly Candidate[], request: HttpRequest, finder: Finder, before: readonly string[]): Routed {
  const reasons = [...before];
  const told = new Map<string, string>();
  for (const candidate of rules) {
    const id = `${candidate.table.object.id} ${candidate.rule.name}`;
    const why = mismatch(candidate.match, request, candidate.table);
    if (why !== undefined) {
      if (told.size < MOST_MISMATCHES || told.has(id)) told.set(id, `rule ${candidate.rule.name} does not match: ${why}`);
      continue;
    }
    told.delete(id);
    reasons.push(...told.values());
    return taken(candidate, request, finder, reasons);
  }
  reasons.push(...told.values(), 'no rule matches, so the proxy answers 404');
  return ending('notfound', reasons);
}

/** Of rules that do not match, so many are told. */
const MOST_MISMATCHES = 10;

function taken(candidate: Candidate, request: HttpRequest, finder: Finder, reasons: string[]): Routed {
  const { rule } = candidate;
  const matched = { object: rule.object.id, rule: rule.name };
  const origin = rule.via === undefined ? '' : `, ${rule.via}`;
  reasons.push(
    candidate.match === undefined || candidate.catchAll
      ? `rule ${rule.name} of ${rule.object.id}${origin} takes every request`
      : `rule ${rule.name} of ${rule.object.id}${origin} matches`,
  );
  if (rule.faults) reasons.push(...rule.faults);
  const fault = faultOf(rule.spec);
  const { headers } = headersOf(rule.spec);
  if (at(rule.spec, 'redirect') !== undefined) {
    const redirect = redirectOf(candidate, request, finder.port);
    return redirect
      ? ending('redirect', [...reasons, `it sends the client to ${redirect.location}`], { matched, redirect, fault })
      : ending('notfound', [...reasons, 'its redirect has a status that is no redirect, so the route does nothing'], { matched });
  }
  if (at(rule.spec, 'directResponse') !== undefined) {
    const direct = directOf(rule.spec);
    return ending('direct', [...reasons, `the proxy itself answers ${direct?.status ?? 200}`], { matched, direct, fault });
  }
  const legs = legsOf(finder, items(rule.spec, 'route'));
  const mesh = finder.model.meshConfigs.map((one) => at(one.value, 'defaultHttpRetryPolicy')).find((one) => one !== undefined);
  const status = candidate.table.semantics === 'gateway-api' ? 500 : 503;
  return routed(legs, status, reasons, {
    matched,
    timeout: timeoutOf(rule.spec),
    retries: retriesOf(at(rule.spec, 'retries'), mesh),
    fault,
    mirrors: mirrorsOf(finder, rule.spec),
    rewrite: rewriteOf(candidate, request),
    headers,
  });
}

/** What a Service has by itself: all requests go to its pods. */
export function ownRoute(service: MeshService, finder: Finder, reasons: readonly string[]): Routed {
  const mesh = finder.model.meshConfigs.map((one) => at(one.value, 'defaultHttpRetryPolicy')).find((one) => one !== undefined);
  const leg = legAt(finder, service.host, null, finder.port, 100);
  return routed([leg], 503, [...reasons, `no route is written for it, so ${service.object.id} itself gets the request`], {
    retries: retriesOf(undefined, mesh),
  });
}

/** An answer with destinations. */
export function routed(
  legs: readonly Leg[],
  status: number,
  reasons: readonly string[],
  more: Partial<Routed['answer']> = {},
): Routed {
  const all = [...reasons];
  for (const { to, fault, rule, service } of legs) {
    const name = to.subset === null ? to.host : `${to.host} subset ${to.subset}`;
    if (fault !== undefined)
      all.push(service ? `${fault}, so requests for it get 503` : `${fault}, so requests for ${name} get ${status}`);
    else if (to.subset !== null) {
      const by = rule?.subsets.find((one) => one.name === to.subset)?.object.id;
      all.push(`${by ?? 'a DestinationRule'} defines subset ${to.subset}`);
    } else if (service?.service && !service.service.created && to.workloads.length === 0)
      all.push(`no workload of the input stands behind ${service.object.id}`);
  }
  const ways = legs.flatMap((one) => one.loadBalancing ?? []);
  return {
    answer: {
      ...NOTHING,
      outcome: 'route',
      destinations: legs.map((one) => one.to),
      loadBalancing: ways.length === 0 ? null : [...new Set(ways)].join(', '),
      ...more,
    },
    legs,
    reasons: all,
  };
}
