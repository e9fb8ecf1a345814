import type { Json, JsonObject } from '../../../../constructs/kit/json.ts';
import { fields, items, text } from '../../../../constructs/proof/json-path.ts';

/** What one Envoy was told, by the names that its parts have. Read from the JSON of `/config_dump?include_eds`; of Istio nothing is known here. */
export interface EnvoyDump {
  readonly listeners: ReadonlyMap<string, JsonObject>;
  readonly routes: ReadonlyMap<string, JsonObject>;
  readonly clusters: ReadonlyMap<string, JsonObject>;
  /** The endpoints of each cluster that asks for them. */
  readonly endpoints: ReadonlyMap<string, readonly Endpoint[]>;
}

/** One address behind a cluster. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** `Kind` is not told: `namespace/name` of what made the pod; undefined where Istio does not know. */
  readonly workload: string | undefined;
  /** It has said that it can do Istio's mutual TLS. */
  readonly mutual: boolean;
}

/** Reads a configuration dump. */
export function readDump(dump: Json): EnvoyDump {
  const sections = items(dump, 'configs');
  const all = (list: string, ...path: string[]) =>
    sections.flatMap((section) => items(section, list)).map((one) => fields(one, ...path));
  const byName = (list: readonly JsonObject[]) => new Map(list.map((one) => [text(one, 'name') ?? '', one]));
  const assignments = all('dynamicEndpointConfigs', 'endpointConfig');
  return {
    listeners: byName(all('dynamicListeners', 'activeState', 'listener')),
    routes: byName(all('dynamicRouteConfigs', 'routeConfig')),
    clusters: byName([...all('dynamicActiveClusters', 'cluster'), ...all('staticClusters', 'cluster')]),
    endpoints: new Map(assignments.map((one) => [text(one, 'clusterName') ?? '', endpointsOf(one)])),
  };
}

function endpointsOf(assignment: JsonObject): Endpoint[] {
  return items(assignment, 'endpoints')
    .flatMap((locality) => items(locality, 'lbEndpoints'))
    .map((one) => {
      const socket = fields(one, 'endpoint', 'address', 'socketAddress');
      const metadata = fields(one, 'metadata', 'filterMetadata');
      const [name, namespace] = (text(metadata, 'istio', 'workload') ?? '').split(';');
      return {
        address: text(socket, 'address') ?? '',
        port: Number(socket.portValue ?? 0),
        workload: name && namespace ? `${namespace}/${name}` : undefined,
        // By its proxy, or by ztunnel.
        mutual:
          text(metadata, 'envoy.transport_socket_match', 'tlsMode') === 'istio' ||
          text(metadata, 'envoy.transport_socket_match', 'tunnel') === 'http',
      };
    });
}

/** Seconds of a duration as JSON writes it: '1.500s'. */
export function secondsOf(duration: Json | undefined): number {
  return typeof duration === 'string' ? Number.parseFloat(duration) : 0;
}

/** Percent of an Envoy FractionalPercent; all of it where there is none. */
export function percentOf(fraction: JsonObject | undefined): number {
  if (fraction === undefined) return 100;
  const { numerator = 0, denominator = 'HUNDRED' } = fraction;
  const whole = denominator === 'MILLION' ? 1_000_000 : denominator === 'TEN_THOUSAND' ? 10_000 : 100;
  return (Number(numerator) * 100) / whole;
}
