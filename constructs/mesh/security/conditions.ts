import type {
  AuthorizationPolicySpecRulesToOperation,
  AuthorizationPolicySpecRulesWhen,
} from '../../../imports/security.istio.io.ts';
import { UserError } from '../../kit/index.ts';
import { checkAddress } from './sources.ts';
import { type PodPort, portOf, type Target } from './target.ts';

/** What a request asks for. All that is given must hold; of each list, one. */
export interface Operation {
  /** Without query: '/admin', '/static/*', '*.png', '/users/{*}/cart', '/static/{**}'. HTTP only. @default any */
  readonly paths?: readonly [string, ...string[]];
  /** In capitals; always POST for gRPC. HTTP only. @default any */
  readonly methods?: readonly [string, ...string[]];
  /** The Host header, any case; '*.mesh.test'. HTTP only, and for gateways: a client in the mesh may send any. @default any */
  readonly hosts?: readonly [string, ...string[]];
  /** Container ports, by number or name; the Service's for `{ service }`. @default all; where a `deny` asks what only HTTP has: those that the pods declare, without TCP ones */
  readonly ports?: readonly [PodPort, ...PodPort[]];
}

/** What else can be asked of a request (Istio 1.30, authorization policy conditions). */
export type ConditionKey =
  | `request.headers[${string}]`
  | `request.auth.claims[${string}]`
  | 'request.auth.principal'
  | 'request.auth.audiences'
  | 'request.auth.presenter'
  | 'source.ip'
  | 'source.namespace'
  | 'source.principal'
  | 'remote.ip'
  | 'destination.ip'
  | 'destination.port'
  | 'connection.sni'
  | `experimental.envoy.filters.${string}`;

/** One more condition: one of the values, and none of `notValues`. */
export type Condition = { readonly key: ConditionKey } & (
  | { readonly values: readonly [string, ...string[]]; readonly notValues?: readonly [string, ...string[]] }
  | { readonly values?: never; readonly notValues: readonly [string, ...string[]] }
);

/** Values by name: `{ 'end-user': ['jason'] }`. All names must hold, each with one of its values; '*' is any. */
export type ValuesByName = Readonly<Record<string, readonly [string, ...string[]]>>;

/**
 * A rule's `to.operation`; undefined for any.
 *
 * @param where the rule, for messages
 * @param path the policy, for messages
 * @throws UserError when a list is empty, a port is none of the pods', or a path or method could never match
 * @internal
 */
export function operationOf(
  operation: Operation,
  not: Operation | undefined,
  target: Target,
  where: string,
  path: string,
): AuthorizationPolicySpecRulesToOperation | undefined {
  for (const one of [operation, not ?? {}]) checkOperation(one, where);
  const numbers = (ports: readonly PodPort[]) => [...new Set(ports.map((port) => `${portOf(target, port, path)}`))];
  const fields = {
    ...(operation.ports ? { ports: numbers(operation.ports) } : {}),
    ...(operation.methods ? { methods: [...operation.methods] } : {}),
    ...(operation.paths ? { paths: [...operation.paths] } : {}),
    ...(operation.hosts ? { hosts: [...operation.hosts] } : {}),
    ...(not?.ports ? { notPorts: numbers(not.ports) } : {}),
    ...(not?.methods ? { notMethods: [...not.methods] } : {}),
    ...(not?.paths ? { notPaths: [...not.paths] } : {}),
    ...(not?.hosts ? { notHosts: [...not.hosts] } : {}),
  };
  return Object.keys(fields).length > 0 ? fields : undefined;
}

/**
 * A rule's `when`; undefined for none.
 *
 * @throws UserError when a list is empty or holds an empty value, or an address or port is none
 * @internal
 */
