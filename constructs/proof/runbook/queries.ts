/** Which requests a query is about. */
export interface Asked {
  /** Whose counts: `source`, `destination`, `waypoint`, or a choice of them: `source|waypoint`. */
  readonly reporter: string;
  readonly service: string;
  readonly namespace: string;
}

/** A PromQL query, with what it answers. */
export interface Query {
  readonly what: string;
  readonly promql: string;
}

const WINDOW = '5m';

/** Rate, success and latency of one service (Istio 1.30, standard metrics). */
export function ofService(asked: Asked): Query[] {
  const { service, namespace } = asked;
  const one = `${reporter(asked)}, destination_service_name="${service}", destination_service_namespace="${namespace}"`;
  return [
    { what: 'requests a second', promql: sum(requests(one)) },
    { what: 'share that succeeds, 0 to 1', promql: `1 - ${failed(one)} / ${sum(requests(one))}` },
    ...[0.5, 0.95, 0.99].map((q) => ({
      what: `latency in ms that ${q === 0.5 ? 'half' : `${q * 100} %`} of the requests stay below (p${q * 100})`,
      promql: quantile(q, one),
    })),
  ];
}

/** Where it fails and where it takes long, over all services of some namespaces. */
export function ofAll(asked: Asked): Query[] {
  const all = `${reporter(asked)}, ${namespaces(asked)}`;
  return [
    { what: 'requests a second of each service', promql: sum(requests(all), 'destination_service_name') },
    {
      what: 'failures a second, by service and code: an injected fault is here, although it never reaches the service',
      promql: sum(requests(`${all}, response_code=~"5.."`), 'destination_service_name', 'response_code', 'response_flags'),
    },
    { what: 'latency of each hop, in ms (p95)', promql: quantile(0.95, all, 'source_workload', 'destination_service_name') },
  ];
}

/** What is counted of plain TCP; in ambient mode ztunnel counts all connections. */
export function ofConnections({ namespace }: Pick<Asked, 'namespace'>): Query[] {
  const where = `reporter="source", ${namespaces({ namespace })}`;
  return [
    {
      what: 'connections opened a second, by who calls whom',
      promql: sum(rate('istio_tcp_connections_opened_total', where), 'source_workload', 'destination_workload'),
    },
    {
      what: 'bytes a second to each workload',
      promql: sum(rate('istio_tcp_received_bytes_total', where), 'destination_workload'),
    },
  ];
}

/** Who calls whom in plain text, as the called side counts it: requests, or connections where only ztunnel is there to count. */
export function ofPlainText({ namespace }: Pick<Asked, 'namespace'>, counted: 'requests' | 'connections'): Query[] {
  const where = `reporter="destination", ${namespaces({ namespace })}, connection_security_policy!="mutual_tls"`;
  const counter = counted === 'requests' ? 'istio_requests_total' : 'istio_tcp_connections_opened_total';
  return [
    {
      what: `${counted} a second that are not encrypted`,
      promql: sum(rate(counter, where), 'source_workload', 'destination_workload'),
    },
  ];
}

function reporter({ reporter: one }: Asked): string {
  return one.includes('|') ? `reporter=~"${one}"` : `reporter="${one}"`;
}

/** One namespace, or several as `a|b`. */
function namespaces({ namespace }: Pick<Asked, 'namespace'>): string {
  return `destination_service_namespace${namespace.includes('|') ? '=~' : '='}"${namespace}"`;
}

function requests(matchers: string): string {
  return rate('istio_requests_total', matchers);
}

function rate(counter: string, matchers: string): string {
  return `rate(${counter}{${matchers}}[${WINDOW}])`;
}

function sum(vector: string, ...by: readonly string[]): string {
  return `sum${by.length > 0 ? ` by (${by.join(', ')}) ` : ''}(${vector})`;
}

/** Zero, not nothing, where all succeed. */
function failed(matchers: string): string {
  return `(${sum(requests(`${matchers}, response_code=~"5.."`))} or vector(0))`;
}

function quantile(q: number, matchers: string, ...by: readonly string[]): string {
  return `histogram_quantile(${q}, ${sum(rate('istio_request_duration_milliseconds_bucket', matchers), 'le', ...by)})`;
}
