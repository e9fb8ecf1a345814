export { type GrafanaDashboard, istioDashboards } from './dashboards/index.ts';
export { type DashboardServer, type ExistingGrafanaProps, Grafana, type GrafanaProps } from './grafana.ts';
export type { AnonymousRole, GrafanaAccess } from './grafana-settings.ts';
export { Kiali, type KialiProps } from './kiali.ts';
export type { KialiConfigProps } from './kiali-props.ts';
export { KialiResource, type KialiResourceProps } from './kiali-resource.ts';
export { type ExistingPrometheusProps, Prometheus, type PrometheusProps } from './prometheus.ts';
