import type { Rule } from '../../rule.ts';
import { providerNames, showsMeshConfig, unknownProvider } from './names.ts';

export const telemetryProvider: Rule = {
  code: 'TRC001',
  title: 'a Telemetry names a provider that the mesh config does not define',
  severity: 'error',
  run: (model) => {
    if (!showsMeshConfig(model)) return [];
    const known = providerNames(model);
    return model.telemetries.flatMap(({ providers }) =>
      providers.filter((ref) => !known.has(ref.name)).map((ref) => unknownProvider(model, ref)),
    );
  },
  docs: {
    cause:
      'The provider of a Telemetry is not among `extensionProviders` of the mesh config (nor built in: prometheus, stackdriver, envoy). Tracing without a provider that resolves is off, and nothing else says so: `istioctl analyze` passes it.',
    fix: 'Correct the name, or define the provider.',
    example: 'spec:\n  tracing:\n  - providers: [{name: jeager}]   # the mesh config defines jaeger',
  },
};
