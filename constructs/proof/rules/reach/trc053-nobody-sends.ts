import type { Model } from '../../model/model.ts';
import { reachOf } from '../../model/reach/reach.ts';
import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';
import { isApp } from './apps.ts';
import { names } from './words.ts';

export const nobodySends: Rule = {
  code: 'TRC053',
  title: 'tracing is on, but no app is in the mesh',
  severity: 'warning',
  run: (model) => {
    const reach = reachOf(model);
    const [tracer] = reach.flows.keys();
    if (!tracer || reach.pods.some((one) => !one.gateway && one.plane !== 'none')) return [];
    const forgotten = appsLeftOut(model).filter(
      (namespace) => !OPT.some((key) => reach.namespaces.labels(namespace).values.has(key)),
    );
    const [first] = forgotten;
    const object = first === undefined ? undefined : reach.namespaces.object(first);
    if (!object) return [];
    const gateways = reach.pods.some((one) => one.gateway);
    const what = tracer.is === 'provider' ? `provider "${tracer.provider.name}"` : `the ${tracer.legacy.type} address`;
    return [
      {
        at: spotOf(object, ['metadata', 'labels']),
        message: `namespace${forgotten.length > 1 ? 's' : ''} ${names(forgotten)} ${forgotten.length > 1 ? 'are' : 'is'} not in the mesh: ${gateways ? 'only gateways send' : 'nobody sends'} spans to ${what}`,
        hint: `label namespace ${first} istio-injection: enabled`,
        // In plain files a mesh may well be its gateways; a program that enrols nobody most likely forgot to.
        severity: gateways && object.origin.construct === null ? ('info' as const) : ('warning' as const),
      },
    ];
  },
  docs: {
    cause:
      'A tracing provider is in use, but no namespace of the input is enrolled in the mesh and no pod asks for a sidecar: the apps make no spans. With a gateway, traces have the gateway’s span and end there (in plain files an info).',
    fix: 'Label the namespaces of the apps istio-injection: enabled (or istio.io/rev, or istio.io/dataplane-mode: ambient with a waypoint).',
    example: 'kind: Namespace\nmetadata: {name: shop}   # without istio-injection: enabled',
  },
};

// Somebody thought of the mesh: what is wrong with such a label is TRC054's.
const OPT = ['istio-injection', 'istio.io/rev', 'istio.io/dataplane-mode', 'sidecar.istio.io/inject'];
/** Namespaces with Services before workloads that are no tools, where the input holds the Namespace and no pod opts out. */
function appsLeftOut(model: Model): string[] {
  const { namespaces } = reachOf(model);
  const isLeftOut = (namespace: string) =>
    model.workloadsIn(namespace).some((one) => isApp(one) && !one.labels.has('sidecar.istio.io/inject'));
  return namespaces.all
    .map((one) => one.name)
    .filter((namespace) => model.isKnown(namespace) && model.services.inNamespace(namespace).length > 0 && isLeftOut(namespace))
    .sort();
}
