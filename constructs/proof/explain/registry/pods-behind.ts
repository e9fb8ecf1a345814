import type { Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, items, strings, text } from '../../json-path.ts';
import { gatewayWorkloads } from '../../model/gateways.ts';
import type { Model } from '../../model/model.ts';
import { namespacesOf, type Pods } from '../../model/reach/pods.ts';
import { selects, type Workload } from '../../model/workloads.ts';
import type { MeshService } from './registry.ts';

/** Pods that may get a request. */
export interface Backend {
  /** `Kind/namespace/name`. */
  readonly id: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Undefined for what is no pod: a machine, what somebody makes of an object. */
  readonly pods: Pods | undefined;
  /** A machine with a certificate of the mesh: its WorkloadEntry or WorkloadGroup names a ServiceAccount, or a label says so. */
  readonly enrolled: boolean;
}

/** Reads the pods of a model's workloads, each when it is asked for. */
export const podsOf: (model: Model) => (workload: Workload) => Pods = remember((model) => {
  const namespaces = namespacesOf(model.objects);
  const gateways = new Set(gatewayWorkloads(model.workloads));
  return remember((workload: Workload) => namespaces.pods(workload, gateways.has(workload)));
});

/** What stands behind a host: the pods and machines that its Service or ServiceEntry selects. */
export function backends(model: Model, service: MeshService): readonly Backend[] {
  const stated = service.service;
  const selector = stated ? stated.selector : strings(service.object.json, 'spec', 'workloadSelector', 'labels');
  if (stated?.created === true && selector.size === 0)
    return [{ id: stated.object.id, labels: new Map(), pods: undefined, enrolled: false }];
  if (selector.size === 0) return stated ? [] : endpoints(service);
  const read = podsOf(model);
  const selected = model.workloadsIn(service.namespace).filter(({ labels }) => selects(selector, labels));
  // A group is a pattern for machines that register themselves: it says something only where nobody is there yet.
  const there = selected.filter(({ object }) => object.kind !== 'WorkloadGroup');
  return (there.length > 0 ? there : selected).map((workload): Backend => {
    const { object, labels, podSpec, created, name, namespace } = workload;
    const seen = podSpec !== undefined || created;
    return {
      id: created ? `Deployment/${namespace}/${name}` : object.id,
      labels,
      pods: seen ? read(workload) : undefined,
      enrolled: isEnrolled(object.json, 'spec') || isEnrolled(object.json, 'spec', 'template'),
    };
  });
}

/** The addresses that a ServiceEntry lists: one backend for each that has labels. */
function endpoints({ object }: MeshService): Backend[] {
  return items(object.json, 'spec', 'endpoints').flatMap((one) =>
    at(one, 'labels') === undefined
      ? []
      : [
          {
            id: `${object.id} ${text(one, 'address') ?? ''}`.trim(),
            labels: strings(one, 'labels'),
            pods: undefined,
            enrolled: isEnrolled(one),
          },
        ],
  );
}

function isEnrolled(json: Json, ...path: string[]): boolean {
  const said = strings(json, ...path, 'labels').get('security.istio.io/tlsMode');
  return said === undefined ? text(json, ...path, 'serviceAccount') !== undefined : said === 'istio';
}
