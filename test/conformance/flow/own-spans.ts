import type { StoredSpan } from './trace.ts';
import type { Walk } from './walk.ts';

/** The name that an app gives its own spans: its proxy's, without the namespace. */
export function appOf(service: string): string {
  return service.split('.')[0] ?? service;
}

/**
 * What keeps the apps' own spans from standing between those of their proxies. Nothing when, at each service, the app's server span is a
 * child of its proxy's server span, and the proxy's client span a child of the app's client span, which comes of the app's server span.
 */
export function ownSpanProblems(stored: readonly StoredSpan[], { services, spans }: Pick<Walk, 'services' | 'spans'>): string[] {
  return services.flatMap((service, i) => {
    const app = appOf(service);
    const own = stored.filter((span) => span.service === app);
    const proxy = (kind: 'client' | 'server') => spans.find((span) => span.service === service && span.kind === kind);
    const server = own.find(({ parentId, kind }) => kind === 'server' && parentId === proxy('server')?.id);
    if (!server) return [`no server span of ${app} is a child of the server span of its proxy ${service}`];
    if (i === services.length - 1) return [];
    const client = own.find(({ id }) => id === proxy('client')?.parentId);
    if (client?.kind !== 'client') return [`the client span of the proxy ${service} is not a child of a client span of ${app}`];
    return comesOf(client, server, own) ? [] : [`the client span of ${app} does not come of its server span`];
  });
}

function comesOf(span: StoredSpan, ancestor: StoredSpan, own: readonly StoredSpan[]): boolean {
  if (span.parentId === ancestor.id) return true;
  // Without the span itself: what a backend stores need not be a tree.
  const others = own.filter((one) => one !== span);
  const parent = others.find(({ id }) => id === span.parentId);
  return parent !== undefined && comesOf(parent, ancestor, others);
}
