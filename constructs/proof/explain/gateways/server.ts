import { isObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { at, items, number, text } from '../../json-path.ts';
import type { ProofObject } from '../../types.ts';
import { type Speaks, speaks } from '../registry/registry.ts';

/** One server of a Gateway: a port, and the hosts that it takes there. */
export interface Server {
  /** `NAMESPACE/NAME` of the Gateway that routes name; that of a listener of the Gateway API is Istio's own. */
  readonly gateway: string;
  readonly object: ProofObject;
  /** Its name, else its place. */
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly speaks: Speaks;
  /** `NAMESPACE/HOST`, or `HOST` for objects of all namespaces. */
  readonly hosts: readonly string[];
  readonly tls: JsonObject | undefined;
  readonly bind: string;
}

/** The servers of an Istio Gateway. */
export function serversOf(object: ProofObject): Server[] {
  return items(object.json, 'spec', 'servers').flatMap((one, i): Server[] => {
    const port = number(one, 'port', 'number');
    if (port === undefined) return [];
    const protocol = text(one, 'port', 'protocol') ?? '';
    return [
      {
        gateway: `${object.namespace}/${object.name}`,
        object,
        name: text(one, 'name') ?? `servers[${i}]`,
        port,
        protocol,
        speaks: speaks(protocol),
        hosts: items(one, 'hosts').flatMap((host) => (typeof host === 'string' ? [qualified(host, object.namespace)] : [])),
        tls: tlsOf(at(one, 'tls')),
        bind: text(one, 'bind') ?? '',
      },
    ];
  });
}

/** Whether Istio ends TLS, or passes it on, at a server (pkg/config/gateway). */
export function isSecure({ tls, speaks: how }: Server): boolean {
  return tls !== undefined && how !== 'http';
}

/** Whether requests are routed there, not connections. */
export function isHttpServer(server: Server): boolean {
  return server.speaks === 'http' || (/^https$/i.test(server.protocol) && server.tls !== undefined && !isPassthrough(server));
}

/** Whether it leaves TLS to what is behind it. */
export function isPassthrough({ tls }: Server): boolean {
  return tls?.mode === 'PASSTHROUGH' || tls?.mode === 'AUTO_PASSTHROUGH';
}

/** The host of an entry, whatever the namespace. */
export function hostOf(entry: string): string {
  return entry.slice(entry.indexOf('/') + 1).toLowerCase();
}

function tlsOf(json: Json | undefined): JsonObject | undefined {
  return isObject(json) ? json : undefined;
}

/** `./host` is for the Gateway's own namespace, and `*` before the slash for all. */
function qualified(host: string, namespace: string): string {
  const [of = '', name] = host.split('/');
  if (name === undefined || of === '*') return name ?? host;
  return of === '.' ? `${namespace}/${name}` : host;
}
