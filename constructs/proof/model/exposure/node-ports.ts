import { remember } from '../../../kit/remember.ts';
import { fields, items, number, text } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';

/** A port of the nodes that an object asks for. */
export interface NodePort {
  readonly object: ProofObject;
  readonly port: number;
  readonly protocol: string;
  readonly at: Spot;
}

/** Every port of the nodes that Services, and charts that make some, ask for. */
export const nodePortsOf: (model: Model) => readonly NodePort[] = remember((model) => [
  ...model.kind('Service').flatMap((object) => (object.group === '' ? inPorts(object, ['spec']) : [])),
  ...chartReleases(model.objects).flatMap(({ chart, object }) => inValues(chart, object)),
]);

function inPorts(object: ProofObject, spec: Path): NodePort[] {
  const listed = items(object.json, ...spec, 'ports').flatMap((one, i) => {
    const port = number(one, 'nodePort');
    // 0 asks for any.
    if (port === undefined || port === 0) return [];
    return [{ object, port, protocol: text(one, 'protocol') ?? 'TCP', at: spotOf(object, [...spec, 'ports', i, 'nodePort']) }];
  });
  const health = number(object.json, ...spec, 'healthCheckNodePort');
  const place = [...spec, 'healthCheckNodePort'];
  return health === undefined || health === 0
    ? listed
    : [...listed, { object, port: health, protocol: 'TCP', at: spotOf(object, place) }];
}

function inValues(chart: string | undefined, object: ProofObject): NodePort[] {
  const values: Path = ['spec', 'values'];
  if (chart === 'gateway') return inPorts(object, [...values, 'service']);
  if (chart === 'ingress-nginx') {
    const ports: Path = [...values, 'controller', 'service', 'nodePorts'];
    return ['http', 'https'].flatMap((name) => one(object, [...ports, name]));
  }
  if (chart !== 'traefik') return [];
  return Object.keys(fields(object.json, ...values, 'ports')).flatMap((name) =>
    one(object, [...values, 'ports', name, 'nodePort']),
  );
}

function one(object: ProofObject, path: Path): NodePort[] {
  const port = number(object.json, ...path);
  return port === undefined || port === 0 ? [] : [{ object, port, protocol: 'TCP', at: spotOf(object, path) }];
}
