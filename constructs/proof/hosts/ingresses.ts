import type { Json } from '../../kit/json.ts';
import { at, items, strings, text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import { chartReleases } from '../read/charts.ts';
import { type Path, type ProofObject, spotOf } from '../types.ts';
import { annotated, classAddresses, classOf, serviceAddresses } from './addresses.ts';
import type { HostClaim } from './hosts.ts';

/** Hosts of Ingress objects. */
export function ingressHosts(model: Model): HostClaim[] {
  const served = classAddresses(model);
  return model
    .kind('Ingress')
    .filter((object) => object.group === 'networking.k8s.io' || object.group === 'extensions')
    .flatMap((object) => {
      const own = annotated(strings(object.json, 'metadata', 'annotations'));
      return ruleHosts(object, ['spec'], own.length > 0 ? own : served(classOf(object)));
    });
}

/** The host of Kiali's Ingress, which its operator makes (operator 2.29, `deployment.ingress`). */
export function kialiHosts(model: Model): HostClaim[] {
  const served = classAddresses(model);
  const resources = model.kind('Kiali').filter((object) => object.group === 'kiali.io');
  const releases = chartReleases(model.objects).filter(({ chart }) => chart === 'kiali-operator' || chart === 'kiali-server');
  const specs: readonly (readonly [ProofObject, Path])[] = [
    ...resources.map((object) => [object, ['spec']] as const),
    ...releases
      .filter(({ chart, object }) => chart === 'kiali-server' || at(object.json, 'spec', 'values', 'cr', 'create') === true)
      .map(({ chart, object }) => [object, ['spec', 'values', ...(chart === 'kiali-server' ? [] : ['cr', 'spec'])]] as const),
  ];
  return specs.flatMap(([object, spec]) => {
    const ingress: Path = [...spec, 'deployment', 'ingress'];
    if (at(object.json, ...ingress, 'enabled') !== true) return [];
    const override: Path = [...ingress, 'override_yaml'];
    const named =
      text(object.json, ...override, 'spec', 'ingressClassName') ?? text(object.json, ...ingress, 'class_name') ?? 'nginx';
    const own = annotated(strings(object.json, ...override, 'metadata', 'annotations'));
    const addresses = own.length > 0 ? own : served(named);
    // Its spec stands for the whole of the Ingress'.
    if (at(object.json, ...override, 'spec') !== undefined) return ruleHosts(object, [...override, 'spec'], addresses);
    const fqdn: Path = [...spec, 'server', 'web_fqdn'];
    const host = text(object.json, ...fqdn) ?? '*';
    return [{ host, addresses, by: 'ingress', at: spotOf(object, fqdn) }];
  });
}

// Where charts take the hosts of an Ingress that they make.
const VALUES: ReadonlyMap<string, readonly Path[]> = new Map([
  ['kube-prometheus-stack', [['grafana'], ['prometheus'], ['alertmanager']]],
  ['grafana', [[]]],
  ['prometheus', [['server'], ['alertmanager']]],
]);

/** Hosts of Ingresses that charts make from their values. */
export function chartHosts(model: Model): HostClaim[] {
  const served = classAddresses(model);
  return chartReleases(model.objects).flatMap(({ chart, object }) =>
    (VALUES.get(chart ?? '') ?? []).flatMap((part): HostClaim[] => {
      const ingress: Path = ['spec', 'values', ...part, 'ingress'];
      if (at(object.json, ...ingress, 'enabled') !== true) return [];
      const own = annotated(strings(object.json, ...ingress, 'annotations'));
      const addresses = own.length > 0 ? own : served(text(object.json, ...ingress, 'ingressClassName') ?? '');
      return items(object.json, ...ingress, 'hosts').flatMap((host, i): HostClaim[] =>
        typeof host === 'string'
          ? [{ host: host.split('/')[0] ?? host, addresses, by: 'ingress', at: spotOf(object, [...ingress, 'hosts', i]) }]
          : [],
      );
    }),
  );
}

/** Names that Services of type LoadBalancer are to have, by the annotation of ExternalDNS: several separated by commas. */
export function loadBalancerHosts(model: Model): HostClaim[] {
  const key = 'external-dns.alpha.kubernetes.io/hostname';
  return model.services.all
    .filter(({ object, created }) => !created && text(object.json, 'spec', 'type') === 'LoadBalancer')
    .flatMap((service) => {
      const { object } = service;
      const names = strings(object.json, 'metadata', 'annotations').get(key)?.split(',') ?? [];
      const spot = spotOf(object, ['metadata', 'annotations', key]);
      return names
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .map((host): HostClaim => ({ host, addresses: serviceAddresses(service), by: 'load-balancer', at: spot }));
    });
}

function ruleHosts(object: ProofObject, spec: Path, addresses: readonly string[]): HostClaim[] {
  return items(object.json, ...spec, 'rules').map((rule: Json, i) => ({
    host: text(rule, 'host') ?? '*',
    addresses,
    by: 'ingress',
    at: spotOf(object, [...spec, 'rules', i, 'host']),
  }));
}
