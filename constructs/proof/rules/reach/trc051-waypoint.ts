import { groupBy } from '../../group-by.ts';
import { strings } from '../../json-path.ts';
import { reachOf } from '../../model/reach/reach.ts';
import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';
import { isApp } from './apps.ts';

const USE = 'istio.io/use-waypoint';

export const waypoint: Rule = {
  code: 'TRC051',
  title: 'ambient pods have no waypoint, so nobody makes spans for them',
  severity: 'warning',
  run: (model) => {
    const reach = reachOf(model);
    const ambient = groupBy(
      reach.pods.filter((one) => one.plane === 'ambient'),
      (one) => one.namespace,
    );
    return [...ambient].flatMap(([namespace, pods]) => {
      const object = reach.namespaces.object(namespace);
      if (!object || !reach.tracers.in(namespace) || !model.workloadsIn(namespace).some(isApp)) return [];
      const used =
        asks(reach.namespaces.labels(namespace).values.get(USE)) ||
        pods.some((one) => asks(one.labels.values.get(USE))) ||
        model.services.inNamespace(namespace).some((one) => asks(strings(one.object.json, 'metadata', 'labels').get(USE)));
      if (used) return [];
      return [
        {
          at: spotOf(object, ['metadata', 'labels']),
          message: `namespace ${namespace} is ambient and nothing in it uses a waypoint: ztunnel makes no spans, so its pods are missing from every trace`,
          hint: `add a Gateway of class istio-waypoint and label the namespace ${USE}`,
        },
      ];
    });
  },
  docs: {
    cause:
      'Tracing is on, and pods of the mesh are ambient without a waypoint. Ztunnel works below HTTP and makes no spans (istio#55843); only gateways and waypoints do.',
    fix: 'Add a waypoint (a Gateway of class istio-waypoint) and label the namespace, Service or pods `istio.io/use-waypoint` with its name.',
    example: 'kind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}',
  },
};

function asks(value: string | undefined): boolean {
  return value !== undefined && value !== 'none';
}
