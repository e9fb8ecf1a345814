import { isObject, type Json } from '../../../kit/json.ts';
import { groupBy } from '../../group-by.ts';
import { at, items, number, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { APART, apartCause, liveApart } from '../apart.ts';
import { meet, standsAt } from './listeners.ts';

export const routeTwins: Rule = {
  code: 'RTE016',
  title: 'two rules of HTTPRoutes with the same match at the same place',
  severity: 'warning',
  run: (model) => {
    const stated = model.kind('HTTPRoute').flatMap((object) => places(model, object).flatMap((place) => rulesAt(object, place)));
    const told = new Set<string>();
    return [...groupBy(stated, ({ key }) => key).values()].flatMap((same): Fault[] => {
      const [first] = same;
      const second = same.find((one) => one.object !== first?.object || one.i !== first.i);
      if (!first || !second || (first.object.id === second.object.id) !== (first.object === second.object)) return [];
      const pair = `${first.object.id} ${first.i} ${second.object.id} ${second.i}`;
      if (told.has(pair)) return [];
      told.add(pair);
      const at = spotOf(second.object, ['spec', 'rules', second.i]);
      const whose = first.object === second.object ? `rule ${first.i}` : `rule ${first.i} of ${first.object.id}`;
      const message = `matches what ${whose} matches (${second.what}): only one of the two is ever asked`;
      if (liveApart(first.object, second.object))
        return [{ at, message, hint: APART, cause: apartCause([first.object, second.object]) }];
      return [
        { at, message, hint: 'give each a match or hostname of its own', cause: `routes ${first.object.id} ${second.object.id}` },
      ];
    });
  },
  docs: {
    cause:
      'Of rules with the same match the oldest object’s wins, then the first by name, then the first rule of the object (Gateway API, HTTPRouteRule). The other one is never reached.',
    fix: 'Give each a match or hostname of its own.',
    example:
      'kind: HTTPRoute\nspec:\n  rules:\n  - backendRefs: [{name: reviews, port: 9080}]\n  - backendRefs: [{name: ratings, port: 9080}]   # a second default',
  },
};

/** Where a route stands: a Service, or a listener, with a hostname. */
function places(model: Model, object: ProofObject): string[] {
  const hostnames = items(object.json, 'spec', 'hostnames').map((one) => String(one).toLowerCase());
  return items(object.json, 'spec', 'parentRefs').flatMap((ref) => {
    const kind = text(ref, 'kind') ?? 'Gateway';
    const parent = [kind, text(ref, 'namespace') ?? object.namespace, text(ref, 'name')].join(' ');
    // For a Service of another namespace a route holds for the clients of its own namespace only.
    if (kind !== 'Gateway') return [`${parent} ${object.namespace} ${number(ref, 'port') ?? ''}`];
    const listeners = standsAt(model, object, ref);
    if (!listeners)
      return (hostnames.length > 0 ? hostnames : ['']).map((host) => `${parent} ${text(ref, 'sectionName') ?? ''} ${host}`);
    return listeners.flatMap(({ index, hostname }) => {
      const hosts = hostnames.length > 0 ? hostnames.filter((host) => meet(hostname, host)) : [hostname?.toLowerCase() ?? ''];
      return hosts.map((host) => `${parent} ${index} ${host}`);
    });
  });
}

function rulesAt(object: ProofObject, place: string) {
  return items(object.json, 'spec', 'rules').flatMap((rule, i) => {
    const matches = items(rule, 'matches');
    const keys = (matches.length > 0 ? matches : [{}]).map(keyOf);
    return [...new Set(keys)].map((what) => ({ object, i, what, key: `${place} ${what}` }));
  });
}

/** One spelling of a match: the path and what else it wants, in words. */
function keyOf(match: Json): string {
  const path = `${text(match, 'path', 'type') ?? 'PathPrefix'} ${text(match, 'path', 'value') ?? '/'}`;
  const list = (key: string, name: (text: string) => string) =>
    items(match, key)
      .filter(isObject)
      .map((one) => `${name(text(one, 'name') ?? '')} ${text(one, 'type') ?? 'Exact'} ${JSON.stringify(at(one, 'value') ?? '')}`)
      .sort();
  const more = [...list('headers', (name) => name.toLowerCase()), ...list('queryParams', (name) => `?${name}`)];
  return [path, text(match, 'method'), ...more].filter((one) => one !== undefined).join(', ');
}
