import { at, fields, items, text } from '../json-path.ts';
import type { Config } from '../read/config.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../types.ts';

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

/** Addresses of Grafana's data sources: provisioning files and GrafanaDatasource objects. Those that a browser calls are left out. */
export function dataSources(objects: readonly ProofObject[], configs: readonly Config[]): BackendRef[] {
  const provisioned = configs
    .filter((config) => config.kind === 'datasources')
    .flatMap(({ value, object, spot }) =>
      items(value, 'datasources').flatMap((source, i) => dataSource(source, spot(['datasources', i, 'url']), object.namespace)),
    );
  const resources = objects
    .filter((object) => object.group === 'grafana.integreatly.org' && object.kind === 'GrafanaDatasource')
    .flatMap((object) =>
      dataSource(at(object.json, 'spec', 'datasource'), spotOf(object, ['spec', 'datasource', 'url']), object.namespace),
    );
  return [...provisioned, ...resources];
}

function dataSource(source: Parameters<typeof text>[0], spot: Spot, namespace: string): BackendRef[] {
  const url = text(source, 'url');
  if (url === undefined || text(source, 'access') === 'direct') return [];
  return [{ what: `data source "${text(source, 'name') ?? text(source, 'type') ?? ''}"`, url, at: spot, namespace }];
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
export function kialiBackends(configs: readonly Config[]): BackendRef[] {
  return configs
    .filter((config) => config.kind === 'kiali')
    .flatMap(({ value, object, spot }) => {
      const namespace = text(value, 'deployment', 'namespace') ?? object.namespace;
      return KIALI_URLS.flatMap(({ what, section, keys, off }) => {
        const settings = fields(value, 'external_services', section);
        if ((at(settings, 'enabled') ?? !off) === false) return [];
        const key = keys.find((one) => text(settings, one) !== undefined);
        const url = key === undefined ? undefined : text(settings, key);
        if (key === undefined || url === undefined) return [];
        const path: Path = ['external_services', section, key];
        return [{ what: `Kiali's ${what}`, url, at: spot(path), namespace }];
      });
    });
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
