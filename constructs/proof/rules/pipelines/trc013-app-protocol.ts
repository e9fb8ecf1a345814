import { items, number, text } from '../../json-path.ts';
import type { MeshConfig } from '../../model/mesh/mesh-config.ts';
import type { Model } from '../../model/model.ts';
import type { Service, ServicePort } from '../../model/services.ts';
import type { Hop } from '../../model/spans/hops.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { hopSeverity } from './hop-faults.ts';
import { protocolFault } from './trc012-wrong-protocol.ts';

export const appProtocol: Rule = {
  code: 'TRC013',
  title: 'a Service does not tell proxies that a tracing port speaks gRPC',
  severity: 'error',
  run: (model) => {
    const severity = hopSeverity(model);
    return model.hops.all.flatMap((hop) => {
      const fault = hop.from.is === 'program' || hop.from.is === 'agents' ? undefined : portFault(model, hop);
      return fault ? [{ ...fault, severity: fault.severity ?? severity(hop) }] : [];
    });
  },
  docs: {
    cause:
      'Istio takes the protocol of a port from `appProtocol`, or from its name up to the first dash. A port of OTLP over gRPC or of SkyWalking without either is spoken to in HTTP/1.1, and every export fails. A port for HTTP that is named grpc is the same fault the other way round, as a warning. Operators set appProtocol by themselves.',
    fix: 'Set `appProtocol: grpc`, or name the port grpc-....',
    example: 'ports:\n- {name: otlp, port: 4317}   # write grpc-otlp, or add appProtocol: grpc',
  },
};

const GRPC = new Set(['otlp-grpc', 'skywalking']);
// Istio 1.30, protocol selection: what makes Envoy speak HTTP/2.
export const HTTP2: ReadonlySet<string> = new Set(['grpc', 'grpc-web', 'http2', 'h2c', 'kubernetes.io/h2c']);

function portFault(model: Model, hop: Hop): Fault | undefined {
  const { service, protocol, port, what } = hop;
  if (!service || service.created || service.ports === 'unknown' || protocolFault(hop)) return undefined;
  const entry = service.ports.find((one) => one.number === port);
  if (!entry) return undefined;
  // That nobody takes spans there is told by TRC011.
  if (hop.program?.whole && hop.containerPort !== undefined && !hop.receiver) return undefined;
  const told = toldProtocol(entry);
  const index = items(service.object.json, 'spec', 'ports').findIndex((one) => number(one, 'port') === port);
  const spot = spotOf(service.object, ['spec', 'ports', index]);
  const cause = `protocol of ${service.id}:${port}`;
  const called =
    entry.appProtocol === ''
      ? entry.name === ''
        ? 'has no name'
        : `is named "${entry.name}"`
      : `has appProtocol ${entry.appProtocol}`;
  if (GRPC.has(protocol)) {
    if (HTTP2.has(told) || isUpgraded(model, hop)) return undefined;
    return {
      at: spot,
      message: `${what} sends gRPC to port ${port} of ${service.id}, which ${called}: proxies will not speak HTTP/2 to it, and every export fails`,
      hint:
        told.startsWith('http') && !entry.name.startsWith('grpc')
          ? 'send to a port that takes gRPC; or, if this one does, set its appProtocol to grpc'
          : 'add appProtocol: grpc to the port',
      cause,
    };
  }
  if (!told.startsWith('grpc')) return undefined;
  return {
    at: spot,
    severity: 'warning',
    message: `${what} sends HTTP to port ${port} of ${service.id}, which ${called}`,
    hint: 'name the port http-..., or set appProtocol: http',
    cause,
  };
}

/** The protocol that a port tells Istio: by appProtocol, else by its name. */
export function toldProtocol({ name, appProtocol: stated }: ServicePort): string {
  if (stated !== '') return stated.toLowerCase();
  return name.startsWith('grpc-web') ? 'grpc-web' : (name.split('-')[0] ?? '').toLowerCase();
}

function isUpgraded(model: Model, { from, service }: Hop): boolean {
  if (from.is === 'program' || from.is === 'agents') return false;
  return upgradesTo(model, from.mesh, service);
}

/** Whether the mesh config or a DestinationRule makes HTTP/2 of HTTP/1.1 on the way. */
export function upgradesTo(model: Model, mesh: MeshConfig, service: Service | undefined): boolean {
  if (text(mesh.value, 'h2UpgradePolicy') === 'UPGRADE') return true;
  const policies = model
    .kind('DestinationRule')
    .filter(({ json }) => text(json, 'spec', 'host')?.split('.')[0] === service?.name)
    .map(({ json }) => text(json, 'spec', 'trafficPolicy', 'connectionPool', 'http', 'h2UpgradePolicy'));
  return policies.includes('UPGRADE');
}
