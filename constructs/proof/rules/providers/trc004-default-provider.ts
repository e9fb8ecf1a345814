import type { Rule } from '../../rule.ts';
import { providerNames, showsMeshConfig, unknownProvider } from './names.ts';

export const defaultProvider: Rule = {
  code: 'TRC004',
  title: 'defaultProviders names a provider that the mesh config does not define',
  severity: 'error',
  run: (model) => {
    if (!showsMeshConfig(model)) return [];
    const known = providerNames(model);
    return model.meshConfigs.flatMap((mesh) =>
      mesh.defaults.filter((ref) => !known.has(ref.name)).map((ref) => unknownProvider(model, ref)),
    );
  },
  docs: {
    cause:
      'A name under `defaultProviders` of the mesh config is neither among `extensionProviders` nor built in. The signal is off for the whole mesh.',
    fix: 'Correct the name, or define the provider.',
    example: 'defaultProviders:\n  tracing: [skywaking]   # extensionProviders defines skywalking',
  },
};
