import {
  type KialiSpec,
  KialiSpecAuthStrategy,
  type KialiSpecExternalServicesGrafana,
  type KialiSpecExternalServicesGrafanaAuth,
  type KialiSpecExternalServicesTracing,
  KialiSpecExternalServicesTracingProvider,
  KialiSpecExternalServicesTracingTempoConfigUrlFormat,
  type KialiSpecServer,
  KialiSpecServerWebSchema,
} from '../../imports/kiali.io.ts';
import { browserUrl, type Exposed, type KialiTracingConfig, type Page, UserError } from '../kit/index.ts';
import { checkSecretKey } from '../kit/secret-key.ts';
import { subPathOf } from './grafana-settings.ts';
import { dashboardsForKiali } from './kiali-dashboards.ts';
import type { KialiConfigProps, KialiStrategy } from './kiali-props.ts';

/** Where Kiali's server listens (Kiali 2.29, server.port and server.observability.metrics.port). */
export const kialiPorts = { http: 20001, metrics: 9090 } as const;

const strategies: Readonly<Record<KialiStrategy, KialiSpecAuthStrategy>> = {
  anonymous: KialiSpecAuthStrategy.ANONYMOUS,
  token: KialiSpecAuthStrategy.TOKEN,
  openid: KialiSpecAuthStrategy.OPENID,
  header: KialiSpecAuthStrategy.HEADER,
  openshift: KialiSpecAuthStrategy.OPENSHIFT,
};

/** Where its pages begin. */
export const kialiPath = '/kiali';

/**
 * Kiali's configuration: the operator's resource takes it as it is, and the server reads the same in snake_case (Kiali 2.29).
 *
 * @param auth who gets in
 * @param namespace where the server runs
 * What browsers open is known once the pages are published: ask again at synth.
 *
 * @param page its own, once it is there
 * @param where the construct to name in an error
 * @throws UserError when links to Grafana or a login there are given without a Grafana, a link leads to a host of the cluster, a Secret's
 *   name is malformed, or Tempo is asked at two hosts
 * @internal
 */
export function kialiSpec(
  props: KialiConfigProps,
  auth: KialiStrategy,
  { namespace, page, where }: { readonly namespace: string; readonly page?: Page; readonly where: string },
): KialiSpec {
  if (props.links?.dashboards && !props.dashboards) {
    throw new UserError(`links.dashboards of '${where}' leads to a Grafana that Kiali does not know: hand it over as dashboards`);
  }
  if (props.dashboardsLogin && !props.dashboards)
    throw new UserError(`dashboardsLogin of '${where}' is for a Grafana that Kiali does not know: hand it over as dashboards`);
  if (props.dashboardsLogin) checkSecretKey(props.dashboardsLogin.password, `'${where}'`);
  const { mesh, metrics, viewOnly = true, customDashboards = 'on' } = props;
  return {
    auth: { strategy: strategies[auth] },
    deployment: { namespace, instanceName: 'kiali', clusterWideAccess: true, viewOnlyMode: viewOnly },
    externalServices: {
      customDashboards: { enabled: customDashboards === 'on' },
      grafana: grafana(props, where),
      istio: {
        rootNamespace: mesh.rootNamespace,
        // Kiali warns when it does not run.
        componentStatus: {
          enabled: true,
          components: [{ appLabel: 'istiod', isCore: true, isProxy: false, namespace: mesh.rootNamespace }],
        },
      },
      prometheus: { url: metrics.metrics.url },
      tracing: tracing(props, where),
    },
    server: {
      ...webAddress(page),
      port: kialiPorts.http,
      webRoot: kialiPath,
      observability: { metrics: { enabled: true, port: kialiPorts.metrics } },
    },
  };
}

/** Who logs in at an identity provider is sent back here (Kiali 2.29, server.web_fqdn, web_schema and web_port). */
function webAddress(page: Page | undefined): Pick<KialiSpecServer, 'webFqdn' | 'webSchema' | 'webPort'> {
  const url = page && browserUrl(page);
  if (url === undefined) return {};
  const { hostname, protocol, port } = new URL(url);
  const secure = protocol === 'https:';
  return {
    webFqdn: hostname,
    webSchema: secure ? KialiSpecServerWebSchema.HTTPS : KialiSpecServerWebSchema.HTTP,
    webPort: port === '' ? (secure ? '443' : '80') : port,
  };
}

function grafana({ dashboards, dashboardsLogin, links }: KialiConfigProps, where: string): KialiSpecExternalServicesGrafana {
  if (!dashboards) return { enabled: false };
  const { internal, page } = dashboards;
  const path = page ? subPathOf(page) : '';
  return {
    enabled: true,
    internalUrl: path === '' ? internal.url : internal.as('http', path).url,
    ...(dashboardsLogin ? { auth: basic(dashboardsLogin) } : {}),
    ...external(links?.dashboards, page, where),
    dashboards: dashboardsForKiali(dashboards.titles),
  };
}

/** `secret:NAME:KEY` is read by the operator; a server without one takes the password from a file instead. */
function basic({ user, password }: NonNullable<KialiConfigProps['dashboardsLogin']>): KialiSpecExternalServicesGrafanaAuth {
  return { type: 'basic', username: user, password: `secret:${password.secret}:${password.key}` };
}

function tracing({ tracing, links }: KialiConfigProps, where: string): KialiSpecExternalServicesTracing {
  if (!tracing) return { enabled: false };
  const config = tracing.toKialiTracing();
  return {
    enabled: true,
    ...(config.provider === 'tempo'
      ? tempo(config, where)
      : { provider: KialiSpecExternalServicesTracingProvider.JAEGER, useGrpc: config.useGrpc }),
    internalUrl: config.internal.url,
    ...external(links?.tracing, tracing.page, where),
  };
}

/** Tempo has no page: Kiali's links to a trace lead to its data source in Grafana, at Grafana's external URL (Kiali 2.17, url_format). */
function tempo(
  { internal, grpc, dataSourceUid }: KialiTracingConfig & { readonly provider: 'tempo' },
  where: string,
): KialiSpecExternalServicesTracing {
  if (grpc && grpc.host !== internal.host) {
    throw new UserError(
      `tracing of '${where}' is asked at ${internal.authority} and by gRPC at ${grpc.authority}: Kiali takes one host and two ports`,
    );
  }
  return {
    provider: KialiSpecExternalServicesTracingProvider.TEMPO,
    useGrpc: grpc !== undefined,
    ...(grpc ? { grpcPort: grpc.port } : {}),
    tempoConfig: {
      datasourceUid: dataSourceUid,
      // Grafana's first organization, the only one unless somebody makes another.
      orgId: '1',
      urlFormat: KialiSpecExternalServicesTracingTempoConfigUrlFormat.GRAFANA,
    },
  };
}

/** What is said wins over what is published. */
function external(link: Exposed | string | undefined, page: Page | undefined, where: string): { readonly externalUrl?: string } {
  const url = typeof link === 'object' ? link.url : (link ?? (page && browserUrl(page)));
  if (url === undefined) return {};
  if (/^\w+:\/\/[^/]+\.svc(\.[^/:]+)?(:\d+)?(\/|$)/.test(url)) {
    throw new UserError(
      `link ${url} of '${where}' leads to a host of the cluster, which no browser finds: publish the page, or give the address that people open`,
    );
  }
  return { externalUrl: url };
}
