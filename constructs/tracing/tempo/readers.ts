import type { DataSource, DataSourceLinks, Endpoint, KialiTracingConfig } from '../../kit/index.ts';
import { traceLinks } from '../data-source-links.ts';

/** Grafana 13, data source tempo. The service map is drawn from metrics, so it needs the store that holds them. @internal */
export function tempoDataSource(
  query: Endpoint<'http'>,
  named: { readonly uid: string; readonly name: string },
  links: DataSourceLinks = {},
): DataSource {
  return {
    ...named,
    type: 'tempo',
    url: query.url,
    jsonData: {
      ...traceLinks(links),
      ...(links.serviceGraph === undefined ? {} : { serviceMap: { datasourceUid: links.serviceGraph } }),
      search: { hide: false },
      // Streaming needs HTTP/2 all the way from the browser; a plain query answers as well.
      streamingEnabled: { search: false, metrics: false },
    },
  };
}

/** Kiali 2.29, external_services.tracing. By gRPC only where its port is known: it then asks the same host. @internal */
export function tempoKialiTracing(
  query: Endpoint<'http'>,
  grpcQuery: Endpoint<'grpc'> | undefined,
  dataSourceUid: string,
): KialiTracingConfig {
  return { provider: 'tempo', internal: query, dataSourceUid, ...(grpcQuery ? { grpc: grpcQuery } : {}) };
}
