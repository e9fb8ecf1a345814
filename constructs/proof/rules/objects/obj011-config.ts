import type { Rule } from '../../rule.ts';

export const config: Rule = {
  code: 'OBJ011',
  title: 'a configuration inside a ConfigMap is not readable as YAML',
  severity: 'error',
  run: (model) =>
    model.brokenConfigs.map(({ at, message, hint }) => ({
      at,
      message: `not readable as YAML: ${message}`,
      hint: `in the text under this key: ${hint}`,
    })),
  docs: {
    cause:
      'The text under a key of a ConfigMap is the configuration of Istio, a collector, Prometheus, Grafana or Kiali, and it is no YAML. The program that reads it does not start, or keeps its old configuration.',
    fix: 'Correct the text; mind the indentation.',
    example: 'data:\n  mesh: |\n    defaultProviders:\n      tracing: [otel',
  },
};
