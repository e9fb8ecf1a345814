import type { Json } from '../../../kit/json.ts';
import { at, fields, items, number, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Route } from '../../model/routes.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { isAnyPath, textMatch } from './http-match.ts';
import { hostsOf } from './virtual-services.ts';

export const redirectLoop: Rule = {
  code: 'RTE009',
  title: 'a redirect that leads to itself',
  severity: 'error',
  run: (model) =>
    model.routes.flatMap((route) => {
      if (route.api === 'istio') return ofVirtualService(model, route);
      return route.object.kind === 'HTTPRoute' ? ofHttpRoute(model, route) : [];
    }),
  docs: {
    cause:
      'The address to which a rule redirects is taken by the same rule again: the same host, and a path that it matches; or https at a server that is https already. Browsers give up after some twenty rounds (ERR_TOO_MANY_REDIRECTS).',
    fix: 'Give the rule a match that the new address does not have (`scheme: {exact: http}`, another path), or bind it to the plain HTTP listener alone (`sectionName`).',
    example: 'http:\n- match: [{uri: {prefix: /}}]\n  redirect: {uri: /home}   # /home begins with / as well',
  },
};

function ofVirtualService(model: Model, { object, gateways }: Route): Fault[] {
  const hosts = hostsOf(object);
  const rules = items(object.json, 'spec', 'http');
  const protocols = new Set(
    gateways.flatMap(({ namespace, name }) => {
      const gateway = model.gateways.get('istio', namespace, name);
      return items(gateway?.object.json, 'spec', 'servers').map((server) =>
        (text(server, 'port', 'protocol') ?? '').toUpperCase(),
      );
    }),
  );
  return rules.flatMap((rule, i): Fault[] => {
    const to = at(rule, 'redirect');
    if (to === undefined) return [];
    const [scheme, authority, uri] = ['scheme', 'authority', 'uri'].map((key) => text(to, key));
    if (number(to, 'port') !== undefined || text(to, 'derivePort') !== undefined || text(to, 'prefixRewrite') !== undefined)
      return [];
    if (authority !== undefined && !hosts.includes(authority.toLowerCase())) return [];
    const tells = ['scheme', 'port', 'gateways', 'headers', 'withoutHeaders', 'queryParams', 'authority'];
    const open = matchesOf(rule).filter((match) => tells.every((key) => at(match, key) === undefined));
    if (scheme !== undefined && !(scheme === 'https' && protocols.has('HTTPS'))) return [];
    const loop = open.some((match) => uri === undefined || (!uri.includes('%') && takesPath(match, uri)));
    // A rule before it may take the new address.
    if (!loop || (uri !== undefined && rules.slice(0, i).some((one) => matchesOf(one).some((match) => mayTake(match, uri)))))
      return [];
    const where = `${authority ?? 'the same host'}${uri ?? ''}`;
    return [
      {
        at: spotOf(object, ['spec', 'http', i, 'redirect']),
        message:
          scheme === undefined
            ? `leads to ${where}, which this rule takes again`
            : `leads to ${where} by https, and the rule is also for a server that is https already`,
        hint:
          scheme === undefined
            ? 'give the rule a match that the new address does not have'
            : 'match `scheme: {exact: http}`, or use tls.httpsRedirect of the plain HTTP server',
      },
    ];
  });
}

function matchesOf(rule: Json): readonly Json[] {
  const matches = items(rule, 'match');
  return matches.length > 0 ? matches : [{}];
}

function takesPath(match: Json, address: string): boolean {
  const [path = ''] = address.split(/[?#]/);
  const uri = textMatch(at(match, 'uri'));
  if (!uri || isAnyPath(uri)) return true;
  return uri.how === 'regex' ? false : uri.how === 'exact' ? uri.value === path : path.startsWith(uri.value);
}

function mayTake(match: Json, path: string): boolean {
  return textMatch(at(match, 'uri'))?.how === 'regex' || takesPath(match, path);
}

/** Whether a rule of an HTTPRoute whose matches tell nothing but a path takes a path. */
function takesAgain(rule: Json, path: string): boolean {
  return matchesOfRoute(rule).some((match) => {
    if (Object.keys(fields(match)).some((key) => key !== 'path')) return false;
    const [type, value] = [text(match, 'path', 'type') ?? 'PathPrefix', text(match, 'path', 'value') ?? '/'];
    if (type === 'Exact') return value === path;
    return type === 'PathPrefix' && (value === '/' || path === value || path.startsWith(`${value.replace(/\/$/, '')}/`));
  });
}

function matchesOfRoute(rule: Json): readonly Json[] {
  const matches = items(rule, 'matches');
  return matches.length > 0 ? matches : [{}];
}

function ofHttpRoute(model: Model, { object, gateways }: Route): Fault[] {
  if (gateways.length === 0 || gateways.length < items(object.json, 'spec', 'parentRefs').length) return [];
  const listeners = gateways.flatMap(({ namespace, name, section }) =>
    items(model.gateways.get('gateway-api', namespace, name)?.object.json, 'spec', 'listeners')
      .filter((one) => section === undefined || text(one, 'name') === section)
      .map((one) => ({ name: text(one, 'name') ?? '', protocol: text(one, 'protocol') ?? '', port: number(one, 'port') })),
  );
  const secure = listeners.find(({ protocol, port }) => protocol === 'HTTPS' && port === 443);
  return items(object.json, 'spec', 'rules').flatMap((rule, i) =>
    items(rule, 'filters').flatMap((filter, j): Fault[] => {
      const to = at(filter, 'requestRedirect');
      if (to === undefined || ['hostname', 'port'].some((key) => at(to, key) !== undefined)) return [];
      const path = text(to, 'path', 'replaceFullPath');
      // Another path is another request, unless the rule takes that as well.
      if (at(to, 'path') !== undefined && (path === undefined || !takesAgain(rule, path))) return [];
      const scheme = text(to, 'scheme');
      if (scheme !== undefined && (scheme !== 'https' || !secure)) return [];
      return [
        {
          at: spotOf(object, ['spec', 'rules', i, 'filters', j, 'requestRedirect']),
          message:
            scheme === undefined
              ? `${path === undefined ? 'changes nothing of the address' : `leads to ${path}`}: the rule takes the new request again`
              : `leads to https, and the route is also at listener "${secure?.name ?? ''}", which is https already`,
          hint:
            scheme === undefined
              ? 'state a scheme, hostname, port or path'
              : 'name the plain HTTP listener in parentRefs (sectionName)',
        },
      ];
    }),
  );
}
