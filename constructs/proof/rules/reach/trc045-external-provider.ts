import { items, number } from '../../json-path.ts';
import { readHost } from '../../model/hosts.ts';
import type { Model } from '../../model/model.ts';
import { reachOf } from '../../model/reach/reach.ts';
import { registryOf } from '../../model/reach/registry.ts';
import type { Rule } from '../../rule.ts';
import type { Fault, ProofObject, Severity } from '../../types.ts';

export const externalProvider: Rule = {
  code: 'TRC045',
  title: 'the tracing provider sends to a host outside the cluster that no ServiceEntry declares',
  severity: 'error',
  run: (model) => {
    const reach = reachOf(model);
    const registry = registryOf(model);
    return [...reach.flows.keys()].flatMap((tracer): Fault[] => {
      if (tracer.is !== 'provider') return [];
      const { name, service, port, serviceAt, portAt } = tracer.provider;
      if (service === undefined) return [];
      const host = service.split('/').at(-1) ?? service;
      if (readHost(host, tracer.mesh.rootNamespace).is !== 'other') return [];
      const entries = registry.entries(host);
      if (entries.length > 0) {
        const ports = entries.flatMap((entry) =>
          items(entry.json, 'spec', 'ports').flatMap((one) => number(one, 'number') ?? []),
        );
        if (port === undefined || ports.includes(port)) return [];
        const message = `provider "${name}" sends to port ${port} of ${host}, but its ServiceEntry has ${ports.join(', ') || 'no ports'}`;
        return [{ at: portAt, message, hint: 'name a port of the ServiceEntry, or add this one' }];
      }
      const severity = severityWithoutEntry(model, serviceAt.object);
      if (!severity) return [];
      const wildcard = registry.covers(host) ? ' (one by wildcard does not do: Istio looks the very name up)' : '';
      const message = `provider "${name}" sends to ${host}, which no ServiceEntry brings into the mesh${wildcard}: Istio finds no cluster for it, and tracing is off`;
      const hint = `add a ServiceEntry with host ${host}, port ${port ?? 443} and resolution DNS`;
      return [{ at: serviceAt, message, hint, severity, cause: `service entry ${host}` }];
    });
  },
  docs: {
    cause:
      'The `service` of a provider is a name outside the cluster. Istio sends spans only to hosts of its registry, whatever `outboundTrafficPolicy` says, and a name outside comes into it by a ServiceEntry with exactly this host and port alone (`could not find cluster for tracing provider` in istiod’s log). In plain files it is a warning: the ServiceEntry may be kept elsewhere.',
    fix: 'Add a ServiceEntry with this host, port and `resolution: DNS`.',
    example: 'opentelemetry: {service: otlp.vendor.example.com, port: 4317}   # and no ServiceEntry for otlp.vendor.example.com',
  },
};

/** A synth shows all there is; files alone may leave the ServiceEntry out. Nothing is said to a mesh config by itself. */
export function severityWithoutEntry(model: Model, writtenIn: ProofObject): Severity | undefined {
  if (writtenIn.origin.construct !== null) return 'error';
  const shows =
    model.objects.some((one) => one.group === 'networking.istio.io') || model.services.all.some((one) => !one.created);
  return shows ? 'warning' : undefined;
}
