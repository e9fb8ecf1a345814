import { suggest } from '../../kit/nearest.ts';
import { UserError } from '../../kit/user-error.ts';
import type { Model } from '../model/model.ts';
import { containerPort, type Plane, type Pods } from '../model/reach/pods.ts';
import type { Workload } from '../model/workloads.ts';
import type { Routed } from './answer.ts';
import { atGateway } from './at-gateway.ts';
import { fromOutside, fromSidecar } from './from-sidecar.ts';
import type { HttpRequest } from './http/match.ts';
import { normalized } from './http/paths.ts';
import { authorize, type Verdict } from './policies/authorization.ts';
import { connection, together } from './policies/mtls.ts';
import { podsOf } from './registry/pods-behind.ts';
import type { Explanation, TrafficRequest } from './types.ts';

/**
 * Says what becomes of one request, as Istio 1.30 has it: `VirtualService`, routes of the Gateway API, Ingress, `Gateway`, `Sidecar`,
 * `ServiceEntry`, `DestinationRule`, `PeerAuthentication` and `AuthorizationPolicy` of the model. A client is taken for one with a sidecar
 * unless its pods are shown to have none. A backend that an HTTPRoute may not use keeps its name, with no workloads behind it.
 *
 * @throws UserError when the request cannot be one: a host that is no name, a port out of range, a pod or gateway that is not there
 */
export function explain(model: Model, request: TrafficRequest): Explanation {
  const { host, port } = addressOf(request);
  const asked = httpRequest(model, request, host, port);
  if (request.gateway) {
    const { routed, pods, port: arrivesAt } = atGateway(model, request.gateway, host, port, asked);
    const arrival = pods ? authorize(model, pods, arrivingAt(asked, arrivesAt)) : { allowed: true as const, reason: undefined };
    return complete(model, routed, asked, { pods, plane: 'sidecar', namespace: pods?.namespace }, arrival);
  }
  const sender = senderOf(model, request, host);
  const from = { namespace: sender.namespace, labels: sender.pods?.labels.values ?? new Map<string, string>() };
  const plane = sender.pods?.plane ?? 'sidecar';
  const routed =
    plane === 'none'
      ? fromOutside(model, from, host, port, [
          `${sender.pods?.object.id ?? 'the client'} has no sidecar, so no route of the mesh holds for it`,
        ])
      : fromSidecar(model, from, host, port, asked);
  const known = plane === 'unknown' ? 'sidecar' : plane;
  const namespace = request.from ? sender.namespace : undefined;
  const reasons = [...assumed(request, sender.namespace), ...routed.reasons];
  return complete(
    model,
    { ...routed, reasons },
    asked,
    { pods: sender.pods, plane: known, namespace },
    { allowed: true, reason: undefined },
  );
}

/** Who opens the connection to the destinations. */
interface Opener {
  readonly pods: Pods | undefined;
  readonly plane: Plane;
  readonly namespace: string | undefined;
}

/** Asks, for every destination, how the connection is made and whether it may be. */
function complete(
  model: Model,
  { answer, legs, reasons }: Routed,
  asked: HttpRequest,
  opener: Opener,
  arrival: Verdict,
): Explanation {
  const told = [...reasons, ...(arrival.reason === undefined ? [] : [arrival.reason])];
  const connections = legs.map((leg) => ({ leg, ...connection(model, opener.plane, leg) }));
  const verdicts: Verdict[] = [arrival];
  for (const { leg, mtls, reason } of connections) {
    if (reason !== undefined && !told.includes(reason)) told.push(reason);
    const arriving = arrivingFrom(answer, asked, opener, mtls);
    for (const { pods } of leg.backends) {
      if (!pods) continue;
      const target = leg.service?.service ? containerPort(leg.service.service, leg.to.port, pods) : undefined;
      const verdict = authorize(model, pods, { ...arriving, port: target ?? leg.to.port });
      verdicts.push(verdict);
      if (verdict.reason !== undefined && !told.includes(verdict.reason)) told.push(verdict.reason);
    }
  }
  const at = verdicts.slice(1).map((one) => one.allowed);
  const behind = at.length === 0 || at.every((one) => one === true) ? true : at.every((one) => one === false) ? false : 'unknown';
  const allowed = arrival.allowed === false ? false : behind === true ? arrival.allowed : behind;
  return { ...answer, mtls: together(connections.flatMap((one) => (one.leg.service ? [one.mtls] : []))), allowed, reasons: told };
}

