import { type JsonObject, UserError } from '../../../kit/index.ts';
import { defined, duration, whole } from '../checks.ts';

/** How much a client's proxy may have open towards a destination at once (Istio 1.30, ConnectionPoolSettings). Whole numbers from 1. */
export interface ConnectionLimits {
  /** TCP connections. @default no limit */
  readonly max?: number;
  /** @default Istio's 10 */
  readonly connectTimeoutSeconds?: number;
  /** How long a TCP connection may live. @default no limit */
  readonly maxConnectionSeconds?: number;
  /** Requests that wait for a connection; those beyond get 503. @default no limit */
  readonly pendingRequests?: number;
  /** Requests under way, of HTTP/1.1 and HTTP/2. @default no limit */
  readonly requests?: number;
  /** 1 switches keep-alive off. @default no limit */
  readonly requestsPerConnection?: number;
  /** Retries under way. @default no limit */
  readonly retries?: number;
  /** How long a connection without requests stays open. @default Istio's hour */
  readonly idleTimeoutSeconds?: number;
  /** Whether HTTP/1.1 is sent on as HTTP/2. @default the mesh's: 'never' */
  readonly http2?: 'upgrade' | 'never';
}

/** When a pod is taken out of the rotation for a while (Istio 1.30, OutlierDetection). */
export interface OutlierEjection {
  /** So many answers 5xx, or failed connections, one after the other; 0: none counts. @default Istio's 5 */
  readonly consecutive5xx?: number;
  /** So many answers 502, 503 or 504, one after the other. Less than `consecutive5xx`, which counts them too. @default they count as 5xx only */
  readonly consecutiveGatewayErrors?: number;
  /** How often it is decided. @default Istio's 10 */
  readonly intervalSeconds?: number;
  /** The least time that a pod is out; it grows with each time. @default Istio's 30 */
  readonly ejectSeconds?: number;
  /**
   * The greatest share of pods that may be out, 1 to 100. A pod that would exceed it stays in: the default ejects nobody where there are
   * fewer than ten pods (Envoy 1.28 and newer, OutlierDetection.max_ejection_percent). @default Istio's 10
   */
  readonly maxEjectionPercent?: number;
  /** Below this share of healthy pods nobody is out any more, 0 to 100. @default Istio's 0 */
  readonly minHealthPercent?: number;
}

/** @throws UserError when nothing is said, or a number is out of range (Istio reads 0 as unset) */
export function connectionPool(limits: ConnectionLimits, where: string): JsonObject {
  const what = (field: keyof ConnectionLimits) => `connections.${field} of ${where}`;
  const seconds = (field: 'connectTimeoutSeconds' | 'maxConnectionSeconds' | 'idleTimeoutSeconds') => {
    const value = limits[field];
    return value === undefined ? undefined : duration(value, what(field));
  };
  const tcp = defined({
    maxConnections: whole(limits.max, what('max')),
    connectTimeout: seconds('connectTimeoutSeconds'),
    maxConnectionDuration: seconds('maxConnectionSeconds'),
  });
  const http = defined({
    http1MaxPendingRequests: whole(limits.pendingRequests, what('pendingRequests')),
    http2MaxRequests: whole(limits.requests, what('requests')),
    maxRequestsPerConnection: whole(limits.requestsPerConnection, what('requestsPerConnection')),
    maxRetries: whole(limits.retries, what('retries')),
    idleTimeout: seconds('idleTimeoutSeconds'),
    h2UpgradePolicy: limits.http2 && (limits.http2 === 'upgrade' ? 'UPGRADE' : 'DO_NOT_UPGRADE'),
  });
  const made = {
    ...(Object.keys(tcp).length > 0 ? { tcp } : {}),
    ...(Object.keys(http).length > 0 ? { http } : {}),
  };
  if (Object.keys(made).length === 0)
    throw new UserError(`connections of ${where} is empty: set a limit, e.g. { max: 100 }, or leave it out`);
  return made;
}

/** @throws UserError when a number is out of range, or `consecutiveGatewayErrors` could never come first */
export function outlierDetection(outliers: OutlierEjection, where: string): JsonObject {
  const { consecutive5xx, consecutiveGatewayErrors, intervalSeconds, ejectSeconds, maxEjectionPercent, minHealthPercent } =
    outliers;
  if (consecutive5xx && consecutiveGatewayErrors && consecutiveGatewayErrors >= consecutive5xx) {
    throw new UserError(
      `outliers of ${where} ejects after ${consecutiveGatewayErrors} gateway errors and ${consecutive5xx} answers 5xx: gateway errors are 5xx too, so the first never decides; make it less than ${consecutive5xx}`,
    );
  }
  const made = defined({
    consecutive5xxErrors: whole(consecutive5xx, `outliers.consecutive5xx of ${where}`, 0),
    consecutiveGatewayErrors: whole(consecutiveGatewayErrors, `outliers.consecutiveGatewayErrors of ${where}`, 0),
    interval: intervalSeconds === undefined ? undefined : duration(intervalSeconds, `outliers.intervalSeconds of ${where}`),
    baseEjectionTime: ejectSeconds === undefined ? undefined : duration(ejectSeconds, `outliers.ejectSeconds of ${where}`),
    // Istio reads 0 as its default of 10.
    maxEjectionPercent: whole(maxEjectionPercent, `outliers.maxEjectionPercent of ${where}`, 1, 100),
    minHealthPercent: whole(minHealthPercent, `outliers.minHealthPercent of ${where}`, 0, 100),
  });
  if (Object.keys(made).length === 0)
    throw new UserError(`outliers of ${where} is empty: say when a pod is ejected, e.g. { consecutive5xx: 5 }, or leave it out`);
  return made;
}
