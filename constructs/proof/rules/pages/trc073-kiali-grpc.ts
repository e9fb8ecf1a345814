import type { Model } from '../../model/model.ts';
import type { Kiali } from '../../model/pages/kiali.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { portList } from '../lookup.ts';
import { portTo, type Reached, reach } from './queries.ts';

export const kialiGrpc: Rule = {
  code: 'TRC073',
  title: 'Kiali asks for traces by gRPC at an HTTP port, or the other way round',
  severity: 'error',
  run: (model) => model.kialis.flatMap((kiali) => grpcFault(model, kiali) ?? []),
  docs: {
    cause:
      'Kiali asks Jaeger by gRPC unless `use_grpc: false` is set, and gRPC has a port of its own: 16685. At 16686, or at 80 in front of it, every request fails with `unexpected content-type text/html` (kiali#4270). For Tempo gRPC is the streaming search: it goes to `grpc_port` (9095) on the host of internal_url, so that Service must have the port.',
    fix: 'Use the gRPC port, or set `use_grpc: false` and keep the HTTP address with its base path. For Tempo add the port to the Service, or set `use_grpc: false`.',
    example:
      'external_services:\n  tracing: {enabled: true, internal_url: "http://tracing.istio-system:80/jaeger"}   # use_grpc is true when unset',
  },
};

function grpcFault(model: Model, kiali: Kiali): Fault | undefined {
  const { tracing, namespace, config } = kiali;
  const { enabled, url, provider } = tracing;
  if (config.partial || enabled !== true || url === undefined) return undefined;
  const reached = reach(model, { url, namespace });
  // That it is no such backend is told by TRC060.
  if (reached?.program && reached.program.is !== provider) return undefined;
  if (provider === 'tempo') return tempoFault(model, kiali, reached);
  if (!reached || provider !== 'jaeger') return undefined;
  const http = reached.query?.http ?? 16686;
  const grpc = reached.query?.grpc ?? 16685;
  const { containerPort, port, program } = reached;
  if (tracing.useGrpc && containerPort === http) {
    const better = program && portTo(model, program, grpc);
    return {
      at: tracing.urlAt,
      message: `Kiali asks Jaeger by gRPC (use_grpc), but port ${port} is Jaeger's HTTP port`,
      hint: `use ${better ?? `the gRPC port, ${grpc}`}, or set use_grpc: false`,
    };
  }
  if (tracing.useGrpc || containerPort !== grpc) return undefined;
  const better = program && portTo(model, program, http);
  return {
    at: tracing.urlAt,
    message: `Kiali asks Jaeger by HTTP (use_grpc: false), but port ${port} is Jaeger's gRPC port`,
    hint: `use ${better ?? `the HTTP port, ${http}`}, or leave use_grpc out`,
  };
}

function tempoFault(model: Model, { tracing }: Kiali, reached: Reached | undefined): Fault | undefined {
  const { service, program, query } = reached ?? {};
  if (!tracing.useGrpc || !service || service.ports === 'unknown') return undefined;
  const { grpcPort, grpcPortAt: at } = tracing;
  const hint = 'or set use_grpc: false';
  if (!service.ports.some((one) => one.number === grpcPort)) {
    return {
      at,
      message: `Kiali searches Tempo by gRPC at port ${grpcPort}, but ${service.id} has ${portList(service)}`,
      hint: `add the port to the Service, ${hint}`,
    };
  }
  const target = model.programs.behind(service, grpcPort);
  if (!target || target.program !== program || query?.grpc === undefined || target.containerPort === query.grpc) return undefined;
  return {
    at,
    message: `Kiali searches Tempo by gRPC at port ${grpcPort}, but that leads to ${target.containerPort} and Tempo's gRPC port is ${query.grpc}`,
    hint: `use ${(program && portTo(model, program, query.grpc)) ?? `port ${query.grpc}`}, ${hint}`,
  };
}
