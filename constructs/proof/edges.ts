import { byCodeUnit } from '../kit/json.ts';
import { type Model, modelOf } from './model/model.ts';
import { addressOf } from './model/pages/backends.ts';
import { selects } from './model/workloads.ts';
import { findProvider } from './rules/providers/trc002-provider-service.ts';
import type { World } from './types.ts';

/** One thing that leads to another. */
export interface Edge {
  /** `Kind/namespace/name`; a provider is `Provider/NAME`. */
  readonly from: string;
  readonly to: string;
  /** How: `sends to`, `reports to`, `routes to`, `publishes`, `reads`, `calls`, `selects`. */
  readonly what: string;
}

/** The edges of a world that really resolve, sorted: providers, collectors, Instrumentations, Telemetry, routes, gateways, data sources, Kiali, Services. */
export function edges(world: World): Edge[] {
  return edgesOf(modelOf(world));
}

/** As {@link edges}, for a model that is there already. */
export function edgesOf(model: Model): Edge[] {
  const found = new Map<string, Edge>();
  const add = (from: string, what: string, to: string | undefined) => {
    if (to !== undefined) found.set(`${from} ${to} ${what}`, { from, to, what });
  };
  const serviceAt = (host: string, namespace: string) => {
    const lookup = model.services.find(host, namespace);
    return lookup.is === 'service' ? lookup.service.id : lookup.is === 'entry' ? lookup.object.id : undefined;
  };
  const providers = new Set<string>();
  for (const mesh of model.meshConfigs) {
    for (const name of mesh.builtIn) providers.add(name);
    for (const { name, service } of mesh.providers) {
      providers.add(name);
      if (service === undefined) continue;
      const lookup = findProvider(model, service, mesh.rootNamespace);
      if (lookup.is === 'service' && lookup.whole) add(`Provider/${name}`, 'sends to', lookup.service.id);
    }
    for (const { name } of mesh.defaults) if (providers.has(name)) add(mesh.config.object.id, 'reports to', `Provider/${name}`);
    if (mesh.legacy) {
      const address = addressOf(mesh.legacy.address);
      if (address?.host.includes('.')) add(mesh.config.object.id, 'sends to', serviceAt(address.host, mesh.rootNamespace));
    }
  }
  for (const { object, providers: named } of model.telemetries) {
    for (const { name } of named) if (providers.has(name)) add(object.id, 'reports to', `Provider/${name}`);
  }
  for (const { from, lookup } of model.hops.all) {
    const to = lookup.is === 'service' ? lookup.service.id : lookup.is === 'entry' ? lookup.object.id : undefined;
    if (from.is === 'program') add(from.program.object.id, 'sends to', to);
    if (from.is === 'agents') add(from.agents.object.id, 'sends to', to);
  }
  for (const { object, destinations, gateways } of model.routes) {
    for (const { host } of destinations) add(object.id, 'routes to', serviceAt(host, object.namespace));
    for (const { api, name, namespace } of gateways) {
      const gateway = model.gateways.get(api, namespace, name);
      if (gateway) add(gateway.object.id, 'publishes', object.id);
    }
  }
  const calls = [
    ...model.dataSources.map((one) => ({ ...one, how: 'reads' })),
    ...model.kialiBackends.map((one) => ({ ...one, how: 'calls' })),
  ];
  for (const { url, at, namespace, how } of calls) {
    const address = addressOf(url);
    if (address) add(at.object.id, how, serviceAt(address.host, namespace));
  }
  for (const { id, namespace, selector } of model.services.all) {
    if (selector.size === 0) continue;
    for (const workload of model.workloadsIn(namespace)) {
      if (!workload.created && selects(selector, workload.labels)) add(id, 'selects', workload.object.id);
    }
  }
  return [...found.values()].sort((a, b) => byCodeUnit(a.from, b.from) || byCodeUnit(a.to, b.to) || byCodeUnit(a.what, b.what));
}
