import type { Rule } from '../../rule.ts';
import { queryType } from './trc060-query-type.ts';
import { queryPort } from './trc061-query-port.ts';
import { queryPath } from './trc062-query-path.ts';
import { sourceUid } from './trc063-source-uid.ts';
import { sourceKind } from './trc064-source-kind.ts';
import { sourceTwins } from './trc065-source-twins.ts';
import { dollar } from './trc066-dollar.ts';
import { serviceMap } from './trc067-service-map.ts';
import { metricsGenerator } from './trc068-metrics-generator.ts';
import { remoteWrite } from './trc069-remote-write.ts';
import { exemplars } from './trc070-exemplars.ts';
import { kialiTracingOff } from './trc071-kiali-tracing-off.ts';
import { dependencyGraph } from './trc072-dependency-graph.ts';
import { kialiGrpc } from './trc073-kiali-grpc.ts';
import { kialiTempoLinks } from './trc074-kiali-tempo-links.ts';
import { kialiDashboards } from './trc075-kiali-dashboards.ts';
import { dashboardSource } from './trc076-dashboard-source.ts';
import { spanMetrics } from './trc077-span-metrics.ts';
import { monitorSelected } from './trc078-monitor-selected.ts';
import { proxiesScraped } from './trc079-proxies-scraped.ts';
import { monitorSelects } from './trc090-monitor-selects.ts';
import { monitorPort } from './trc091-monitor-port.ts';
import { monitorMtls } from './trc092-monitor-mtls.ts';

/** What people look at: Grafana, Kiali, and the Prometheus between. */
export const pagesRules: readonly Rule[] = [
  ...[queryType, queryPort, queryPath, sourceUid, sourceKind, sourceTwins, dollar],
  ...[serviceMap, metricsGenerator, remoteWrite, exemplars],
  ...[kialiTracingOff, dependencyGraph, kialiGrpc, kialiTempoLinks, kialiDashboards],
  ...[dashboardSource, spanMetrics, monitorSelected, proxiesScraped],
  ...[monitorSelects, monitorPort, monitorMtls],
];
