import { createHash } from 'node:crypto';
import { isObject, type Json, type JsonObject, type Page, type VolumeClaim } from '../../kit/index.ts';
import { sidecarMarks } from '../../kit/sidecar.ts';
import { type GrafanaAccess, type GrafanaSettings, grafanaSettings } from '../grafana-settings.ts';
import { scrapeInterval } from '../scrape.ts';
import { dashboardLabel } from './dashboard-config-maps.ts';

/** What the chart is told of its Prometheus. */
export interface PrometheusValues {
  readonly retention: string;
  readonly storage: Omit<VolumeClaim, 'name'> | undefined;
  readonly takesRemoteWrites: boolean;
  /** Where people open it; undefined where nothing publishes it. */
  readonly externalUrl: string | undefined;
  readonly resources: JsonObject;
}

/** Neither server ever joins the mesh, whatever becomes of its namespace. */
const outsideTheMesh = { ...sidecarMarks('never', '').labels };

/** `prometheus` of the chart's values (kube-prometheus-stack 88). */
export function prometheusValues(values: PrometheusValues): JsonObject {
  const { retention, storage, takesRemoteWrites, externalUrl, resources } = values;
  return {
    prometheusSpec: {
      // From a point of a graph to the trace behind it (Prometheus 3, feature flags).
      enableFeatures: ['exemplar-storage'],
      ...(takesRemoteWrites ? { enableRemoteWriteReceiver: true } : {}),
      // Alerts lead there; the API and the probes stay where they are.
      ...(externalUrl === undefined ? {} : { externalUrl, routePrefix: '/' }),
      podMetadata: { labels: outsideTheMesh },
      // Otherwise it takes what carries the label of its own release, and nothing else.
      podMonitorSelectorNilUsesHelmValues: false,
      probeSelectorNilUsesHelmValues: false,
      ruleSelectorNilUsesHelmValues: false,
      scrapeConfigSelectorNilUsesHelmValues: false,
      serviceMonitorSelectorNilUsesHelmValues: false,
      resources,
      retention,
      scrapeInterval,
      ...(storage
        ? {
            storageSpec: {
              volumeClaimTemplate: {
                spec: {
                  accessModes: ['ReadWriteOnce'],
                  resources: { requests: { storage: storage.size } },
                  ...(storage.storageClass === undefined ? {} : { storageClassName: storage.storageClass }),
                },
              },
            },
          }
        : {}),
    },
  };
}

/** What the chart is told of its Grafana. */
export interface GrafanaValues {
  readonly settings: GrafanaSettings & { readonly access: GrafanaAccess };
  readonly page: Page;
  /** Every data source, that of the stack's own Prometheus included. */
  readonly dataSources: readonly JsonObject[];
  readonly alerts: 'on' | 'off';
  readonly resources: JsonObject;
}

const admin = 'admin';

/** Where the chart's sidecar writes what it finds (chart grafana 12, sidecar.dashboards.folder). */
function dashboardFile(uid: string): string {
  return `/tmp/dashboards/${uid}.json`;
}

/** `grafana` of the chart's values (its sub-chart grafana 12). */
export function grafanaValues({ settings, page, dataSources, alerts, resources }: GrafanaValues): JsonObject {
  const { access, timeZone = 'browser' } = settings;
  const password = access.adminPassword;
  const env = Object.entries(grafanaSettings({ ...settings, page, fileOf: dashboardFile })).filter(
    (one): one is [string, string] => typeof one[1] === 'string',
  );
  const sources = dataSources.map(untemplated);
  return {
    ...(password ? { admin: { existingSecret: password.secret, passwordKey: password.key } } : {}),
    additionalDataSources: sources,
    defaultDashboardsTimezone: timeZone,
    env: { ...Object.fromEntries(env), ...(password ? { GF_SECURITY_ADMIN_USER: admin } : {}) },
    ...(password ? {} : { podAnnotations: { 'checksum/datasources': hash(sources) } }),
    podLabels: outsideTheMesh,
    resources,
    sidecar: {
      dashboards: {
        enabled: true,
        label: dashboardLabel.name,
        labelValue: dashboardLabel.value,
        searchNamespace: 'ALL',
        // Grafana looks into the folder by itself.
        skipReload: true,
      },
      datasources: {
        enabled: true,
        alertmanager: { enabled: alerts === 'on' },
        // It stands among the additional ones, where it is told of the others.
        defaultDatasourceEnabled: false,
        searchNamespace: 'ALL',
        // Data sources are read again when an admin asks; where nobody is one, they are there before Grafana starts.
        ...(password ? { env: { REQ_USERNAME: admin } } : { initDatasources: true, skipReload: true, watchMethod: 'LIST' }),
      },
    },
  };
}

/** The chart reads data sources as a Helm template. */
function untemplated(value: JsonObject): JsonObject {
  const literal = (one: Json): Json => {
    if (typeof one === 'string') return one.replaceAll('{{', '{{ `{{` }}');
    if (Array.isArray(one)) return one.map(literal);
    return isObject(one) ? untemplated(one) : one;
  };
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, literal(one)]));
}

function hash(value: Json): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
