import { isIP } from 'node:net';
import type {
  AuthorizationPolicySpecRulesFrom,
  AuthorizationPolicySpecRulesFromSource,
} from '../../../imports/security.istio.io.ts';
import { type Identity, type Layer, UserError } from '../../kit/index.ts';

/** All pods of a namespace that have an identity: a Layer itself, or `{ namespace: 'shop' }`. A Service is no sender. */
export type NamespaceSource =
  | Layer
  | { readonly namespace: Layer | string; readonly serviceAccount?: never; readonly selector?: never };

/** Addresses of the sender's connection, or of the client before all proxies (X-Forwarded-For): single ones, or CIDR ranges. */
export type AddressSource =
  | { readonly ipBlocks: readonly [string, ...string[]] }
  | { readonly remoteIpBlocks: readonly [string, ...string[]] };

/** Requests with a valid token: of any issuer that a JwtAuthentication knows, of one issuer, or of one subject of it. HTTP only. */
export type TokenSource = { readonly token: 'any' | { readonly issuer: string; readonly subject?: string } };

/**
 * Who sends. An identity is what the sender's certificate says, so it takes mutual TLS: a sender without a proxy has none.
 */
export type Source = Identity | NamespaceSource | AddressSource | TokenSource;

/** Everybody; everybody with an identity of the mesh; or any of a list. */
export type Sources = 'anyone' | 'authenticated' | Source | readonly [Source, ...Source[]];

type Field = 'principals' | 'namespaces' | 'ipBlocks' | 'remoteIpBlocks' | 'requestPrincipals';
type Fields = { readonly [F in Field]?: readonly string[] };

const negated: { readonly [F in Field]: keyof AuthorizationPolicySpecRulesFromSource } = {
  principals: 'notPrincipals',
  namespaces: 'notNamespaces',
  ipBlocks: 'notIpBlocks',
  remoteIpBlocks: 'notRemoteIpBlocks',
  requestPrincipals: 'notRequestPrincipals',
};

/** What renders senders needs to know. */
interface Context {
  readonly trustDomain: string;
  /** For messages. */
  readonly where: string;
}

/**
 * The `from` of a rule: one entry for each kind of sender, and in each of them who is not meant; undefined for anybody.
 *
 * Several identities of one ServiceAccount, as the versions of one app have, are one.
 *
 * @throws UserError when a list is empty, an identity has no ServiceAccount, or an address is malformed
 * @internal
 */
export function fromOf(
  from: Sources,
  notFrom: Sources | undefined,
  context: Context,
): AuthorizationPolicySpecRulesFrom[] | undefined {
  const one = fieldsOf(from, 'from', context);
  if (notFrom === 'anyone')
    throw new UserError(`notFrom of ${context.where} is 'anyone', which leaves nobody: name who is not meant`);
  const not = Object.fromEntries(
    entries(fieldsOf(notFrom ?? 'anyone', 'notFrom', context)).map(([field, values]) => [negated[field], values]),
  );
  const kinds = entries(one).map(([field, values]) => ({ [field]: values, ...not }));
  if (kinds.length > 0) return kinds.map((source) => ({ source }));
  return Object.keys(not).length > 0 ? [{ source: not }] : undefined;
}

/** Whether it takes HTTP to tell these senders. */
export function needsHttp(from: Sources | undefined): boolean {
  return listOf(from ?? 'anyone').some((one) => 'token' in one);
}

/** Whether these senders are told by more than their address. */
export function namesSenders(from: Sources | undefined): boolean {
  return from === 'authenticated' || listOf(from ?? 'anyone').some((one) => !('ipBlocks' in one || 'remoteIpBlocks' in one));
}

/** The principal of an identity, as Istio's certificates spell it (SPIFFE, without the scheme). */
function principalOf({ namespace, serviceAccount }: Identity, trustDomain: string): string {
  return `${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

function listOf(from: Sources): readonly Source[] {
  if (typeof from === 'string') return [];
  return isList(from) ? from : [from];
}

function isList(from: Source | readonly [Source, ...Source[]]): from is readonly [Source, ...Source[]] {
  return Array.isArray(from);
}

function fieldsOf(from: Sources, option: string, context: Context): Fields {
  if (from === 'anyone') return {};
  if (from === 'authenticated') return { principals: ['*'] };
  const list = listOf(from);
  if (list.length === 0) throw new UserError(`${option} of ${context.where} is empty: name somebody, or say 'anyone'`);
  const fields: { [F in Field]?: string[] } = {};
  for (const source of list) {
    const [field, values] = read(source, option, context);
    fields[field] = [...new Set([...(fields[field] ?? []), ...values])];
  }
  return fields;
}

function read(source: Source, option: string, { trustDomain, where }: Context): [Field, readonly string[]] {
  if ('ipBlocks' in source) return ['ipBlocks', checkAddresses(source.ipBlocks, where)];
  if ('remoteIpBlocks' in source) return ['remoteIpBlocks', checkAddresses(source.remoteIpBlocks, where)];
  if ('token' in source) return ['requestPrincipals', [requestPrincipal(source.token)]];
  const namespace = typeof source.namespace === 'string' ? source.namespace : source.namespace?.namespace;
  if (!namespace)
    throw new UserError(`${option} of ${where} holds somebody without a namespace: name workloads, layers or addresses`);
  if ('serviceAccount' in source && source.serviceAccount !== undefined) {
    if (source.serviceAccount === '')
      throw new UserError(`${option} of ${where} holds an identity of namespace '${namespace}' without a service account`);
    return ['principals', [principalOf({ namespace, serviceAccount: source.serviceAccount }, trustDomain)]];
  }
  if ('selector' in source) {
    throw new UserError(
      `${option} of ${where} holds pods or a service of namespace '${namespace}', which have no identity of their own: name the workload whose service account they run as`,
    );
  }
  return ['namespaces', [namespace]];
}

function requestPrincipal(token: TokenSource['token']): string {
  return token === 'any' ? '*' : `${token.issuer}/${token.subject ?? '*'}`;
}

function checkAddresses(blocks: readonly string[], where: string): readonly string[] {
  for (const block of blocks) checkAddress(block, where);
  return blocks;
}

/** @throws UserError when it is neither an IP address nor a CIDR range */
export function checkAddress(block: string, where: string): void {
  const [address = '', length, more] = block.split('/');
  const version = isIP(address);
  const fits = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128));
  if (version === 0 || !fits || more !== undefined) {
    throw new UserError(
      `address ${JSON.stringify(block)} of ${where}: allowed are IP addresses and CIDR ranges, e.g. '10.0.0.0/8'`,
    );
  }
}

function entries(fields: Fields): [Field, string[]][] {
  const order: readonly Field[] = ['principals', 'namespaces', 'requestPrincipals', 'ipBlocks', 'remoteIpBlocks'];
  return order.flatMap((field): [Field, string[]][] => {
    const values = fields[field];
    return values ? [[field, [...values]]] : [];
  });
}
