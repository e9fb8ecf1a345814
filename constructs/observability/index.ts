export {
  type AlertOptions,
  alertsOf,
  type LatencyBucket,
  type ServiceObjective,
  type ServiceOfObjective,
} from './alerts/index.ts';
export {
  type DashboardLinks,
  type Dashboards,
  dashboardsOf,
  type GrafanaDashboard,
  istioDashboards,
  type OwnDashboard,
} from './dashboards/index.ts';
export { type DashboardServer, type ExistingGrafanaProps, Grafana, type GrafanaProps } from './grafana.ts';
export { GrafanaResources, type GrafanaResourcesProps } from './grafana-operator/grafana-resources.ts';
export type { AnonymousRole, GrafanaAccess, GrafanaSettings } from './grafana-settings.ts';
export { Kiali, type KialiProps } from './kiali.ts';
export { KialiOperator, type KialiOperatorProps } from './kiali-operator.ts';
export type { KialiConfigProps } from './kiali-props.ts';
export { type KialiAuth, type KialiIngress, type KialiOpenId, KialiResource, type KialiResourceProps } from './kiali-resource.ts';
export * from './loki/index.ts';
export { Monitors, type MonitorsProps } from './monitors/monitors.ts';
export {
  type PrometheusRule,
  type PrometheusRuleGroup,
  PrometheusRules,
  type PrometheusRulesProps,
} from './monitors/prometheus-rules.ts';
export { type ExistingPrometheusProps, Prometheus, type PrometheusProps } from './prometheus.ts';
export {
  DashboardConfigMaps,
  type DashboardConfigMapsProps,
  type StackGrafana,
} from './prometheus-stack/dashboard-config-maps.ts';
export {
  KubePrometheusStack,
  type KubePrometheusStackProps,
  type StackPrometheus,
} from './prometheus-stack/kube-prometheus-stack.ts';
