import { text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Hop } from '../../model/spans/hops.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { backendFault } from '../backend.ts';

export const exporterAddress: Rule = {
  code: 'TRC027',
  title: 'an exporter or an Instrumentation sends to a Service or port that does not exist',
  severity: 'error',
  run: (model) => [...model.hops.all.flatMap((hop) => addressFault(model, hop) ?? []), ...withoutScheme(model)],
  docs: {
    cause:
      'The endpoint of an exporter that a pipeline uses, or of an Instrumentation, names a Service that its namespace does not have, or a port that the Service does not have; or otlp_http and zipkin have an endpoint without http:// in front. The collector starts, tries again for five minutes, and drops the spans. In plain files a Service whose name is like no other of its namespace is only a warning: it may be installed apart.',
    fix: 'Correct the endpoint: `SERVICE.NAMESPACE:PORT` for otlp_grpc, a whole URL for otlp_http and zipkin.',
    example: 'exporters:\n  otlp_grpc: {endpoint: "tempo.observability:4371", tls: {insecure: true}}   # the Service has 4317',
  },
};

function addressFault(model: Model, { from, what, host, port, at, lookup }: Hop): Fault | undefined {
  if (from.is === 'agents' && lookup.is === 'unknown') return undefined;
  const namespace = from.is === 'program' ? from.program.namespace : from.is === 'agents' ? from.namespace : undefined;
  return namespace === undefined ? undefined : backendFault(model, { what, url: `${host}:${port}`, at, namespace });
}

const WANTS_URL = new Set(['otlp_http', 'zipkin']);

function withoutScheme(model: Model): Fault[] {
  return model.programs.pipelines.flatMap(({ components, config }) =>
    [...components.exporters.values()].flatMap(({ id, type, value, spot }): Fault[] => {
      const endpoint = text(value, 'endpoint');
      if (!WANTS_URL.has(type) || endpoint === undefined || config.partial || /^([a-z]+:\/\/|\$)/i.test(endpoint)) return [];
      const message = `exporter "${id}" needs a URL, got "${endpoint}"`;
      return [{ at: spot(['endpoint']), message, hint: `write "http://${endpoint}"` }];
    }),
  );
}
