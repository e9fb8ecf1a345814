import { drop, replace, set, without } from '../support/breakage.ts';
import { first, json, type ObservabilityBreakage, seen } from './observability-edits.ts';

/** Logs from the proxies to Loki, links between logs and traces, and what is scraped, in the stack `tempo`. */
export function logBreakages(): ObservabilityBreakage[] {
  const home = 'observability',
    g = `ConfigMap/${home}/grafana`,
    c = `ConfigMap/${home}/otel-collector`,
    l = `ConfigMap/${home}/loki`,
    ld = `Deployment/${home}/loki`,
    p = `ConfigMap/${home}/prometheus`;
  const ds = (u: string, r: string) => `data."datasources.yaml".datasources[uid=${u}]${r}`;
  const cc = (r: string) => `data."config.yaml".${r}`;
  const io = 'IstioOperator/istio-system/mesh-default',
    tel = 'Telemetry/istio-system/mesh-default';
  const als = 'spec.meshConfig.extensionProviders[name=access-log]';
  const job = (n: string, r: string) => `data."prometheus.yml".scrape_configs[job_name=${n}]${r}`;
  // biome-ignore format: one line each
  return [
    seen('TRC063', 'ConfigMap grafana', "did you mean \"lokii\"?", 'loki uid', set(g, ds('loki', '.uid'), 'lokii')),
    seen('TRC063', 'ConfigMap grafana', "name one of logs, prometheus, tempo", 'loki uid wholly', set(g, ds('loki', '.uid'), 'logs')),
    seen('TRC063', 'ConfigMap grafana', "did you mean \"loki\"?", 'tracesToLogs uid', set(g, ds('tempo', '.jsonData.tracesToLogsV2.datasourceUid'), 'lokki')),
    seen('TRC064', 'ConfigMap grafana', "did you mean \"loki\" (Loki)?", 'tracesToLogs uid prom', set(g, ds('tempo', '.jsonData.tracesToLogsV2.datasourceUid'), 'prometheus')),
    seen('TRC066', 'ConfigMap grafana', "write $${__trace.traceId}", 'tracesToLogs dollar', replace(g, ds('tempo', '.jsonData.tracesToLogsV2.query'), '$$', '$')),
    seen('TRC063', 'ConfigMap grafana', "did you mean \"tempo\"?", 'derived uid', set(g, ds('loki', '.jsonData.derivedFields[0].datasourceUid'), 'temop')),
    seen('TRC064', 'ConfigMap grafana', "did you mean \"tempo\" (Tempo)?", 'derived uid prom', set(g, ds('loki', '.jsonData.derivedFields[0].datasourceUid'), 'prometheus')),
    seen('TRC066', 'ConfigMap grafana', "write $${__value.raw}", 'derived dollar', set(g, ds('loki', '.jsonData.derivedFields[0].url'), '$' + '{__value.raw}')),
    seen('OBS024', 'ConfigMap grafana', "correct it: mind brackets and backslashes", 'derived regex bad', set(g, ds('loki', '.jsonData.derivedFields[1].matcherRegex'), 'trace_id=([0-9a-f]+')),
    seen('OBS024', 'ConfigMap grafana', "put the id in (...)", 'derived regex no group', set(g, ds('loki', '.jsonData.derivedFields[1].matcherRegex'), 'trace_id=[0-9a-f]+')),
    seen('OBS024', 'ConfigMap grafana', "it is label or regex", 'derived matcherType', set(g, ds('loki', '.jsonData.derivedFields[0].matcherType'), 'lable')),
    seen('REF008', 'ConfigMap grafana', "did you mean \"loki\"?", 'loki url host', set(g, ds('loki', '.url'), 'http://lokii.observability.svc.cluster.local:3100')),
    seen('REF008', 'ConfigMap grafana', "name one of its ports: 3100", 'loki url port', set(g, ds('loki', '.url'), 'http://loki.observability.svc.cluster.local:3200')),
    seen('OBS043', 'ConfigMap grafana', "use port 3100", 'loki url grpc port', set(g, ds('loki', '.url'), 'http://loki.observability.svc.cluster.local:9095')),
    seen('OBS043', 'ConfigMap grafana', "write \"http://loki.observability.svc.cluster.local:3100\"", 'loki url path', set(g, ds('loki', '.url'), 'http://loki.observability.svc.cluster.local:3100/loki')),
    seen('TRC064', 'ConfigMap grafana', "name a data source of that", 'loki type', set(g, ds('loki', '.type'), 'tempo')),
    seen('TRC064', 'ConfigMap grafana', "name a data source of that", 'loki type prometheus', set(g, ds('loki', '.type'), 'prometheus')),
    seen('TRC060', 'ConfigMap grafana', "correct the address", 'loki url is tempo', set(g, ds('loki', '.url'), 'http://tempo.observability.svc.cluster.local:3200')),
    seen('TRC063', 'ConfigMap grafana', "did you mean \"prometheus\"?", 'serviceMap uid', set(g, ds('tempo', '.jsonData.serviceMap.datasourceUid'), 'promtheus')),
    seen('TRC063', 'ConfigMap grafana', "did you mean \"prometheus\"?", 'tracesToMetrics uid', set(g, ds('tempo', '.jsonData.tracesToMetrics.datasourceUid'), 'promtheus')),
    seen('TRC001', 'Telemetry mesh-default', "did you mean \"access-logs\"?", 'provider name in mesh config', set(io, `${als}.name`, 'access-logs')),
    seen('TRC001', 'Telemetry mesh-default', "did you mean \"access-log\"?", 'provider name in Telemetry', set(tel, 'spec.accessLogging[0].providers[0].name', 'access-lgo')),
    seen('TRC002', 'IstioOperator mesh-default', "did you mean \"otel-collector\"?", 'provider service', set(io, `${als}.envoyOtelAls.service`, 'otel-colector.observability.svc.cluster.local')),
    seen('TRC002', 'IstioOperator mesh-default', "write \"otel-collector.observability.svc.cluster.local\"", 'provider service short', set(io, `${als}.envoyOtelAls.service`, 'otel-collector')),
    seen('TRC003', 'IstioOperator mesh-default', "name one of its ports: 8888", 'provider port', set(io, `${als}.envoyOtelAls.port`, 4319)),
    seen('OBS040', 'IstioOperator mesh-default', "send to the port of its", 'provider port http', set(io, `${als}.envoyOtelAls.port`, 4318)),
    seen('OBS040', 'IstioOperator mesh-default', "send to the port of its", 'provider port metrics', set(io, `${als}.envoyOtelAls.port`, 8888)),
    seen('OBS040', 'IstioOperator mesh-default', "send them to a collector with", 'provider to tempo', set(io, `${als}.envoyOtelAls.service`, 'tempo.observability.svc.cluster.local')),
    seen('OBS041', 'Service loki', "add appProtocol: grpc to the port", 'provider to loki', set(io, `${als}.envoyOtelAls.service`, 'loki.observability.svc.cluster.local'), set(io, `${als}.envoyOtelAls.port`, 3100)),
    seen('OBJ002', 'IstioOperator mesh-default', "did you mean \"logFormat\"?", 'provider field', json(io, '"logFormat"', '"logFormt"')),
    seen('OBJ002', 'IstioOperator mesh-default', "did you mean \"envoyOtelAls\"?", 'provider type', json(io, '"envoyOtelAls"', '"envoyOtelAsl"')),
    seen('TRC010', 'Telemetry mesh-default', "name one that traces: otel", 'provider in tracing', set(tel, 'spec.tracing[0].providers[0].name', 'access-log')),
    seen('OBS040', 'ConfigMap otel-collector', "add a pipeline logs with receivers:", 'logs pipeline gone', drop(c, cc('service.pipelines.logs'))),
    seen('OBS040', 'ConfigMap otel-collector', "add a pipeline logs with receivers:", 'logs pipeline gone and exporter', drop(c, cc('service.pipelines.logs')), drop(c, cc('exporters.otlp_http/loki'))),
    seen('TRC019', 'ConfigMap otel-collector', "did you mean \"logs\"?", 'pipeline renamed', first(c, 'config.yaml', '    logs:\n', '    log:\n')),
    seen('TRC019', 'ConfigMap otel-collector', "add receivers, or take the pipeline", 'receiver gone from pipeline', drop(c, cc('service.pipelines.logs.receivers[=otlp]'))),
    seen('TRC017', 'ConfigMap otel-collector', "did you mean \"otlp_http/loki\"?", 'exporter name in pipeline', set(c, cc('service.pipelines.logs.exporters[0]'), 'otlp_http/lokii')),
    seen('OBS042', 'ConfigMap otel-collector', "use otlp_http with endpoint: http://loki.observability.svc.cluster.local:3100/otlp", 'exporter path', set(c, cc('exporters.otlp_http/loki.endpoint'), 'http://loki.observability.svc.cluster.local:3100')),
    seen('OBS042', 'ConfigMap otel-collector', "use otlp_http with endpoint: http://loki.observability.svc.cluster.local:3100/otlp", 'exporter path push', set(c, cc('exporters.otlp_http/loki.endpoint'), 'http://loki.observability.svc.cluster.local:3100/loki/api/v1/push')),
    seen('OBS042', 'ConfigMap otel-collector', "use otlp_http with endpoint: http://loki.observability.svc.cluster.local:3100/otlp", 'exporter v1/logs', set(c, cc('exporters.otlp_http/loki.endpoint'), 'http://loki.observability.svc.cluster.local:3100/otlp/v1/logs')),
    seen('TRC027', 'ConfigMap otel-collector', "name one of its ports: 3100", 'exporter port', set(c, cc('exporters.otlp_http/loki.endpoint'), 'http://loki.observability.svc.cluster.local:3101/otlp')),
    seen('TRC027', 'ConfigMap otel-collector', "name one of its ports: 3100", 'exporter port 4318', set(c, cc('exporters.otlp_http/loki.endpoint'), 'http://loki.observability.svc.cluster.local:4318/otlp')),
    seen('OBS042', 'ConfigMap otel-collector', "use otlp_http with endpoint: http://loki.observability.svc.cluster.local:3100/otlp", 'exporter grpc port', set(c, cc('exporters.otlp_http/loki.endpoint'), 'http://loki.observability.svc.cluster.local:9095/otlp')),
    seen('TRC027', 'ConfigMap otel-collector', "did you mean \"loki\"?", 'exporter host', set(c, cc('exporters.otlp_http/loki.endpoint'), 'http://lokii.observability.svc.cluster.local:3100/otlp')),
    seen('TRC027', 'ConfigMap otel-collector', "write \"http://loki.observability.svc.cluster.local:3100/otlp\"", 'exporter no scheme', set(c, cc('exporters.otlp_http/loki.endpoint'), 'loki.observability.svc.cluster.local:3100/otlp')),
    seen('TRC017', 'ConfigMap otel-collector', "did you mean \"transform/proxies\"?", 'transform unknown processor', set(c, cc('service.pipelines.logs.processors[1]'), 'transform/proxy')),
    seen('TRC018', 'ConfigMap otel-collector', "name it in a pipeline under", 'transform dropped', drop(c, cc('service.pipelines.logs.processors[1]'))),
    seen('TRC023', 'ConfigMap otel-collector', "did you mean \"transform\"?", 'transform type', first(c, 'config.yaml', 'transform/proxies', 'transfrom/proxies')),
    seen('REF011', 'Deployment loki', "did you mean \"/etc/loki/loki.yaml\"?", 'loki config file', set(ld, 'spec.template.spec.containers[0].args[0]', '-config.file=/etc/loki/lok.yaml')),
    seen('REF011', 'Deployment loki', "add ConfigMap loki; there is grafana,", 'loki cm gone', without(l)),
    seen('REF012', 'Service loki', "did you mean app=loki?", 'loki svc selector', set('Service/observability/loki', 'spec.selector.app', 'lokii')),
    seen('TRC013', 'Service otel-collector', "add appProtocol: grpc to the port", 'collector svc appProtocol', set('Service/observability/otel-collector', 'spec.ports[name=grpc-otlp].appProtocol', 'http')),
    seen('OBS022', 'ConfigMap prometheus', "did you mean \"http-metrics\"?", 'scrape of collector port', set(p, job('observability/otel-collector', '.relabel_configs[1].regex'), 'http-metric')),
    seen('OBS022', 'ConfigMap prometheus', "did you mean \"otel-collector\"?", 'scrape of collector svc', set(p, job('observability/otel-collector', '.relabel_configs[0].regex'), 'otel-colector')),
    seen('OBS022', 'ConfigMap prometheus', "did you mean \"observability\"?", 'scrape of collector ns', set(p, job('observability/otel-collector', '.kubernetes_sd_configs[0].namespaces.names[0]'), 'observabilty')),
    seen('OBS022', 'ConfigMap prometheus', "did you mean \"http-from-spans\"?", 'scrape of spans port', set(p, job('observability/otel-collector-from-spans', '.relabel_configs[1].regex'), 'http-from-span')),
    seen('OBS022', 'ConfigMap prometheus', "did you mean \"otel-collector\"?", 'scrape of spans svc', set(p, job('observability/otel-collector-from-spans', '.relabel_configs[0].regex'), 'otel-colector')),
  ];
}
