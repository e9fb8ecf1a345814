import type { Rule } from '../../rule.ts';
import { backendFault } from '../backend.ts';

export const kialiBackend: Rule = {
  code: 'REF009',
  title: 'Kiali calls a Service or port that does not exist',
  severity: 'error',
  run: (model) => model.kialiBackends.flatMap((backend) => backendFault(model, backend) ?? []),
  docs: {
    cause:
      'An address under `external_services` (prometheus.url, grafana.internal_url, tracing.internal_url) names a Service or port that is not there. The graph or the Traces page stays empty. In plain files a Service whose name is like no other of its namespace is only a warning: it may be installed apart. Addresses left to Kiali’s defaults are not looked at.',
    fix: 'Correct the address. Jaeger’s gRPC port is 16685, its HTTP port behind Service `tracing` is 80.',
    example: 'external_services:\n  prometheus: {url: "http://prometheus.monitoring:9091"}   # the Service has 9090',
  },
};
