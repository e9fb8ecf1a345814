import { items, number } from '../../json-path.ts';
import { type AccessLogHop, accessLogHops } from '../../model/logs/access-logs.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { starts } from '../pipelines/starts.ts';
import { HTTP2, toldProtocol, upgradesTo } from '../pipelines/trc013-app-protocol.ts';

export const accessLogProtocol: Rule = {
  code: 'OBS041',
  title: 'a Service does not tell proxies that the port for access logs speaks gRPC',
  severity: 'error',
  run: (model) => accessLogHops(model).flatMap((hop) => portFault(model, hop) ?? []),
  docs: {
    cause:
      'Access logs by `envoyOtelAls` are gRPC. Istio takes the protocol of a port from `appProtocol`, or from its name up to the first dash; without either, proxies speak HTTP/1.1 to it and every entry is lost. Only the proxies’ own statistics tell.',
    fix: 'Set `appProtocol: grpc`, or name the port grpc-....',
    example: 'ports:\n- {name: otlp, port: 4317}   # write grpc-otlp, or add appProtocol: grpc',
  },
};

function portFault(model: Model, { provider, mesh, service, port, receiver, program }: AccessLogHop): Fault | undefined {
  if (service.created || HTTP2.has(toldProtocol(port)) || upgradesTo(model, mesh, service)) return undefined;
  // A port for HTTP that is named so is right as it is: that no access log belongs there tells OBS040.
  if (receiver ? receiver.protocol !== 'otlp-grpc' : program && starts(program) && program.whole) return undefined;
  const index = items(service.object.json, 'spec', 'ports').findIndex((one) => number(one, 'port') === port.number);
  const called = port.appProtocol === '' ? `is named "${port.name}"` : `has appProtocol ${port.appProtocol}`;
  return {
    at: spotOf(service.object, ['spec', 'ports', index]),
    message: `provider "${provider.name}" sends access logs by gRPC to port ${port.number} of ${service.id}, which ${called}: proxies will not speak HTTP/2 to it, and every entry is lost`,
    hint: 'add appProtocol: grpc to the port',
    // Spans that go there suffer from the same (TRC013).
    cause: `protocol of ${service.id}:${port.number}`,
  };
}
