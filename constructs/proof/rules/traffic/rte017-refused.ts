import type { Json } from '../../../kit/json.ts';
import { at, items, number } from '../../json-path.ts';
import { matchesWildcard } from '../../model/hosts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, fieldName, type ProofObject, spotOf } from '../../types.ts';
import { isEmpty } from './http-match.ts';
import { isOfMesh, virtualServices, words } from './virtual-services.ts';

export const refused: Rule = {
  code: 'RTE017',
  title: 'a VirtualService that Istio refuses though its schema allows it',
  severity: 'error',
  run: (model) =>
    virtualServices(model).flatMap((object) => {
      const rules = items(object.json, 'spec', 'http').flatMap((rule, i): Fault[] => {
        const found = ruleFault(rule);
        return found ? [{ ...found, at: spotOf(object, ['spec', 'http', i]) }] : [];
      });
      const hosts = words(object, 'spec', 'hosts');
      const wild = hosts.indexOf('*');
      const gateways = words(object, 'spec', 'gateways');
      const ofMesh: Fault[] =
        wild >= 0 && isOfMesh(object) && gateways.every((one) => one === 'mesh')
          ? [
              {
                at: spotOf(object, ['spec', 'hosts', wild]),
                message: 'host "*" is only for Gateways, and the VirtualService is bound to the mesh alone',
                hint: 'name the Services, or a Gateway under gateways',
              },
            ]
          : [];
      const lone: Fault[] =
        hosts.length === 0 && gateways.length > 0
          ? [
              {
                at: spotOf(object, ['spec', 'gateways']),
                message: 'a VirtualService without hosts is a delegate, and a delegate has no gateways',
                hint: 'add the hosts, or remove gateways',
              },
            ]
          : [];
      return [...rules, ...ofMesh, ...lone, ...foreignNames(object, hosts)];
    }),
  docs: {
    cause:
      'Istio’s admission asks more than the schema: a rule has exactly one of route, redirect, directResponse and delegate; a redirect changes something and stands with neither fault nor rewrite; `mirror` and `mirrors` exclude each other; host `*` needs a Gateway; a share is 0.0001 to 100 %, a status 200 to 599; the names of TLS connections are among the hosts. An object that slips in without the webhook is ignored.',
    fix: 'Keep one of the two.',
    example: 'http:\n- route: [{destination: {host: reviews}}]\n  redirect: {uri: /new}',
  },
};

/** Names of TLS connections that are none of the hosts. */
function foreignNames(object: ProofObject, hosts: readonly string[]): Fault[] {
  // A short name stands for a Service, and its full name is what clients ask for.
  if (hosts.length === 0 || hosts.some((host) => host === '*' || !host.includes('.'))) return [];
  return items(object.json, 'spec', 'tls').flatMap((rule, i) =>
    items(rule, 'match').flatMap((match, j) =>
      items(match, 'sniHosts').flatMap((name, k): Fault[] => {
        if (typeof name !== 'string' || hosts.some((host) => host === name || matchesWildcard(host, name))) return [];
        const message = `"${name}" is none of the hosts ${hosts.join(', ')}: Istio refuses it`;
        const at = spotOf(object, ['spec', 'tls', i, 'match', j, 'sniHosts', k]);
        return [{ at, message, hint: 'add it to the hosts, or name one of them' }];
      }),
    ),
  );
}

/** Shares and statuses that are none. */
function faultFault(rule: Json): Pick<Fault, 'message' | 'hint'> | undefined {
  for (const path of [
    ['fault', 'delay', 'percentage'],
    ['fault', 'abort', 'percentage'],
    ['mirrorPercentage'],
    ...items(rule, 'mirrors').map((_, i) => ['mirrors', i, 'percentage']),
  ]) {
    const percent = at(rule, ...path, 'value');
    if (typeof percent === 'number' && (percent < 0 || percent > 100 || (percent > 0 && percent < 0.0001)))
      return { message: `${fieldName(path)} is ${percent} %: Istio refuses it`, hint: 'a share is 0, or 0.0001 to 100' };
  }
  const status = at(rule, 'fault', 'abort', 'httpStatus');
  return typeof status === 'number' && (status < 200 || status > 600)
    ? { message: `fault.abort.httpStatus is ${status}: Istio refuses it`, hint: 'a status is 200 to 599' }
    : undefined;
}

const ENDS = ['route', 'redirect', 'directResponse'] as const;

function ruleFault(rule: Json): Pick<Fault, 'message' | 'hint'> | undefined {
  const has = (key: string) =>
    !isEmpty(at(rule, key)) || (key !== 'route' && at(rule, key) !== undefined && at(rule, key) !== null);
  // What stands beside a delegate is told by RTE006.
  if (has('delegate')) return undefined;
  const amiss = faultFault(rule);
  if (amiss) return amiss;
  const ends = ENDS.filter(has);
  if (ends.length > 1) return { message: `has ${ends.join(' and ')}: Istio refuses a rule with both`, hint: 'keep one of them' };
  const [end] = ends;
  if (end === undefined) {
    return { message: 'leads nowhere: it has no route, redirect or directResponse', hint: 'add a route with a destination' };
  }
  const beside = end === 'route' ? undefined : ['fault', 'rewrite'].find(has);
  if (beside !== undefined)
    return { message: `has ${end} and ${beside}: Istio refuses a rule with both`, hint: 'keep one of them' };
  if (has('mirror') && has('mirrors'))
    return { message: 'has mirror and mirrors: Istio refuses a rule with both', hint: 'keep mirrors' };
  if (end !== 'redirect') return undefined;
  if (
    ['uri', 'prefixRewrite', 'authority', 'port', 'derivePort', 'scheme'].every((key) => at(rule, 'redirect', key) === undefined)
  ) {
    return { message: 'has a redirect that changes nothing', hint: 'state uri, authority, scheme or port' };
  }
  const code = number(rule, 'redirect', 'redirectCode');
  return code !== undefined && code !== 0 && (code < 300 || code > 399)
    ? { message: `redirectCode ${code} is no redirect`, hint: 'a redirect is 300 to 399, mostly 301, 302, 307 or 308' }
    : undefined;
}
