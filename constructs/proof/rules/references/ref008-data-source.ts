import type { Rule } from '../../rule.ts';
import { backendFault } from '../backend.ts';

export const dataSource: Rule = {
  code: 'REF008',
  title: 'a Grafana data source calls a Service or port that does not exist',
  severity: 'error',
  run: (model) => model.dataSources.flatMap((source) => backendFault(model, source) ?? []),
  docs: {
    cause:
      'The URL of a provisioned data source, or of a GrafanaDatasource, names a Service or port that is not there. Its panels stay empty. In plain files a Service whose name is like no other of its namespace is only a warning: it may be installed apart.',
    fix: 'Correct the URL; http without a port means 80.',
    example:
      'datasources:\n- {name: Jaeger, type: jaeger, url: "http://tracing:16686/jaeger"}   # Service tracing has 80 and 16685',
  },
};
