import { groupBy } from '../../group-by.ts';
import type { Tracer } from '../../model/mesh/tracers.ts';
import type { Model } from '../../model/model.ts';
import { type Pods, unseenPods } from '../../model/reach/pods.ts';
import { type Reach, reachOf } from '../../model/reach/reach.ts';
import { registryOf } from '../../model/reach/registry.ts';
import { imports, type RegistryHost, type SidecarScope } from '../../model/reach/visibility.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { names } from './words.ts';

export const sidecarScope: Rule = {
  code: 'TRC043',
  title: 'a Sidecar resource hides the tracing provider from its proxies',
  severity: 'error',
  run: (model) => {
    if (model.kind('Sidecar').length === 0) return [];
    const reach = reachOf(model);
    const registry = registryOf(model);
    const hidden = unseen(model, reach);
    return [...reach.flows].flatMap(([tracer, from]) => {
      const service = tracer.is === 'provider' ? tracer.provider.service : undefined;
      const home = service === undefined ? undefined : registry.find(service, tracer.mesh.rootNamespace);
      if (!home || tracer.is !== 'provider') return [];
      const scoped = groupBy([...from, ...(hidden.get(tracer) ?? [])], reach.sidecar);
      return [...scoped].flatMap(([sidecar, pods]) => (sidecar ? fault(sidecar, pods, home, tracer.provider.name) : []));
    });
  },
  docs: {
    cause:
      'The proxies that a Sidecar resource is for know only the hosts of its `egress`, and the host of the tracing provider is not among them. Istio does not add it (istio#53701): the proxies have no cluster of that name, and drop their spans without a word in the case of gRPC.',
    fix: 'Add `NAMESPACE/HOST` of the provider’s Service to `egress[].hosts`.',
    example:
      'kind: Sidecar\nspec:\n  egress:\n  - hosts: ["./*", "istio-system/*"]   # the collector is in namespace observability',
  },
};

/** Stand-ins for the proxies of Sidecar resources in namespaces whose pods the input does not show, or not as part of the mesh or not, by tracer. */
function unseen(model: Model, reach: Reach): ReadonlyMap<Tracer | undefined, readonly Pods[]> {
  const shown = new Set([reach.rootNamespace, ...reach.pods.flatMap((one) => (one.plane === 'unknown' ? [] : [one.namespace]))]);
  const sidecars = groupBy(
    model.kind('Sidecar').filter((one) => !shown.has(one.namespace)),
    (one) => one.namespace,
  );
  const pods = [...sidecars].flatMap(([namespace, [object]]) => (object ? [unseenPods(namespace, object)] : []));
  return groupBy(pods, (one) => reach.tracers.in(one.namespace));
}

function fault(sidecar: SidecarScope, pods: readonly Pods[], home: RegistryHost, provider: string): Fault[] {
  const blind = pods.filter((one) => !imports(sidecar, one.namespace, home));
  if (blind.length === 0) return [];
  const namespaces = [...new Set(blind.map((one) => one.namespace))];
  return [
    {
      at: sidecar.at,
      message: `proxies of namespace${namespaces.length > 1 ? 's' : ''} ${names(namespaces)} cannot send spans: ${sidecar.hosts.join(', ') || 'an empty list'} leaves out ${home.namespace}/${home.host}, where provider "${provider}" sends`,
      hint: `add "${home.namespace}/${home.host}"`,
      cause: `sidecar ${sidecar.object.id} ${home.host}`,
    },
  ];
}
