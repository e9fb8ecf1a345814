import { pathOf } from '../http/match.ts';

/** One request as it arrives at pods. */
export interface ArrivingRequest {
  /** Whether the connection carries the sender's identity. */
  readonly identity: 'mutual' | 'none' | 'unknown';
  /** Undefined where it is not known who sends. */
  readonly namespace: string | undefined;
  readonly account: string | undefined;
  /** The pods' own port. */
  readonly port: number;
  readonly method: string | undefined;
  readonly path: string | undefined;
  /** The `Host` header. */
  readonly host: string | undefined;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Istio's patterns: whole, `prefix*`, `*suffix`, and `*` for whatever is there. */
export function valueMatches(pattern: string, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (pattern === '*') return value !== '';
  if (pattern.startsWith('*')) return value.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1));
  return value === pattern;
}

/** For headers `*` asks only whether there is one, be it empty (pilot/pkg/security/authz/matcher/header.go). */
export function headerMatches(pattern: string, value: string | undefined): boolean {
  return pattern === '*' ? value !== undefined : valueMatches(pattern, value);
}

/** A header as Envoy finds it: the parts of the request line have names that begin with a colon. */
export function headerOf({ method, path, host, headers }: ArrivingRequest, name: string): string | undefined {
  switch (name.toLowerCase()) {
    case ':method':
      return method;
    case ':path':
      return path;
    case ':authority':
    case 'host':
      return host;
    default:
      return headers.get(name.toLowerCase());
  }
}

/** Hosts are compared in any case. */
export function hostMatches(pattern: string, host: string | undefined): boolean {
  return host !== undefined && valueMatches(pattern.toLowerCase(), host.toLowerCase());
}

/** A path without its query; `{*}` stands for one segment and `{**}` for any number of them (Istio 1.22 on). */
export function pathMatches(pattern: string, path: string | undefined): boolean {
  if (path === undefined) return false;
  const plain = pathOf(path);
  if (!pattern.includes('{*}') && !pattern.includes('{**}')) return valueMatches(pattern, plain);
  const source = pattern
    .split(/(\{\*\*?\})/)
    .map((part) => (part === '{*}' ? '[^/]+' : part === '{**}' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`).test(plain);
}
