import { at, fields, items, number, text } from '../../json-path.ts';
import type { Config } from '../../read/config.ts';
import type { Path, Spot } from '../../types.ts';

/** A Kiali: a custom resource, its server's configuration, or values of its charts. */
export interface Kiali {
  readonly config: Config;
  /** Where its server runs: what a short host name means. */
  readonly namespace: string;
  readonly tracing: KialiTracing;
  readonly grafana: {
    /** Whether it links to Grafana at all. */
    readonly on: boolean;
    readonly externalUrl: string | undefined;
    /** The uid of the data source that its dashboards show. */
    readonly dataSource: { readonly uid: string; readonly at: Spot } | undefined;
    /** The dashboards it links to, by title. */
    readonly dashboards: readonly { readonly title: string; readonly at: Spot }[];
  };
  spot(path: Path): Spot;
}

/** How a Kiali reads traces (Kiali 2.29, `external_services.tracing`), with its defaults filled in. */
export interface KialiTracing {
  /** Undefined where it is not said: off. */
  readonly enabled: boolean | undefined;
  readonly provider: string;
  readonly providerAt: Spot;
  readonly useGrpc: boolean;
  readonly useGrpcAt: Spot;
  /** For Tempo: the port of the streaming search, on the host of `url`. */
  readonly grpcPort: number;
  readonly grpcPortAt: Spot;
  /** Undefined when left to Kiali's own default address. */
  readonly url: string | undefined;
  readonly urlAt: Spot;
  /** For Tempo: the uid of its data source in Grafana. */
  readonly dataSource: { readonly uid: string; readonly at: Spot } | undefined;
  /** For Tempo: whose pages its links lead to: `grafana`, `jaeger`, `openshift`. */
  readonly urlFormat: string;
  readonly at: Spot;
}

/** Reads every Kiali. */
export function kialisOf(configs: readonly Config[]): Kiali[] {
  return configs
    .filter((config) => config.kind === 'kiali')
    .map((config) => {
      const { value } = config;
      const spot = (path: Path) => config.spot(['external_services', ...path]);
      const grafana = fields(value, 'external_services', 'grafana');
      const uid = text(grafana, 'datasource_uid');
      return {
        config,
        namespace: text(value, 'deployment', 'namespace') ?? chartNamespace(config) ?? config.object.namespace,
        tracing: tracingOf(config, spot),
        grafana: {
          on: at(grafana, 'enabled') !== false,
          dataSource: uid === undefined ? undefined : { uid, at: spot(['grafana', 'datasource_uid']) },
          externalUrl: text(grafana, 'external_url') ?? text(grafana, 'url'),
          dashboards: items(grafana, 'dashboards').flatMap((one, i) => {
            const title = text(one, 'name');
            return title === undefined ? [] : [{ title, at: spot(['grafana', 'dashboards', i, 'name']) }];
          }),
        },
        spot,
      };
    });
}

function tracingOf({ value }: Config, spot: (path: Path) => Spot): KialiTracing {
  const tracing = fields(value, 'external_services', 'tracing');
  const place = (key: string) => spot(['tracing', key]);
  const enabled = at(tracing, 'enabled');
  const key = text(tracing, 'internal_url') === undefined ? 'in_cluster_url' : 'internal_url';
  const uid = text(tracing, 'tempo_config', 'datasource_uid');
  return {
    enabled: typeof enabled === 'boolean' ? enabled : undefined,
    provider: text(tracing, 'provider') ?? 'jaeger',
    providerAt: place('provider'),
    useGrpc: at(tracing, 'use_grpc') !== false,
    useGrpcAt: place('use_grpc'),
    grpcPort: number(tracing, 'grpc_port') ?? 9095,
    grpcPortAt: place('grpc_port'),
    url: text(tracing, key),
    urlAt: place(text(tracing, key) === undefined ? 'internal_url' : key),
    dataSource: uid === undefined ? undefined : { uid, at: spot(['tracing', 'tempo_config', 'datasource_uid']) },
    urlFormat: text(tracing, 'tempo_config', 'url_format') ?? 'grafana',
    at: spot(['tracing']),
  };
}

/** Where a chart's release puts Kiali, when it is not the release's own namespace. */
function chartNamespace({ object }: Config): string | undefined {
  if (object.kind !== 'HelmRelease') return undefined;
  return text(object.json, 'spec', 'values', 'cr', 'namespace') ?? text(object.json, 'spec', 'targetNamespace');
}
