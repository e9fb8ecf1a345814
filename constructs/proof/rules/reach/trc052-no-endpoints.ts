import { at, text } from '../../json-path.ts';
import { reachOf } from '../../model/reach/reach.ts';
import { type Registered, registryOf } from '../../model/reach/registry.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const noEndpoints: Rule = {
  code: 'TRC052',
  title: 'the tracing provider sends to a kind of host that proxies cannot send to by themselves',
  severity: 'error',
  run: (model) => {
    const registry = registryOf(model);
    return [...reachOf(model).flows].flatMap(([tracer, from]): Fault[] => {
      if (tracer.is !== 'provider' || tracer.provider.service === undefined) return [];
      const { service, serviceAt, name } = tracer.provider;
      const home = registry.find(service, tracer.mesh.rootNamespace);
      const problem = home && problemOf(home);
      // Gateways reach them: Istio gives them the addresses.
      const onlyGateways = from.length > 0 && from.every((one) => one.gateway);
      if (!problem || (problem.passthrough && onlyGateways)) return [];
      return [{ at: serviceAt, message: `provider "${name}" sends to ${home.host}, ${problem.why}`, hint: problem.hint }];
    });
  },
  docs: {
    cause:
      'Proxies send spans by themselves, without a connection of the app’s to go by. For a headless Service, or a ServiceEntry with resolution NONE (the default), Istio tells sidecars to go where the app was going (ORIGINAL_DST): the spans have nowhere to go. An ExternalName Service is an alias since Istio 1.22 and has no cluster of its own.',
    fix: 'Name a Service with a cluster IP, or a ServiceEntry with `resolution: DNS`.',
    example: 'opentelemetry: {service: main-collector-headless.observability.svc.cluster.local, port: 4317}',
  },
};

interface Problem {
  readonly why: string;
  readonly hint: string;
  readonly passthrough: boolean;
}

function problemOf({ object, service }: Registered): Problem | undefined {
  if (object?.kind === 'ServiceEntry') {
    if ((text(object.json, 'spec', 'resolution') ?? 'NONE') !== 'NONE') return undefined;
    const why = 'a ServiceEntry with resolution NONE: sidecars have no address for it';
    return { why, hint: 'set its resolution to DNS', passthrough: true };
  }
  if (text(object?.json, 'spec', 'type') === 'ExternalName') {
    const why = 'an ExternalName Service: for Istio an alias, without a cluster to send to';
    const target = text(object?.json, 'spec', 'externalName') ?? 'its target';
    return { why, hint: `name ${target} itself, with a ServiceEntry if it is outside the cluster`, passthrough: false };
  }
  // The operator makes one headless Service for each collector.
  const made = service?.created === true && service.name === `${service.object.name}-collector-headless`;
  if (at(object?.json, 'spec', 'clusterIP') !== 'None' && !made) return undefined;
  const hint = made ? `name ${service.object.name}-collector` : 'name a Service with a cluster IP';
  return { why: 'a headless Service: sidecars have no address for it', hint, passthrough: true };
}
