import { text } from '../../json-path.ts';
import { LOKI_GRPC, LOKI_HTTP, lokiAt } from '../../model/logs/loki.ts';
import type { Model } from '../../model/model.ts';
import type { Component } from '../../model/spans/components.ts';
import type { Program } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const lokiIntake: Rule = {
  code: 'OBS042',
  title: 'a collector sends logs to where Loki takes none',
  severity: 'error',
  run: (model) =>
    model.programs.all.flatMap((program) =>
      logExporters(program).flatMap((exporter) => intakeFault(model, program, exporter) ?? []),
    ),
  docs: {
    cause:
      'Loki takes OTLP by HTTP alone, at /otlp/v1/logs of port 3100. The exporter otlp_http appends /v1/logs to its `endpoint` by itself, so an endpoint without /otlp, one with the path of Loki’s own push API, and one that has /v1/logs already are all answered with 404. By gRPC (otlp_grpc, port 9095) Loki speaks with itself only. Where the input does not show Loki, its name and usual port are taken for it: a warning.',
    fix: 'Use otlp_http with `endpoint: http://HOST:3100/otlp`.',
    example: 'exporters:\n  otlp_http/loki:\n    endpoint: http://loki.observability.svc.cluster.local:3100   # add /otlp',
  },
};

function logExporters({ pipelines }: Program): readonly Component[] {
  if (!pipelines) return [];
  const used = new Set(
    [...pipelines.pipelines.values()].flatMap(({ signal, exporters }) =>
      signal === 'logs' ? exporters.map(({ id }) => id) : [],
    ),
  );
  return [...pipelines.components.exporters.values()].filter(({ id }) => used.has(id));
}

function intakeFault(model: Model, { namespace }: Program, { id, type, value, spot }: Component): Fault | undefined {
  if (type !== 'otlp_http' && type !== 'otlp_grpc') return undefined;
  const own = type === 'otlp_http' ? text(value, 'logs_endpoint') : undefined;
  const url = own ?? text(value, 'endpoint');
  const loki = url === undefined ? undefined : lokiAt(model, url, namespace);
  if (!loki) return undefined;
  const { host, path, containerPort, workload } = loki;
  const scheme = /^https:/i.test(url ?? '') ? 'https' : 'http';
  const httpPort = containerPort === LOKI_GRPC ? LOKI_HTTP : loki.port;
  const fault = (message: string): Fault => ({
    at: spot([own === undefined ? 'endpoint' : 'logs_endpoint']),
    ...(workload ? {} : { severity: 'warning' as const }),
    message: `exporter "${id}" sends logs to ${message}`,
    hint: `use otlp_http with endpoint: ${scheme}://${host}:${httpPort}/otlp`,
  });
  if (type === 'otlp_grpc') return fault(`${host}:${loki.port} by gRPC, but Loki takes OTLP by HTTP alone`);
  if (containerPort === LOKI_GRPC) return fault(`port ${loki.port} of ${host}, where Loki speaks gRPC`);
  const posted = own === undefined ? `${path}/v1/logs` : path;
  return posted.endsWith('/otlp/v1/logs') && !posted.endsWith('/v1/logs/v1/logs')
    ? undefined
    : fault(`${posted === '' ? '/' : posted} of ${host}:${loki.port}, but Loki takes them at /otlp/v1/logs`);
}
