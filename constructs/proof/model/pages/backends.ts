import { at, fields, text } from '../../json-path.ts';
import type { Spot } from '../../types.ts';
import type { Grafana } from './grafana.ts';
import type { Kiali } from './kiali.ts';

/** An address that a tool of the mesh calls. */
export interface BackendRef {
  /** Who calls: `data source "Jaeger"`, `Kiali's tracing`. */
  readonly what: string;
  readonly url: string;
  readonly at: Spot;
  /** Namespace of the caller: what a short host name means. */
  readonly namespace: string;
}

/** A host and port taken out of a URL. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Addresses of Grafana's data sources. Those that a browser calls are left out. */
export function dataSources({ sources }: Grafana): BackendRef[] {
  return sources.flatMap(({ name, type, url, namespace, spot }) =>
    url === undefined ? [] : [{ what: `data source "${name || type}"`, url, at: spot(['url']), namespace }],
  );
}

// Kiali 2.x; the keys with `in_cluster_url` are its old names, still read.
const KIALI_URLS: readonly {
  readonly what: string;
  readonly section: string;
  readonly keys: readonly string[];
  readonly off: boolean;
}[] = [
  { what: 'prometheus', section: 'prometheus', keys: ['url'], off: false },
  { what: 'grafana', section: 'grafana', keys: ['internal_url', 'in_cluster_url'], off: false },
  { what: 'tracing', section: 'tracing', keys: ['internal_url', 'in_cluster_url'], off: true },
  { what: 'perses', section: 'perses', keys: ['internal_url'], off: true },
];

/** Addresses of Kiali's backends. A backend that is switched off, or left to Kiali's default address, is none. */
export function kialiBackends(kialis: readonly Kiali[]): BackendRef[] {
  return kialis.flatMap(({ config, namespace, spot }) =>
    KIALI_URLS.flatMap(({ what, section, keys, off }) => {
      const settings = fields(config.value, 'external_services', section);
      if ((at(settings, 'enabled') ?? !off) === false) return [];
      const key = keys.find((one) => text(settings, one) !== undefined);
      const url = key === undefined ? undefined : text(settings, key);
      return key === undefined || url === undefined
        ? []
        : [{ what: `Kiali's ${what}`, url, at: spot([section, key]), namespace }];
    }),
  );
}

/** The host and port of a URL or of `host:port`; the scheme's port when none is stated. Undefined when it cannot be known, as with variables. */
export function addressOf(url: string): Address | undefined {
  const match = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:[^@/]*@)?([a-z0-9.-]+)(?::(\d+))?(?:[/?#]|$)/i.exec(url);
  const [, scheme = 'http', host, port] = match ?? [];
  if (host === undefined) return undefined;
  if (port !== undefined) return { host, port: Number(port) };
  if (scheme === 'http') return { host, port: 80 };
  return scheme === 'https' ? { host, port: 443 } : undefined;
}