export function whenOf(
  { headers = {}, claims = {}, when = [] }: { headers?: ValuesByName; claims?: ValuesByName; when?: readonly Condition[] },
  where: string,
): AuthorizationPolicySpecRulesWhen[] | undefined {
  const all: readonly Condition[] = [
    ...Object.entries(headers).map(([name, values]) => ({ key: `request.headers[${name}]`, values }) as const),
    ...Object.entries(claims).map(([name, values]) => ({ key: `request.auth.claims[${name}]`, values }) as const),
    ...when,
  ];
  for (const { key, values, notValues } of all) {
    if (key.endsWith('[]')) throw new UserError(`condition '${key}' of ${where} names nothing between its brackets`);
    for (const list of [values, notValues]) checkValues(list, `condition '${key}' of ${where}`);
    for (const value of [...(values ?? []), ...(notValues ?? [])]) checkValue(key, value, where);
  }
  if (all.length === 0) return undefined;
  return all.map(({ key, values, notValues }) => ({
    key,
    ...(values ? { values: [...values] } : {}),
    ...(notValues ? { notValues: [...notValues] } : {}),
  }));
}

/** Whether these conditions can be asked of HTTP alone. */
export function conditionNeedsHttp(key: ConditionKey): boolean {
  return key.startsWith('request.');
}

/** Whether an operation can be asked of HTTP alone. */
export function operationNeedsHttp({ paths, methods, hosts }: Operation): boolean {
  return paths !== undefined || methods !== undefined || hosts !== undefined;
}

function checkOperation({ paths, methods, hosts, ports }: Operation, where: string): void {
  for (const [option, list] of Object.entries({ paths, methods, hosts, ports }))
    checkValues(list?.map(String), `${option} of ${where}`);
  for (const method of methods ?? []) {
    if (!/^(\*|[A-Z*-]+)$/.test(method))
      throw new UserError(
        `method ${JSON.stringify(method)} of ${where} never matches: methods are written in capitals, e.g. 'GET'`,
      );
  }
  for (const path of paths ?? []) checkPath(path, where);
}

/** Istio 1.30, AuthorizationPolicy, Operation.paths: exact, prefix, suffix, presence, or the templates `{*}` and `{**}`. */
function checkPath(path: string, where: string): void {
  const what = `path ${JSON.stringify(path)} of ${where}`;
  if (!path.startsWith('/') && !path.startsWith('*'))
    throw new UserError(`${what} never matches: begin it with '/', or with '*' for an ending`);
  if (path.includes('?'))
    throw new UserError(`${what} never matches: istio compares the path without its query, leave '?' and the rest out`);
  const segments = path.replace(/^\/|\/$/g, '').split('/');
  const template = segments.some((one) => one === '{*}' || one === '{**}');
  const braces = segments.some((one) => /[{}]/.test(one) && one !== '{*}' && one !== '{**}');
  const rest = segments.slice(segments.indexOf('{**}') + 1);
  if (braces || (segments.includes('{**}') && rest.some((one) => one === '{*}' || one === '{**}')))
    throw new UserError(`${what}: allowed are '{*}' for one segment and '{**}', the last of them, for the rest`);
  const stars = path.split('*').length - 1;
  if (
    template
      ? segments.some((one) => /\*/.test(one.replace(/^\{\*\*?\}$/, '')))
      : stars > 1 || (stars === 1 && !/^\*|\*$/.test(path))
  )
    throw new UserError(`${what}: '*' stands at the beginning or the end, once; inside a path write '{*}'`);
}

function checkValue(key: ConditionKey, value: string, where: string): void {
  if (['source.ip', 'remote.ip', 'destination.ip'].includes(key)) checkAddress(value, `condition '${key}' of ${where}`);
  if (key === 'destination.port' && !(/^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 65535))
    throw new UserError(`value ${JSON.stringify(value)} of condition '${key}' of ${where} is no port: allowed is 1 to 65535`);
}

function checkValues(list: readonly string[] | undefined, what: string): void {
  if (list === undefined) return;
  if (list.length === 0) throw new UserError(`${what} is empty: name one value, or leave it out`);
  if (list.includes('')) throw new UserError(`${what} holds an empty value: '*' means any`);
}
