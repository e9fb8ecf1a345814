import { at, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Match } from '../../model/reach/label-selector.ts';
import { type ArrivingRequest, valueMatches } from './authorization-values.ts';
import type { TokenPlaces } from './tokens.ts';

/** What a condition on the sender's identity is read with. */
export interface IdentityReader {
  readonly request: ArrivingRequest;
  /** That of the policy: an account without a namespace is one of it. */
  readonly namespace: string;
  /** The mesh's own and its aliases; undefined where no mesh config is there to tell. */
  readonly trustDomains: readonly string[] | undefined;
  readonly tokens: TokenPlaces;
}

const USUAL = 'cluster.local';

/** The trust domains of a mesh, its own first (mesh config `trustDomain`, `trustDomainAliases`). */
export function trustDomainsOf(model: Model): readonly string[] | undefined {
  const [mesh] = model.meshConfigs;
  if (!mesh) return undefined;
  const aliases = items(mesh.value, 'trustDomainAliases').flatMap((one) => (typeof one === 'string' ? [one] : []));
  return [text(at(mesh.value, 'trustDomain')) ?? USUAL, ...aliases];
}

/** Without mTLS there is no identity: what asks for one never holds. */
function known({ identity }: ArrivingRequest, match: Match): Match {
  if (identity === 'none') return 'no';
  return identity === 'unknown' ? 'maybe' : match;
}

/** A `*` stands for anything, wherever it is (pilot/pkg/security/authz/model/generator.go, srcNamespaceGenerator). */
export function namespaceIs(pattern: string, { request }: IdentityReader): Match {
  const { namespace } = request;
  return known(request, namespace === undefined ? 'maybe' : yes(globMatches(pattern, namespace)));
}

/** `NAMESPACE/ACCOUNT`, or an account of the policy's own namespace (generator.go, serviceAccountRegex). */
export function accountIs(pattern: string, { request, namespace }: IdentityReader): Match {
  const [first = '', second] = pattern.split('/');
  const [of, account] = second === undefined ? [namespace, first] : [first, second];
  if (request.namespace === undefined) return known(request, 'maybe');
  if (of !== request.namespace) return known(request, 'no');
  return known(request, request.account === undefined ? 'maybe' : yes(account === request.account));
}

/** TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT. */
export function principalIs(pattern: string, { request, trustDomains }: IdentityReader): Match {
  const { namespace, account } = request;
  if (pattern === '*') return known(request, 'yes');
  if (namespace === undefined) return known(request, 'maybe');
  const domains = trustDomains ?? [USUAL];
  if (pattern.startsWith('*') && account !== undefined)
    return known(request, yes(domains.some((one) => `${one}/ns/${namespace}/sa/${account}`.endsWith(pattern.slice(1)))));
  const start = pattern.indexOf('/ns/');
  if (start < 0) {
    if (pattern.startsWith('*')) return known(request, 'maybe');
    return known(request, yes(pattern.endsWith('*') && `${domains[0]}/`.startsWith(pattern.slice(0, -1))));
  }
  if (!isTrusted(pattern, start, trustDomains)) return known(request, 'no');
  const path = pattern.slice(start);
  if (account !== undefined) return known(request, yes(valueMatches(path, `/ns/${namespace}/sa/${account}`)));
  const ours = `/ns/${namespace}/sa/`;
  const stem = path.replace(/\*$/, '');
  if (path.endsWith('*') && ours.startsWith(stem)) return known(request, 'yes');
  return known(request, stem.startsWith(ours) ? 'maybe' : 'no');
}

/**
 * Whether a principal's trust domain can be the sender's: the mesh's own, and in a whole principal any alias of it and `cluster.local`,
 * which stands for all of them (pilot/pkg/security/trustdomain/bundle.go, ReplaceTrustDomainAliases).
 */
function isTrusted(pattern: string, end: number, trustDomains: readonly string[] | undefined): boolean {
  const domain = pattern.slice(0, end);
  if (trustDomains === undefined || domain.startsWith('*') || domain === trustDomains[0]) return true;
  return pattern.split('/').length === 5 && (domain === USUAL || trustDomains.includes(domain));
}

/** The trust domain alone; an alias stands for all of the mesh's (ExpandTrustDomainAliases). */
export function trustDomainIs(pattern: string, { request, trustDomains }: IdentityReader): Match {
  const [own = USUAL] = trustDomains ?? [];
  if (pattern === '*') return known(request, 'yes');
  if (trustDomains === undefined) return known(request, 'maybe');
  return known(request, yes(trustDomains.includes(pattern) || globMatches(pattern, own)));
}

function globMatches(pattern: string, value: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(value);
}

function yes(is: boolean): Match {
  return is ? 'yes' : 'no';
}
