import type { Json } from '../../../kit/json.ts';
import { groupBy } from '../../group-by.ts';
import { at, items } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { APART, apartCause, liveApart } from '../apart.ts';
import { isEmpty } from './http-match.ts';
import { hostsOf, isOfMesh, virtualServices, words } from './virtual-services.ts';

export const meshHost: Rule = {
  code: 'RTE004',
  title: 'two objects route the same host inside the mesh',
  severity: 'error',
  run: (model) => [...twins(model), ...besideHttpRoute(model)],
  docs: {
    cause:
      'Proxies beside the workloads do not merge VirtualServices: for each host they take the oldest one that they see and ignore the others with all their rules (`istioctl analyze`: IST0109). An HTTPRoute whose parent is the Service is a VirtualService to Istio, and the same holds for it. In plain files of different files it is a warning: only one of them may be applied at a time.',
    fix: 'Put the rules into one object; or keep them apart by delegates, exportTo or ports.',
    example: 'kind: VirtualService   # a second one for the host\nmetadata: {name: reviews-canary}\nspec:\n  hosts: [reviews]',
  },
};

function twins(model: Model): Fault[] {
  const stated = virtualServices(model)
    .filter((one) => isOfMesh(one) && takesAnywhere(one))
    .flatMap((object) =>
      hostsOf(object).flatMap((host) => visibleTo(model, object).map((to) => ({ object, host, key: `${to} ${host}` }))),
    );
  const told = new Set<string>();
  return [...groupBy(stated, ({ key }) => key).values()].flatMap((same): Fault[] => {
    const [first] = same;
    const second = same.find(({ object }) => object.id !== first?.object.id);
    if (!first || !second || told.has(`${first.object.id} ${second.object.id}`)) return [];
    told.add(`${first.object.id} ${second.object.id}`);
    const message = `host "${second.host}" is routed by ${first.object.id} as well: proxies take one of the two and ignore the other`;
    const place = spotOf(second.object, ['spec', 'hosts', Math.max(hostsOf(second.object).indexOf(second.host), 0)]);
    return [clash(first.object, second.object, { at: place, message })];
  });
}

function besideHttpRoute(model: Model): Fault[] {
  const own = groupBy(
    virtualServices(model)
      .filter((one) => isOfMesh(one) && takesAnywhere(one))
      .flatMap((object) => hostsOf(object).map((host) => ({ object, host }))),
    ({ host }) => host,
  );
  if (own.size === 0) return [];
  return ['HTTPRoute', 'GRPCRoute'].flatMap((kind) =>
    model.kind(kind).flatMap((object) =>
      items(object.json, 'spec', 'parentRefs').flatMap((ref, i): Fault[] => {
        const [group, parent, name] = [at(ref, 'group'), at(ref, 'kind'), at(ref, 'name')];
        if (parent !== 'Service' || (group !== '' && group !== 'core') || typeof name !== 'string') return [];
        const namespace = at(ref, 'namespace') ?? object.namespace;
        const found = own.get(`${name}.${String(namespace)}.svc.cluster.local`)?.[0];
        if (!found) return [];
        const message = `Service ${name} is routed by ${found.object.id} as well: proxies take one of the two and ignore the other`;
        return [clash(found.object, object, { at: spotOf(object, ['spec', 'parentRefs', i]), message })];
      }),
    ),
  );
}

function clash(first: ProofObject, second: ProofObject, fault: Pick<Fault, 'at' | 'message'>): Fault {
  if (liveApart(first, second)) return { ...fault, hint: APART, severity: 'warning', cause: apartCause([first, second]) };
  const certain = second.origin.construct !== null || first.origin.file === second.origin.file;
  return {
    ...fault,
    ...(certain ? {} : { severity: 'warning' }),
    hint: `put the rules of both into ${first.id}`,
    cause: `routes ${first.id} ${second.id}`,
  };
}

/** Whether it has an HTTP rule for all ports and all clients: others may each be for ports or clients of their own. */
function takesAnywhere(object: ProofObject): boolean {
  return items(object.json, 'spec', 'http').some((rule) => {
    const matches = items(rule, 'match');
    return matches.length === 0 || matches.some(isAnywhere);
  });
}

function isAnywhere(match: Json): boolean {
  const gateways = items(match, 'gateways');
  return (
    ['port', 'sourceLabels', 'sourceNamespace'].every((key) => isEmpty(at(match, key))) &&
    (gateways.length === 0 || gateways.includes('mesh'))
  );
}

/** The namespaces whose proxies see it, `*` for all; none where only the mesh config tells. */
function visibleTo(model: Model, object: ProofObject): string[] {
  const to = words(object, 'spec', 'exportTo');
  if (to.length > 0) return to.includes('*') ? ['*'] : to.map((one) => (one === '.' ? object.namespace : one));
  const byDefault = model.meshConfigs.some((mesh) => items(mesh.value, 'defaultVirtualServiceExportTo').length > 0);
  return byDefault ? [] : ['*'];
}
