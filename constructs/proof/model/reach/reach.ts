import { remember } from '../../../kit/remember.ts';
import { at, items, text } from '../../json-path.ts';
import { gatewayWorkloads } from '../gateways.ts';
import { type Tracer, type Tracers, tracersOf } from '../mesh/tracers.ts';
import type { Model } from '../model.ts';
import { authorization } from './authorization.ts';
import { type Call, podIndex, programCalls, spanCalls } from './calls.ts';
import { clientTls } from './client-tls.ts';
import { networkPolicies } from './network-policies.ts';
import { mtlsModes } from './peer-authentication.ts';
import { type Namespaces, namespacesOf, type Pods } from './pods.ts';
import { sidecarScopes } from './visibility.ts';

/** What stands between the pods of a trace's way: who calls whom, and which policies hold there. */
export interface Reach {
  readonly namespaces: Namespaces;
  readonly rootNamespace: string;
  /** The pods of every workload and gateway that the input shows. */
  readonly pods: readonly Pods[];
  readonly tracers: Tracers;
  /** The tracers in use, with the proxies that the input shows to send to them; none for one that is only set up. */
  readonly flows: ReadonlyMap<Tracer, readonly Pods[]>;
  readonly calls: readonly Call[];
  /** The mesh encrypts by itself wherever both sides can (`enableAutoMtls`, on by default). */
  readonly autoMtls: boolean;
  readonly registryOnly: boolean;
  readonly mtls: ReturnType<typeof mtlsModes>;
  readonly clientTls: ReturnType<typeof clientTls>;
  readonly sidecar: ReturnType<typeof sidecarScopes>;
  readonly refusal: ReturnType<typeof authorization>;
  readonly stop: ReturnType<typeof networkPolicies>;
}

/** What stands between the pods of a model; read once for all rules. */
export const reachOf: (model: Model) => Reach = remember(readReach);

function readReach(model: Model): Reach {
  const { objects, meshConfigs } = model;
  const rootNamespace = meshConfigs[0]?.rootNamespace ?? 'istio-system';
  const namespaces = namespacesOf(objects);
  const gateways = new Set(gatewayWorkloads(model.workloads));
  const index = podIndex(model, namespaces, gateways);
  const workloads = model.workloads.filter((one) => one.podSpec !== undefined || gateways.has(one)).map(index.of);
  const made = ['OpenTelemetryCollector', 'Kiali']
    .flatMap((kind) => model.kind(kind))
    .flatMap((one) => namespaces.made(one) ?? []);
  const pods = [...workloads, ...made, ...gatewayApiPods(model)];
  const tracers = tracersOf(model.telemetries, meshConfigs, rootNamespace);
  const flows = flowsOf(model, tracers, pods, rootNamespace);
  const setting = (...path: string[]) => meshConfigs.map((mesh) => at(mesh.value, ...path)).find((one) => one !== undefined);
  return {
    namespaces,
    rootNamespace,
    pods,
    tracers,
    flows,
    calls: [...spanCalls(model, index, flows), ...programCalls(model, index, namespaces)],
    autoMtls: setting('enableAutoMtls') !== false,
    registryOnly: setting('outboundTrafficPolicy', 'mode') === 'REGISTRY_ONLY',
    mtls: mtlsModes(objects, rootNamespace),
    clientTls: clientTls(model.destinationRules, rootNamespace),
    sidecar: sidecarScopes(objects, rootNamespace),
    refusal: authorization(objects, rootNamespace),
    stop: networkPolicies(objects, namespaces),
  };
}

/** Tracers that some namespace is set up for are in use even when none of its pods are shown. */
function flowsOf(model: Model, tracers: Tracers, pods: readonly Pods[], rootNamespace: string): Map<Tracer, Pods[]> {
  const flows = new Map<Tracer, Pods[]>();
  const wide = model.telemetries.filter((one) => one.wide).map((one) => one.object.namespace);
  for (const namespace of new Set([rootNamespace, ...wide])) {
    const tracer = tracers.in(namespace);
    if (tracer && !flows.has(tracer)) flows.set(tracer, []);
  }
  for (const one of pods) {
    const tracer = one.plane === 'sidecar' ? tracers.of(one) : undefined;
    if (!tracer) continue;
    const from = flows.get(tracer);
    if (from) from.push(one);
    else flows.set(tracer, [one]);
  }
  return flows;
}

/** The pods of Gateways of the Gateway API, waypoints among them; one with an address by hand has pods elsewhere. */
function gatewayApiPods(model: Model): Pods[] {
  return model.gateways.all
    .filter(
      (one) =>
        one.api === 'gateway-api' &&
        /^istio($|-waypoint|-east-west)/.test(text(one.object.json, 'spec', 'gatewayClassName') ?? ''),
    )
    .filter((one) => items(one.object.json, 'spec', 'addresses').length === 0)
    .map(({ name, namespace, object, selectorAt }) => {
      const usual = `${name}-${text(object.json, 'spec', 'gatewayClassName') ?? 'istio'}`;
      const labels = { values: new Map([['gateway.networking.k8s.io/gateway-name', name]]), complete: false };
      const account = usual.includes('waypoint') ? name : usual;
      return {
        ...{
          name: account,
          namespace,
          labels,
          object,
          plane: 'sidecar',
          gateway: true,
          hostNetwork: false,
          serviceAccount: account,
        },
        ...{ ports: new Map(), annotations: new Map(), labelsAt: selectorAt },
      };
    });
}
