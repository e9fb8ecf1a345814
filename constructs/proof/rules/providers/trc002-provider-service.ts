import { fullHost } from '../../model/hosts.ts';
import type { Provider } from '../../model/mesh/mesh-config.ts';
import type { Model } from '../../model/model.ts';
import type { Lookup } from '../../model/services.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { missingService } from '../lookup.ts';
import { GONE, isSpareOfProfile, usedProviders } from './names.ts';

export const providerService: Rule = {
  code: 'TRC002',
  title: 'a provider of the mesh config sends to a host that Istio does not know',
  severity: 'error',
  run: (model) => {
    const used = usedProviders(model);
    return model.meshConfigs.flatMap((mesh) =>
      mesh.providers.flatMap((provider): Fault[] => {
        if (isSpareOfProfile(provider, used)) return [];
        const fault = providerFault(model, provider, mesh.rootNamespace);
        return fault ? [{ ...fault, severity: used.has(provider.name) ? 'error' : 'warning' }] : [];
      }),
    );
  },
  docs: {
    cause:
      'The `service` of an extension provider is no Service of its namespace, though the input shows that namespace; or it is a short name. Istio looks the host up whole in its registry (`could not find cluster` in the log of istiod) and tracing stays off. For a provider that nothing uses it is a warning, and nothing at all for those of the demo profile.',
    fix: 'Write the full host NAME.NAMESPACE.svc.cluster.local of a Service that exists.',
    example:
      'extensionProviders:\n- name: otel\n  opentelemetry: {service: otel.observability.svc.cluster.local, port: 4317}   # the Service is otel-collector',
  },
};

/** Looks a provider's host up; Istio takes `NAMESPACE/HOST` too. */
export function findProvider(model: Model, service: string, rootNamespace: string): Lookup {
  return model.services.find(service.split('/').at(-1) ?? service, rootNamespace);
}

function providerFault(model: Model, provider: Provider, rootNamespace: string): Fault | undefined {
  const { name, type, service, serviceAt: at } = provider;
  if (service === undefined || GONE.has(type)) return undefined;
  const found = findProvider(model, service, rootNamespace);
  if (found.is === 'entry') return undefined;
  const what = `provider "${name}"`;
  if (found.is === 'missing') return missingService(model, { host: service, namespace: rootNamespace, at, what }, found);
  if (found.is === 'service' ? found.whole : !isBareName(service)) return undefined;
  const message = `${what} names host "${service}", which is not a full name: Istio looks it up as it stands and finds nothing`;
  const meant = found.is === 'service' ? found.service : model.services.named(service)[0];
  return { at, message, hint: `write "${meant ? fullHost(meant) : `${service}.NAMESPACE.svc.cluster.local`}"` };
}

/** A name without a dot, which no Service has in Istio's registry whatever the input shows. */
function isBareName(service: string): boolean {
  return service !== 'localhost' && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(service);
}
