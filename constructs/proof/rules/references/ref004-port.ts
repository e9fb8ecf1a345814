import { items, number } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Destination, Route } from '../../model/routes.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { missingPort, portList } from '../lookup.ts';

export const port: Rule = {
  code: 'REF004',
  title: 'a route names a port that the Service does not have, or none where there are several',
  severity: 'error',
  run: (model) => [
    ...model.routes.flatMap((route) => route.destinations.flatMap((destination) => portFault(model, route, destination) ?? [])),
    ...model.destinationRules.all.flatMap((rule) => {
      const found = model.services.find(rule.host, rule.object.namespace);
      if (found.is !== 'service') return [];
      return rule.ports.flatMap((one) => missingPort(found.service, one.number, { at: one.at, what: 'portLevelSettings' }) ?? []);
    }),
  ],
  docs: {
    cause:
      'The port of a destination is not a port of its Service. Without a port, Istio takes the only one the Service has; if there are several it takes the port the request came in on, which at a gateway is seldom one of them.',
    fix: 'Name the Service’s port (its `port`, not its `targetPort`).',
    example: 'http:\n- route:\n  - destination: {host: productpage, port: {number: 9090}}   # the Service has 9080',
  },
};

function portFault(model: Model, route: Route, destination: Destination): Fault | undefined {
  const found = model.services.find(destination.host, route.object.namespace);
  if (found.is === 'entry') return entryFault(model, destination);
  if (found.is !== 'service') return undefined;
  const { service } = found;
  const { port: named, portAt } = destination;
  if (named !== undefined) return missingPort(service, named, { at: portAt, what: 'destination' });
  if (service.ports === 'unknown' || route.api !== 'istio') return undefined;
  const ports = service.ports.filter((one) => one.protocol !== 'UDP').map((one) => one.number);
  if (ports.length < 2) return undefined;
  const entrances = route.gateways.map(({ namespace, name }) => model.gateways.get('istio', namespace, name));
  if (entrances.some((gateway) => gateway?.ports.some((one) => ports.includes(one)) === true)) return undefined;
  return {
    at: portAt,
    severity: entrances.length > 0 ? 'error' : 'warning',
    message: `no port is named, and ${service.id} has several: ${portList(service)}`,
    hint: 'name one of them under destination.port.number',
  };
}

/** A port that no ServiceEntry of the host has. */
function entryFault(model: Model, { host, port, portAt }: Destination): Fault | undefined {
  if (typeof port !== 'number') return undefined;
  const entries = model.kind('ServiceEntry').filter(({ json }) => items(json, 'spec', 'hosts').includes(host));
  const ports = entries.flatMap(({ json }) => items(json, 'spec', 'ports').flatMap((one) => number(one, 'number') ?? []));
  const [first] = entries;
  if (!first || ports.length === 0 || ports.includes(port)) return undefined;
  return {
    at: portAt,
    message: `destination names port ${port}, but ${first.id} has ${ports.join(', ')}`,
    hint: ports.length === 1 ? `did you mean ${ports[0]}?` : `name one of its ports: ${ports.join(', ')}`,
    cause: `port ${first.id}:${port}`,
  };
}
