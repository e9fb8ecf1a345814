import type { JsonObject } from '../../../kit/json.ts';
import { at, text } from '../../json-path.ts';
import type { MeshService } from '../registry/registry.ts';

/**
 * How one of a destination's pods is chosen, in words (Istio 1.30: LEAST_REQUEST where nobody says anything). Whom a sidecar's client has
 * looked up itself it gets; a gateway's client looks up the gateway.
 */
export function loadBalancing(policy: JsonObject, service: MeshService, gateway: boolean): string {
  if (service.headless && !gateway) return 'PASSTHROUGH';
  const hash = at(policy, 'loadBalancer', 'consistentHash');
  if (hash !== undefined) {
    const header = text(hash, 'httpHeaderName');
    if (header !== undefined) return `consistent hash of header ${header}`;
    const cookie = at(hash, 'httpCookie');
    if (cookie !== undefined) return `consistent hash of cookie ${text(cookie, 'name') ?? ''}`;
    const query = text(hash, 'httpQueryParameterName');
    if (query !== undefined) return `consistent hash of query parameter ${query}`;
    return 'consistent hash of the source address';
  }
  const simple = text(policy, 'loadBalancer', 'simple') ?? 'UNSPECIFIED';
  return simple === 'UNSPECIFIED' || simple === 'LEAST_CONN' ? 'LEAST_REQUEST' : simple;
}
