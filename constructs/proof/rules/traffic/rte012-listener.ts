import type { Json } from '../../../kit/json.ts';
import { items, number, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { meet, takesKind, takesNamespace } from './listeners.ts';

export const listener: Rule = {
  code: 'RTE012',
  title: 'a route that no listener of its Gateway accepts',
  severity: 'error',
  run: (model) =>
    model.routes.flatMap(({ api, object }) =>
      api === 'gateway-api'
        ? items(object.json, 'spec', 'parentRefs').flatMap((ref, i) => faultOf(model, object, ref, i) ?? [])
        : [],
    ),
  docs: {
    cause:
      'The Gateway is there, but of its listeners none has the port that the route names, takes routes of this namespace (`allowedRoutes`; by default only those of the Gateway’s own namespace) or of this kind, or is for one of the route’s hostnames. The route is not accepted, and requests get 404.',
    fix: 'Correct the port or hostname, or let the listener accept the route: `allowedRoutes: {namespaces: {from: All}}`.',
    example:
      'kind: HTTPRoute\nmetadata: {name: shop, namespace: shop}\nspec:\n  parentRefs: [{name: front, namespace: gateways}]   # whose listener takes routes of its own namespace only',
  },
};

function faultOf(model: Model, route: ProofObject, ref: Json, i: number): Fault | undefined {
  const name = text(ref, 'name');
  if (name === undefined || (text(ref, 'kind') ?? 'Gateway') !== 'Gateway') return undefined;
  const gateway = model.gateways.get('gateway-api', text(ref, 'namespace') ?? route.namespace, name);
  const section = text(ref, 'sectionName');
  const named = items(gateway?.object.json, 'spec', 'listeners').filter(
    (one) => section === undefined || text(one, 'name') === section,
  );
  // A Gateway or listener that is not there is told by REF003; a template or a controller may add listeners.
  if (!gateway || named.length === 0) return undefined;
  const port = number(ref, 'port');
  const place = ['spec', 'parentRefs', i];
  const open = named.filter((one) => port === undefined || number(one, 'port') === port);
  if (open.length === 0) {
    const ports = [...new Set(named.flatMap((one) => number(one, 'port') ?? []))];
    return {
      at: spotOf(route, [...place, 'port']),
      message: `${gateway.object.id} has no listener at port ${port}`,
      hint: ports.length === 1 ? `did you mean ${ports[0]}?` : `name one of its ports: ${ports.join(', ')}`,
    };
  }
  const kinds = open.filter((one) => takesKind(one, route.kind));
  const at = spotOf(route, [...place, 'name']);
  if (kinds.length === 0) {
    return {
      at,
      message: `the listeners of ${gateway.object.id} take no ${route.kind}`,
      hint: `add a listener of a protocol for ${route.kind}, or the kind to allowedRoutes.kinds`,
    };
  }
  const allowed = kinds.filter((one) => takesNamespace(model, one, gateway.namespace, route.namespace));
  if (allowed.length === 0) {
    return {
      at,
      message: `the listeners of ${gateway.object.id} take no routes of namespace ${route.namespace} (allowedRoutes)`,
      hint: `let a listener take them: allowedRoutes: {namespaces: {from: All}}, or put the route into namespace ${gateway.namespace}`,
      cause: `allowed routes ${gateway.object.id} ${route.namespace}`,
    };
  }
  const hostnames = items(route.json, 'spec', 'hostnames').flatMap((one) => (typeof one === 'string' ? [one] : []));
  if (hostnames.length === 0 || allowed.some((one) => hostnames.some((host) => meet(text(one, 'hostname'), host))))
    return undefined;
  const taken = [...new Set(allowed.map((one) => text(one, 'hostname') ?? '*'))];
  return {
    at: spotOf(route, ['spec', 'hostnames', 0]),
    message: `${gateway.object.id} takes no hostname of this route (${hostnames.join(', ')}), but ${taken.join(', ')}`,
    hint: 'use a hostname that a listener takes, or add it to the Gateway',
  };
}