/** The request as it comes to a destination: with the rule's changes. */
function arrivingFrom(answer: Routed['answer'], asked: HttpRequest, { pods, namespace }: Opener, mtls: string) {
  const headers = new Map(asked.headers);
  for (const [key, value] of Object.entries({ ...answer.headers?.add, ...answer.headers?.set }))
    headers.set(key.toLowerCase(), value);
  for (const key of answer.headers?.remove ?? []) headers.delete(key.toLowerCase());
  const connectionOnly = answer.outcome === 'tcp';
  return {
    identity:
      mtls === 'mutual' ? ('mutual' as const) : mtls === 'unknown' || mtls === 'mixed' ? ('unknown' as const) : ('none' as const),
    namespace: pods?.namespace ?? namespace,
    account: pods?.serviceAccount,
    method: connectionOnly ? undefined : asked.method,
    path: connectionOnly ? undefined : (answer.rewrite?.path ?? asked.path),
    host: connectionOnly ? undefined : (answer.rewrite?.host ?? asked.authority),
    headers,
  };
}

/** The request as it comes to a gateway, from nobody known. */
function arrivingAt(asked: HttpRequest, port: number) {
  const { method, path, authority: host, headers } = asked;
  return { identity: 'none' as const, namespace: undefined, account: undefined, port, method, path, host, headers };
}

function addressOf(request: TrafficRequest): { host: string; port: number } {
  const [, name = '', stated] = /^(.*?)(?::(\d+))?$/.exec(request.host) ?? [];
  const host = name.toLowerCase();
  if (!/^[a-z0-9_*]([a-z0-9_.-]*[a-z0-9_.])?$/.test(host) || host.includes('*'))
    throw new UserError(
      `host "${request.host}" is no name of a host: give a Service, as reviews or reviews.bookinfo, or a name like shop.example.com`,
    );
  const port = request.port ?? (stated === undefined ? 80 : Number(stated));
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new UserError(`port ${port} is none: give a whole number from 1 to 65535`);
  return { host, port };
}

/** What the client sends: its Host header has the port unless it is 80, or 443 under TLS. */
function httpRequest(model: Model, request: TrafficRequest, host: string, port: number): HttpRequest {
  const headers = new Map(Object.entries(request.headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]));
  const authority = headers.get('host') ?? headers.get(':authority') ?? (port === 80 ? host : `${host}:${port}`);
  const path = request.path ?? '/';
  if (!path.startsWith('/'))
    throw new UserError(`path "${path}" does not begin with a slash: give it as the client sends it, as /productpage?u=normal`);
  return { method: (request.method ?? 'GET').toUpperCase(), path: normalized(model, path), authority, scheme: 'http', headers };
}

/** The pods that ask. Without any, somebody in the namespace that the host tells, else in `default`. */
function senderOf(model: Model, { from }: TrafficRequest, host: string): { namespace: string; pods: Pods | undefined } {
  if (!from) {
    const [, namespace, svc] = host.split('.');
    const told =
      namespace !== undefined && (svc === undefined || svc === 'svc') && model.services.get(namespace, host.split('.')[0] ?? '');
    if (told) return { namespace: told.namespace, pods: undefined };
    const [only, ...others] = host.includes('.') ? [] : model.services.named(host);
    return { namespace: only && others.length === 0 ? only.namespace : 'default', pods: undefined };
  }
  const { namespace, app } = from;
  const there = model.workloadsIn(namespace);
  if (app === undefined) return { namespace, pods: undefined };
  const found =
    there.find((one) => one.name === app) ?? there.find((one) => one.labels.get('app') === app) ?? canonical(there, app);
  if (found) return { namespace, pods: podsOf(model)(found) };
  if (there.length === 0) {
    const inhabited = model.workloads.map((one) => one.namespace);
    throw new UserError(
      `there is no workload in namespace ${namespace}: ${suggest(namespace, inhabited, `give the namespace of ${app}`)}`,
    );
  }
  const known = there.flatMap((one) => [one.name, one.labels.get('app') ?? one.name]);
  throw new UserError(
    `there is no workload ${app} in namespace ${namespace}: ${suggest(app, known, 'give the name of one, or its app label')}`,
  );
}

/** What is taken for the sender where the request leaves it open. */
function assumed({ from }: TrafficRequest, namespace: string): string[] {
  return from ? [] : [`nobody is said to send it: taken for a pod with a sidecar in namespace ${namespace}`];
}

function canonical(there: readonly Workload[], app: string): Workload | undefined {
  return there.find((one) => one.labels.get('app.kubernetes.io/name') === app);
}
