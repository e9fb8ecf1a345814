import { groupBy } from '../../group-by.ts';
import { gatewayCalls, ingressCalls, scrapeCalls } from '../../model/exposure/calls.ts';
import type { Model } from '../../model/model.ts';
import type { Call } from '../../model/reach/calls.ts';
import type { Stop } from '../../model/reach/network-policies.ts';
import { containerPort, type Pods } from '../../model/reach/pods.ts';
import { type Reach, reachOf } from '../../model/reach/reach.ts';
import type { Fault } from '../../types.ts';
import { numbers, senders, several, target } from './words.ts';

// The port of HBONE, by which ztunnel and proxies reach ambient pods (Istio 1.30).
const HBONE = 15008;

/** The calls that NetworkPolicies stop on one side: one fault for each policy. */
export function networkFaults(model: Model, side: 'ingress' | 'egress'): Fault[] {
  if (model.kind('NetworkPolicy').length === 0) return [];
  const reach = reachOf(model);
  const scrapes = scrapeCalls(model);
  const ways = [...reach.calls, ...ingressCalls(model), ...gatewayCalls(model), ...scrapes];
  const stopped = ways.flatMap((call) =>
    call.to.flatMap((to) =>
      call.from.flatMap((from) => {
        const stop = stopOf(reach, side, { call, from, to });
        return stop ? [{ call, from, ...stop }] : [];
      }),
    ),
  );
  const quiet = new Set<Call>(scrapes);
  return [...groupBy(stopped, (one) => one.stop.at.object).values()].flatMap((all) => {
    const found = fault(side, all);
    // Without metrics everything else goes on.
    return found ? [all.every(({ call }) => quiet.has(call)) ? { ...found, severity: 'warning' } : found] : [];
  });
}

interface Stopped {
  readonly call: Call;
  readonly from: Pods;
  readonly stop: Stop;
  readonly port: number;
}

function fault(side: 'ingress' | 'egress', all: readonly Stopped[]): Fault | undefined {
  const [first] = all;
  if (!first) return undefined;
  const others =
    first.stop.policies.length > 1 ? `; ${first.stop.policies.length - 1} more that select these pods do not either` : '';
  const calls = [...groupBy(all, (one) => one.call).values()].flatMap(callWords);
  const words = several(
    calls.map((one) => (side === 'ingress' ? `admit ${one.who}` : `let ${one.who} out`) + one.where),
    ', nor ',
  );
  const ports = numbers(all.map((one) => one.port));
  const hint =
    side === 'ingress'
      ? `add an ingress rule for ${several([...new Set(calls.map((one) => one.who))], ', and for ')} with ${ports}`
      : `add an egress rule to ${several([...new Set(all.map((one) => `namespace ${one.call.service.namespace}`))], ', and to ')} with ${ports}`;
  return { at: first.stop.at, message: `it does not ${words}${others}`, hint };
}

function callWords(all: readonly Stopped[]): { readonly who: string; readonly where: string }[] {
  const [first] = all;
  if (!first) return [];
  const { call, port } = first;
  const kind = port === HBONE ? 'HBONE port' : 'container port';
  return [{ who: senders(all.map((one) => one.from)), where: ` to ${target(call)}, ${kind} ${port} (${call.what})` }];
}

function stopOf(
  reach: Reach,
  side: 'ingress' | 'egress',
  { call, from, to }: { readonly call: Call; readonly from: Pods; readonly to: Pods },
): { readonly stop: Stop; readonly port: number } | undefined {
  const port = containerPort(call.service, call.port, to);
  // Pods on the host's network are beyond policies, and nothing stands between pods and themselves.
  if (port === undefined || from.object === to.object || from.hostNetwork || to.hostNetwork) return undefined;
  // Between ambient pods everything goes by HBONE; a sidecar may speak it or not.
  const ports = to.plane !== 'ambient' ? [port] : from.plane === 'ambient' ? [HBONE] : [port, HBONE];
  const stops = ports.flatMap((one) => reach.stop(side, { from, to, port: one }) ?? []);
  const [stop] = stops;
  return stop && stops.length === ports.length ? { stop, port: ports[0] ?? port } : undefined;
}
