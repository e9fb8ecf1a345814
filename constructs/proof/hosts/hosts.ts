import { byCodeUnit } from '../../kit/json.ts';
import { remember } from '../../kit/remember.ts';
import { groupBy } from '../group-by.ts';
import type { Model } from '../model/model.ts';
import type { Spot } from '../types.ts';
import { gatewayApiHosts, istioHosts } from './gateways.ts';
import { chartHosts, ingressHosts, kialiHosts, loadBalancerHosts } from './ingresses.ts';

/** One name under which something is reached from outside the cluster, and who says so. */
export interface HostClaim {
  /** In lower case: 'bookinfo.site.example', '*.site.example', or '*' for any. */
  readonly host: string;
  /** Where the name must lead, IPv4 or IPv6; empty where the input does not say. */
  readonly addresses: readonly string[];
  readonly by: 'istio-gateway' | 'gateway-api' | 'ingress' | 'load-balancer';
  readonly at: Spot;
}

/** A name that two exposures claim with addresses that differ: it can lead to one of them alone. */
export interface HostClash {
  readonly host: string;
  /** One for each address, two or more. */
  readonly claims: readonly HostClaim[];
}

/** Every host of a world with its address, one claim for each host, address and form, sorted by host. */
export const hostsOf: (model: Model) => readonly HostClaim[] = remember((model) => {
  const all = [
    ...istioHosts(model),
    ...gatewayApiHosts(model),
    ...ingressHosts(model),
    ...kialiHosts(model),
    ...chartHosts(model),
    ...loadBalancerHosts(model),
  ].map((one) => ({ ...one, host: one.host.toLowerCase() }));
  const distinct = groupBy(all, ({ host, by, addresses }) => `${host} ${by} ${addresses.join()}`);
  return [...distinct.values()]
    .flatMap((same) => same[0] ?? [])
    .sort((a, b) => byCodeUnit(a.host, b.host) || byCodeUnit(a.by, b.by) || byCodeUnit(a.at.object.id, b.at.object.id));
});

/** The names that two exposures claim, each with addresses that the other does not have. The name '*' is no name. */
export function hostClashes(model: Model): readonly HostClash[] {
  const known = hostsOf(model).filter(({ host, addresses }) => host !== '*' && addresses.length > 0);
  return [...groupBy(known, ({ host }) => host)].flatMap(([host, claims]) => {
    const [first, ...others] = claims;
    if (!first) return [];
    const apart = others.filter((one) => !one.addresses.some((address) => first.addresses.includes(address)));
    return apart.length > 0 ? [{ host, claims: [first, ...apart] }] : [];
  });
}
