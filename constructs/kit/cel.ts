import { type ASTNode, ParseError, parse } from '@marcbachmann/cel-js';
import { nearest } from './nearest.ts';

/** What is wrong with a CEL expression. */
export interface CelProblem {
  /** `syntax`: it cannot be read; `attribute`: it names something that a proxy does not know, and is never true. */
  readonly is: 'syntax' | 'attribute';
  readonly message: string;
}

/**
 * The attributes of a request or connection that a proxy knows (Envoy 1.38, "Attributes"). Empty: anything may stand below it.
 */
const attributes: Readonly<Record<string, string>> = {
  request:
    'path url_path host scheme method headers headers_bytes referer useragent time id protocol query duration size total_size',
  response: 'code code_details flags grpc_status headers headers_bytes trailers size total_size backend_latency',
  source: 'address port',
  destination: 'address port',
  connection:
    'id mtls requested_server_name tls_version subject_local_certificate subject_peer_certificate dns_san_local_certificate dns_san_peer_certificate uri_san_local_certificate uri_san_peer_certificate sha256_peer_certificate_digest peer_certificate transport_failure_reason termination_details',
  upstream:
    'address port num_endpoints tls_version subject_local_certificate subject_peer_certificate dns_san_local_certificate dns_san_peer_certificate uri_san_local_certificate uri_san_peer_certificate sha256_peer_certificate_digest peer_certificate local_address transport_failure_reason request_attempt_count cx_pool_ready_duration locality',
  xds: 'node cluster_name cluster_metadata listener_direction listener_metadata route_name route_metadata virtual_host_name virtual_host_metadata upstream_host_metadata upstream_host_locality_metadata filter_chain_name',
  metadata: '',
  filter_state: '',
  upstream_filter_state: '',
};

/** What Istio's metrics know besides (Istio 1.30, "Customizing Istio Metrics"); names that begin with `istio_` come from classification. */
const ofMetrics = ['node', 'upstream_peer', 'downstream_peer'];

/** Constants and types of CEL itself. */
const ofCel = ['true', 'false', 'null', 'int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'type', 'null_type'];

const macros = ['all', 'exists', 'exists_one', 'map', 'filter'];

/**
 * Looks for what is wrong with a CEL expression that a proxy evaluates.
 *
 * @param where `filter`: of an access log; `metric`: the value of a metric's tag, where Istio knows more names
 * @returns the first problem; undefined when there is none
 */
export function celProblem(expression: string, where: 'filter' | 'metric'): CelProblem | undefined {
  const read = parsed(expression);
  if ('message' in read) return { is: 'syntax', message: read.message };
  const known = [...Object.keys(attributes), ...(where === 'metric' ? ofMetrics : [])];
  for (const [name, below] of references(read.ast, [])) {
    if (where === 'metric' && name.startsWith('istio_')) continue;
    if (!known.includes(name)) {
      if (!ofCel.includes(name)) return { is: 'attribute', message: `no attribute ${JSON.stringify(name)}${near(name, known)}` };
      continue;
    }
    const listed = attributes[name]?.split(' ') ?? [''];
    if (below !== undefined && listed[0] !== '' && !listed.includes(below))
      return { is: 'attribute', message: `no attribute "${name}.${below}"${near(below, listed, `${name}.`)}` };
  }
  return undefined;
}

function parsed(expression: string): { readonly ast: ASTNode } | { readonly message: string } {
  try {
    return { ast: parse(expression).ast };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const at = error.range ? ` at character ${error.range.start + 1}` : '';
    return { message: `${error.summary.charAt(0).toLowerCase()}${error.summary.slice(1)}${at}` };
  }
}

function near(name: string, known: readonly string[], prefix = ''): string {
  const best = nearest(name, known);
  return best === undefined
    ? `, there is ${known.map((one) => `${prefix}${one}`).join(', ')}`
    : `, did you mean "${prefix}${best}"?`;
}

type Reference = readonly [name: string, below: string | undefined];

/** Every free name with the field that is asked of it: `request.path` gives request and path. */
function references(node: ASTNode, bound: readonly string[]): Reference[] {
  const of = (...nodes: readonly ASTNode[]) => nodes.flatMap((one) => references(one, bound));
  switch (node.op) {
    case 'value':
      return [];
    case 'id':
      return bound.includes(node.args) ? [] : [[node.args, undefined]];
    case '.':
    case '.?': {
      const [owner, field] = node.args;
      return owner.op === 'id' && !bound.includes(owner.args) ? [[owner.args, field]] : of(owner);
    }
    case 'call':
      return of(...node.args[1]);
    case 'rcall': {
      const [name, owner, args] = node.args;
      const [variable, ...rest] = args;
      if (!macros.includes(name) || variable?.op !== 'id') return of(owner, ...args);
      return [...of(owner), ...rest.flatMap((one) => references(one, [...bound, variable.args]))];
    }
    case 'list':
      return of(...node.args);
    case 'map':
      return of(...node.args.flat());
    case '!_':
    case '-_':
      return of(node.args);
    default:
      return of(...node.args);
  }
}
