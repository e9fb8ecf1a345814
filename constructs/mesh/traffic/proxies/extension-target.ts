import { checkPort, type Entrance, type JsonObject, type PodSet, UserError } from '../../../kit/index.ts';
import { checkOwnNamespace } from '../../../kit/layer.ts';

/** Who runs an extension. Neither: every proxy of the layer's namespace, of the whole mesh in the root namespace. */
export type ExtensionTarget =
  | {
      /** Pods with a sidecar, or the pods of an Istio gateway; they stand in the layer's namespace. */
      readonly for: PodSet;
      readonly at?: never;
    }
  | {
      /** A gateway of the Gateway API in the layer's namespace, or a waypoint: that is one, too. */
      readonly at: Pick<Extract<Entrance, { api: 'gateway-api' }>, 'api' | 'gateway'>;
      readonly for?: never;
    }
  | { readonly for?: never; readonly at?: never };

/** What traffic an extension sees. */
export interface ExtensionTraffic {
  /** Requests that the pod sends (`client`), gets (`server`), or both. @default 'both' */
  readonly mode?: 'client' | 'server' | 'both';
  /** @default all */
  readonly ports?: readonly [number, ...number[]];
}

/** Where it stands among the filters: before authentication, authorization or statistics; in order of falling priority. */
export interface ExtensionOrder {
  /** @default at the end, before the router */
  readonly phase?: 'authn' | 'authz' | 'stats';
  /** A whole number: the higher is first in its phase. @default Istio's 0 */
  readonly priority?: number;
}

const modes = { client: 'CLIENT', server: 'SERVER', both: 'CLIENT_AND_SERVER' } as const;

/** The fields that WasmPlugin and TrafficExtension share. */
export function targetFields(
  props: ExtensionTarget & ExtensionOrder & { readonly match?: readonly ExtensionTraffic[] },
  namespace: string,
  where: string,
): JsonObject {
  const { for: pods, at, match, phase, priority } = props;
  if (pods) checkOwnNamespace(where, namespace, 'pods', pods.namespace);
  if (at) checkOwnNamespace(where, namespace, `gateway '${at.gateway.name}'`, at.gateway.namespace);
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) <= 2_147_483_647))
    throw new UserError(`priority of ${where} is ${priority}: allowed is a whole number, of 32 bits`);
  for (const port of match?.flatMap(({ ports = [] }) => [...ports]) ?? []) checkPort(port, `match of ${where}`);
  return {
    ...(pods ? { selector: { matchLabels: { ...pods.selector } } } : {}),
    ...(at ? { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: at.gateway.name }] } : {}),
    ...(phase ? { phase: phase.toUpperCase() } : {}),
    ...(priority === undefined ? {} : { priority }),
    ...(match
      ? {
          match: match.map(({ mode, ports }) => ({
            ...(mode ? { mode: modes[mode] } : {}),
            ...(ports ? { ports: ports.map((number) => ({ number })) } : {}),
          })),
        }
      : {}),
  };
}
