import { at, items, number, text } from '../../json-path.ts';
import { optionValues } from '../spans/containers.ts';
import type { Program } from '../spans/programs.ts';

/** Where a backend answers queries. A part that the input does not show is undefined. */
export interface QueryApi {
  readonly http: number | undefined;
  readonly grpc: number | undefined;
  /** The path under which its HTTP API begins, without a slash at the end: `/jaeger`, or empty. */
  readonly path: string | undefined;
}

/** Where a program answers queries; undefined for one that takes spans and answers none: a collector. */
export function queryApi(program: Program): QueryApi | undefined {
  switch (program.is) {
    case 'jaeger':
      return isJaeger1(program) ? jaeger1(program) : jaeger2(program);
    case 'tempo':
      return tempo(program);
    case 'zipkin':
      return { http: portOf(program.container?.env.get('QUERY_PORT')?.value) ?? 9411, grpc: undefined, path: undefined };
    // Many APIs on ports of their own: PromQL 9090, LogQL 3100, Zipkin 9412.
    case 'skywalking':
      return { http: undefined, grpc: undefined, path: undefined };
    case 'collector':
      return undefined;
  }
}

/** Whether it is a Jaeger 1, which is set up by options and variables. */
export function isJaeger1({ image }: Program): boolean {
  return /^v?1\./.test(image?.tag ?? '') || /(^|\/)((jaeger-)?all-in-one|jaeger-collector)$/.test(image?.repository ?? '');
}

function jaeger1({ container }: Program): QueryApi {
  const option = (name: string) => (container ? optionValues(container.args, name)[0] : undefined);
  const variable = (name: string) => (container?.env.has(name) ? { value: container.env.get(name)?.value } : undefined);
  const stated = variable('QUERY_BASE_PATH');
  const path = option('query.base-path') ?? (stated ? stated.value : container?.envOpen ? undefined : '');
  return {
    http: portOf(option('query.http-server.host-port') ?? variable('QUERY_HTTP_SERVER_HOST_PORT')?.value) ?? 16686,
    grpc: portOf(option('query.grpc-server.host-port') ?? variable('QUERY_GRPC_SERVER_HOST_PORT')?.value) ?? 16685,
    path: trimmed(path),
  };
}

function jaeger2({ config, whole, workload }: Program): QueryApi {
  if (!config) {
    // The configuration that is built in has no base path; a pod with ConfigMaps may well read another.
    const volumes = workload?.podSpec ? items(workload.object.json, ...workload.podSpec, 'volumes') : [];
    const builtIn = whole && !volumes.some((volume) => at(volume, 'configMap') !== undefined);
    return builtIn ? { http: 16686, grpc: 16685, path: '' } : { http: undefined, grpc: undefined, path: undefined };
  }
  const query = at(config.value, 'extensions', 'jaeger_query');
  return {
    http: portOf(text(query, 'http', 'endpoint')) ?? 16686,
    grpc: portOf(text(query, 'grpc', 'endpoint')) ?? 16685,
    path: trimmed(text(query, 'base_path') ?? ''),
  };
}

function tempo({ config, container }: Program): QueryApi {
  if (!config) return { http: undefined, grpc: undefined, path: undefined };
  const option = (name: string) => (container ? optionValues(container.args, name)[0] : undefined);
  const prefixes = [
    option('server.path-prefix') ?? text(config.value, 'server', 'http_path_prefix') ?? '',
    option('http-api-prefix') ?? text(config.value, 'http_api_prefix') ?? '',
  ].map(trimmed);
  return {
    // The default was 80 and 3100 in older releases.
    http: portOf(option('server.http-listen-port')) ?? number(config.value, 'server', 'http_listen_port'),
    grpc: portOf(option('server.grpc-listen-port')) ?? number(config.value, 'server', 'grpc_listen_port') ?? 9095,
    path: prefixes.includes(undefined) ? undefined : prefixes.join(''),
  };
}

function portOf(address: string | undefined): number | undefined {
  const port = /(\d+)$/.exec(address ?? '')?.[1];
  return port === undefined ? undefined : Number(port);
}

/** A path without a slash at its end; undefined when it is filled in elsewhere. */
function trimmed(path: string | undefined): string | undefined {
  return path === undefined || path.includes('$') ? undefined : path.replace(/\/+$/, '');
}
