import { groupBy } from '../../group-by.ts';
import { addressOf } from '../../model/exposure/addresses.ts';
import { type LoadBalancer, loadBalancersOf } from '../../model/exposure/load-balancers.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { clash } from './clash.ts';

export const addressTwice: Rule = {
  code: 'EXP005',
  title: 'two load balancers ask for the same address',
  severity: 'error',
  run: (model) => {
    const asked = loadBalancersOf(model).flatMap((one) =>
      one.addresses.map(({ value, at }) => ({ one, value, at, key: addressOf(value)?.value })),
    );
    return [
      ...groupBy(
        asked.filter(({ key }) => key !== undefined),
        ({ key }) => key,
      ).values(),
    ].flatMap((same) =>
      same.flatMap(({ one, value, at }, i): Fault[] => {
        const before = same.slice(0, i).map((other) => other.one);
        const other = before.find((first) => first !== one && whyApart(first, one) !== undefined);
        const why = other && whyApart(other, one);
        if (!other || !why) return [];
        const fault: Fault = {
          at,
          message: `${other.id} asks for ${value} as well, and ${why.what}`,
          hint: why.hint,
          cause: `address ${value}`,
        };
        return [clash(model, other.object, one.object, fault)];
      }),
    );
  },
  docs: {
    cause:
      'MetalLB gives an address to one Service alone, unless all that ask for it have the same value of the annotation `metallb.io/allow-shared-ip` and ports that do not meet (MetalLB 0.16, IP address sharing). The second one’s external address stays pending, and which one is second depends on chance.',
    fix: 'Ask for another address, or share it: the same key on both, different ports.',
    example:
      'kind: Service   # and Service shop/web has the same annotation\nmetadata: {annotations: {metallb.io/loadBalancerIPs: 10.34.124.115}}\nspec: {type: LoadBalancer}',
  },
};

function whyApart(a: LoadBalancer, b: LoadBalancer): { readonly what: string; readonly hint: string } | undefined {
  // One object in two files is told as such (OBJ001).
  if (a.id === b.id && a.object !== b.object) return undefined;
  if (a.sharing === undefined || b.sharing === undefined) {
    const hint = 'ask for another address, or give both the same annotation metallb.io/allow-shared-ip';
    return { what: 'they do not share it', hint };
  }
  if (a.sharing !== b.sharing)
    return { what: `their keys differ ("${a.sharing}", "${b.sharing}")`, hint: 'give both the same metallb.io/allow-shared-ip' };
  const taken = a.ports?.find((port) => b.ports?.includes(port));
  return taken === undefined ? undefined : { what: `both take ${taken}`, hint: 'give each ports of its own, or another address' };
}
