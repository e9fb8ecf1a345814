import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { missingPort } from '../lookup.ts';
import { GONE, isSpareOfProfile, usedProviders } from './names.ts';
import { findProvider } from './trc002-provider-service.ts';

export const providerPort: Rule = {
  code: 'TRC003',
  title: 'a provider of the mesh config sends to a port that the Service does not have',
  severity: 'error',
  run: (model) => {
    const used = usedProviders(model);
    return model.meshConfigs.flatMap((mesh) =>
      mesh.providers.flatMap((provider): Fault[] => {
        const { name, type, service, port, portAt } = provider;
        if (isSpareOfProfile(provider, used)) return [];
        if (service === undefined || port === undefined || GONE.has(type)) return [];
        const found = findProvider(model, service, mesh.rootNamespace);
        if (found.is !== 'service') return [];
        const fault = missingPort(found.service, port, { at: portAt, what: `provider "${name}"` });
        return fault ? [{ ...fault, severity: used.has(name) ? 'error' : 'warning' }] : [];
      }),
    );
  },
  docs: {
    cause:
      'The `port` of an extension provider is not a port of its Service. Spans go nowhere. For a provider that nothing uses it is a warning, and nothing at all for those of the demo profile.',
    fix: 'Name the port of the protocol: OTLP gRPC 4317, OTLP HTTP 4318, Zipkin 9411, SkyWalking 11800.',
    example: 'zipkin: {service: zipkin.istio-system.svc.cluster.local, port: 9412}   # the Service has 9411',
  },
};
