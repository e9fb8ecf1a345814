import type { Json } from '../../../kit/json.ts';
import { nearest, suggest } from '../../../kit/nearest.ts';
import { groupBy } from '../../group-by.ts';
import { strings, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Pods } from '../../model/reach/pods.ts';
import { type Reach, reachOf } from '../../model/reach/reach.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, type Spot, spotOf } from '../../types.ts';
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
    return [...ambient].flatMap(([namespace, pods]): readonly Fault[] => {
      const object = reach.namespaces.object(namespace);
      if (!object || !reach.tracers.in(namespace) || !model.workloadsIn(namespace).some(isApp)) return [];
      const uses = usesIn(namespace, object, pods, { model, reach });
      if (uses.length > 0) return uses.flatMap((use) => absent(use, model));
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
      'Tracing is on, and pods of the mesh are ambient without a waypoint: nothing in their namespace is labelled `istio.io/use-waypoint`, or the label names a Gateway that is not there or is no waypoint for Services (its class; `istio.io/waypoint-for`). Ztunnel works below HTTP and makes no spans (istio#55843); only gateways and waypoints do.',
    fix: 'Add a waypoint (a Gateway of class istio-waypoint) and label the namespace, Service or pods `istio.io/use-waypoint` with its name, and `istio.io/use-waypoint-namespace` where it stands in another namespace.',
    example: 'kind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}',
  },
};

/** A label that leads something through a waypoint, by the waypoint's name and namespace. */
interface Use {
  readonly at: Spot;
  readonly name: string;
  readonly namespace: string;
  /** What is sent to Services takes it, not only what is sent to pods. */
  readonly wide: boolean;
}

function usesIn(
  namespace: string,
  object: ProofObject,
  pods: readonly Pods[],
  { model, reach }: { readonly model: Model; readonly reach: Reach },
): Use[] {
  const use = (at: Spot, labels: ReadonlyMap<string, string>, wide = true): Use[] => {
    const name = labels.get(USE);
    if (name === undefined || name === 'none') return [];
    return [{ at, name, namespace: labels.get(`${USE}-namespace`) ?? namespace, wide }];
  };
  const label = ['metadata', 'labels', USE];
  return [
    ...use(spotOf(object, label), reach.namespaces.labels(namespace).values),
    ...pods.flatMap((one) => use(one.labelsAt, one.labels.values, false)),
    ...model.services
      .inNamespace(namespace)
      .flatMap((one) => use(spotOf(one.object, label), strings(one.object.json, 'metadata', 'labels'))),
  ];
}

/** A waypoint that the input should show, and does not: in a namespace that it fills, without a program that may make one. */
function absent({ at, name, namespace, wide }: Use, model: Model): Fault[] {
  if (!model.isKnown(namespace) || model.makersIn(namespace).length > 0) return [];
  const gateways = model.gateways.inNamespace('gateway-api', namespace).filter((one) => isWaypoint(one.object.json));
  const named = model.gateways.get('gateway-api', namespace, name);
  if (named) return unfit(named.object, wide);
  const names = gateways.map((one) => one.name);
  return [
    {
      at,
      message: `${USE} names ${namespace}/${name}, and there is no such Gateway: what is sent there passes no waypoint, so nobody makes spans of it`,
      hint: suggest(name, names, `add a Gateway ${name} of class istio-waypoint to namespace ${namespace}`),
      cause: `waypoint ${namespace}/${name}`,
    },
  ];
}

/** A Gateway that is named as a waypoint, and is none for what is sent to Services. Any class that is not known may be a waypoint's. */
function unfit(gateway: ProofObject, wide: boolean): Fault[] {
  const { json, id } = gateway;
  const ofClass = text(json, 'spec', 'gatewayClassName') ?? '';
  const near = isWaypoint(json) ? undefined : nearest(ofClass, [CLASS]);
  if (near !== undefined || NO_WAYPOINTS.has(ofClass))
    return [
      {
        at: spotOf(gateway, ['spec', 'gatewayClassName']),
        message: `${id} is used as a waypoint, and its class is ${ofClass}: nobody makes one of it`,
        hint: `did you mean "${CLASS}"?`,
        cause: `waypoint ${id}`,
      },
    ];
  const takes = text(json, 'metadata', 'labels', FOR);
  if (takes !== 'none' && !(takes === 'workload' && wide)) return [];
  return [
    {
      at: spotOf(gateway, ['metadata', 'labels', FOR]),
      message: `${id} is used as a waypoint, and ${takes === 'none' ? 'takes no traffic' : 'takes what is sent to pods alone, not what is sent to Services'}: nobody makes spans of it`,
      hint: `set it to service, or to all`,
      cause: `waypoint ${id}`,
    },
  ];
}

const CLASS = 'istio-waypoint';
const FOR = 'istio.io/waypoint-for';
// Istio's other classes (1.30, Gateway API).
const NO_WAYPOINTS = new Set(['istio', 'istio-remote', 'istio-east-west']);

function isWaypoint(gateway: Json): boolean {
  return text(gateway, 'spec', 'gatewayClassName')?.includes('waypoint') ?? false;
}
