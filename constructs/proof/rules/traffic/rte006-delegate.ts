import type { Json } from '../../../kit/json.ts';
import { nearest, suggest } from '../../../kit/nearest.ts';
import { groupBy } from '../../group-by.ts';
import { at, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { virtualServices } from './virtual-services.ts';

export const delegate: Rule = {
  code: 'RTE006',
  title: 'a delegate that is not there, or cannot be one',
  severity: 'error',
  run: (model) => {
    const all = virtualServices(model);
    const byNamespace = groupBy(all, (one) => one.namespace);
    return all.flatMap((object) =>
      items(object.json, 'spec', 'http').flatMap((rule, i) => faultOf(model, byNamespace, { object, rule, i }) ?? []),
    );
  },
  docs: {
    cause:
      'A rule hands its requests to another VirtualService (`delegate`), which must exist, have no `hosts` and hand on nothing itself; the rule has neither route nor redirect. Otherwise Istio drops the rule, and its requests get 404.',
    fix: 'Correct the name or namespace (by default the VirtualService’s own), and remove `hosts` and `gateways` from the delegate.',
    example:
      'http:\n- match: [{uri: {prefix: /reviews}}]\n  delegate: {name: review-routes}   # the VirtualService is reviews-routes',
  },
};

interface Place {
  readonly object: ProofObject;
  readonly rule: Json;
  readonly i: number;
}

function faultOf(
  model: Model,
  byNamespace: ReadonlyMap<string, readonly ProofObject[]>,
  { object, rule, i }: Place,
): Fault | undefined {
  const name = text(rule, 'delegate', 'name');
  if (name === undefined) return undefined;
  const path = ['spec', 'http', i, 'delegate'];
  const both = ['route', 'redirect'].find((key) => at(rule, key) !== undefined);
  if (both !== undefined) {
    const message = `stands beside a ${both}: Istio refuses a rule with both`;
    return { at: spotOf(object, path), message, hint: `keep one of the two` };
  }
  if (items(object.json, 'spec', 'hosts').length === 0) {
    const message = 'a VirtualService without hosts is a delegate itself and hands on nothing: Istio refuses it';
    return { at: spotOf(object, path), message, hint: 'hand over from the VirtualService that has the hosts' };
  }
  const namespace = text(rule, 'delegate', 'namespace') ?? object.namespace;
  const beside = byNamespace.get(namespace) ?? [];
  const found = beside.find((one) => one.name === name);
  if (!found) return missing(model, { object, name, namespace, path, byNamespace });
  if (items(found.json, 'spec', 'hosts').length === 0) return undefined;
  const message =
    found.id === object.id
      ? `VirtualService ${name} hands over to itself`
      : `${found.id} has hosts, and only a VirtualService without hosts can be a delegate`;
  return { at: spotOf(object, path), message, hint: 'name a VirtualService without hosts', cause: `delegate ${found.id}` };
}

function missing(
  model: Model,
  about: {
    readonly object: ProofObject;
    readonly name: string;
    readonly namespace: string;
    readonly path: readonly (string | number)[];
    readonly byNamespace: ReadonlyMap<string, readonly ProofObject[]>;
  },
): Fault | undefined {
  const { object, name, namespace, path, byNamespace } = about;
  const names = (byNamespace.get(namespace) ?? []).filter((one) => one.id !== object.id).map((one) => one.name);
  if (names.length === 0 && !model.isKnown(namespace)) return undefined;
  const elsewhere = [...byNamespace].find(([, all]) => all.some((one) => one.name === name))?.[0];
  // In plain files a name unlike all others may be kept apart.
  const unlike = object.origin.construct === null && elsewhere === undefined && nearest(name, names) === undefined;
  return {
    at: spotOf(object, [...path, 'name']),
    ...(unlike ? { severity: 'warning' as const } : {}),
    message: `there is no VirtualService ${name} in namespace ${namespace}`,
    hint:
      elsewhere === undefined
        ? suggest(name, names, `name a VirtualService of namespace ${namespace}, or add it`)
        : `did you mean namespace ${elsewhere}?`,
    cause: `virtual service ${namespace}/${name}`,
  };
}
