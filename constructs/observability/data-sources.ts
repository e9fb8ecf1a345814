import {
  type DataSource,
  type DataSourceLinks,
  type GrafanaSource,
  isObject,
  type Json,
  type JsonObject,
  UserError,
} from '../kit/index.ts';

/**
 * Grafana's provisioning file of data sources (Grafana 13, provisioning/datasources). The first source of metrics is the default one.
 * Each source is told of the others, so that people get from a trace to its metrics and logs, and back.
 *
 * @param where the construct to name in an error
 * @throws UserError when two sources have one uid or one name
 */
export function dataSourcesFile(sources: readonly GrafanaSource[], where: string): JsonObject {
  return { apiVersion: 1, datasources: provisioned(sources, where) };
}

/**
 * The entries of such a file.
 *
 * @param where the construct to name in an error
 * @throws UserError when two sources have one uid or one name
 */
export function provisioned(sources: readonly GrafanaSource[], where: string): JsonObject[] {
  return linkedSources(sources, where).map(({ source, isDefault }) => ({
    name: source.name,
    uid: source.uid,
    type: source.type,
    access: 'proxy',
    url: literal(source.url),
    isDefault,
    editable: false,
    ...(source.jsonData ? { jsonData: literal(source.jsonData) } : {}),
  }));
}

/**
 * Sources of one Grafana, each told of the others; the first source of metrics is the default one.
 *
 * @param where the construct to name in an error
 * @throws UserError when two sources have one uid or one name
 */
export function linkedSources(
  sources: readonly GrafanaSource[],
  where: string,
): { readonly source: DataSource; readonly isDefault: boolean }[] {
  const alone = sources.map((s) => s.toDataSource());
  for (const one of alone) checkUid(one, where);
  for (const key of ['uid', 'name'] as const) refuseTwins(alone, key, where);
  const links = { ...linksAmong(alone), ...serviceGraphAmong(sources, alone) };
  const found = sources.map((s) => s.toDataSource(links));
  const main = found.find((s) => s.type === 'prometheus') ?? found[0];
  return found.map((source) => ({ source, isDefault: source === main }));
}

/** The first source of each kind, by uid. */
function linksAmong(sources: readonly DataSource[]): DataSourceLinks {
  const first = (...types: readonly DataSource['type'][]) =>
    types.flatMap((type) => sources.find((s) => s.type === type)?.uid ?? [])[0];
  const [metrics, traces, logs] = [first('prometheus'), first('tempo', 'jaeger', 'zipkin'), first('loki')];
  return { ...(metrics ? { metrics } : {}), ...(traces ? { traces } : {}), ...(logs ? { logs } : {}) };
}

/** Where a service graph is drawn from: the first store of metrics, unless it is known that nobody makes them. */
function serviceGraphAmong(sources: readonly GrafanaSource[], alone: readonly DataSource[]): DataSourceLinks {
  const i = alone.findIndex(({ type }) => type === 'prometheus');
  const [store, source] = [sources[i], alone[i]];
  if (!store || !source) return {};
  const made = sources.some(({ watched = [] }) =>
    watched.some((one) => one.is !== 'mesh' && one.makes?.includes('service-graph')),
  );
  return made || store.watched === undefined ? { serviceGraph: source.uid } : {};
}

/** Grafana 13, uids of data sources: they are part of addresses. */
function checkUid({ uid, name }: DataSource, where: string): void {
  if (/^[a-zA-Z0-9_-]{1,40}$/.test(uid)) return;
  throw new UserError(
    `uid of data source '${name}' of '${where}' is ${JSON.stringify(uid)}: allowed are up to 40 letters, digits, '-' and '_'`,
  );
}

function refuseTwins(sources: readonly DataSource[], key: 'uid' | 'name', where: string): void {
  for (const [i, source] of sources.entries()) {
    const twin = sources.slice(0, i).find((s) => s[key] === source[key]);
    if (twin) {
      throw new UserError(
        `data sources ${twin.url} and ${source.url} of '${where}' have the same ${key} '${source[key]}': keep one, or hand one over under another ${key}, '{ toDataSource: (links) => ({ ...source.toDataSource(links), ${key}: ... }) }'`,
      );
    }
  }
}

/** Grafana replaces `$NAME` in provisioning files by environment variables; `$$` is a dollar sign. */
function literal(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(literal);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, literal(v)]));
  return value;
}
