import { type Breakage, drop, push, replace, row, set, without } from '../support/breakage.ts';
import type { Stack } from './stacks.ts';

const sources = (rest: string) => `data."datasources.yaml".datasources${rest}`;
const container = 'spec.template.spec.containers[0]';

/** Grafana and Prometheus: data sources, their links, dashboards, what is scraped. */
export function grafanaBreakages({ home, layer, source }: Stack): Breakage[] {
  const grafana = `ConfigMap/${home}/grafana`;
  const prometheus = `ConfigMap/${home}/prometheus`;
  const server = `Deployment/${home}/prometheus`;
  const dashboard = `ConfigMap/${home}/grafana-dashboard-istio-mesh`;
  const at = `${layer}/grafana/config`;
  const metrics = (rest: string) => sources(`[uid=prometheus]${rest}`);
  // biome-ignore format: one line each
  return [
    row('REF008', at, 'Prometheus’ URL is misspelt', set(grafana, metrics('.url'), `http://prometeus.${home}:9090`)),
    row('REF008', at, 'Prometheus’ URL has the port of the pushgateway', set(grafana, metrics('.url'), `http://prometheus.${home}:9091`)),
    row('TRC060', at, 'the data source of metrics is of another type', set(grafana, metrics('.type'), 'tempo')),
    row('TRC062', at, 'the data source of metrics has a path', set(grafana, metrics('.url'), `http://prometheus.${home}:9090/prometheus`)),
    row('TRC065', at, 'a second default data source', push(grafana, sources(''), { name: 'Metrics', uid: 'metrics', type: 'prometheus', url: `http://prometheus.${home}:9090`, isDefault: true })),
    row('TRC065', at, 'a second data source with the same uid', push(grafana, sources(''), { name: 'Metrics', uid: 'prometheus', type: 'prometheus', url: `http://prometheus.${home}:9090` })),
    row('TRC065', at, 'a second data source with the same name', push(grafana, sources(''), { name: 'Prometheus', uid: 'metrics', type: 'prometheus', url: `http://prometheus.${home}:9090` })),
    row('OBJ011', at, 'the data sources are no YAML: a tab', replace(grafana, 'data."datasources.yaml"', '    uid: prometheus', '\tuid: prometheus')),
    row('OBJ011', at, 'the data sources are no YAML: a key twice', replace(grafana, 'data."datasources.yaml"', '    uid: prometheus', '    uid: prometheus\n    uid: prom')),
    row('TRC076', `${layer}/grafana/dashboard-istio-mesh`, 'a dashboard names a data source that is not there', set(dashboard, 'data."istio-mesh.json".panels[1].datasource', { type: 'prometheus', uid: 'promtheus' })),
    row('TRC076', `${layer}/grafana/dashboard-istio-mesh`, 'a dashboard is an export with a variable of grafana.com', set(dashboard, 'data."istio-mesh.json".panels[1].datasource', { type: 'prometheus', uid: '${' + 'DS_PROMETHEUS}' })),
    row('REF011', `${layer}/grafana/server`, 'the ConfigMap of the data sources is gone', without(grafana)),
    row('REF011', `${layer}/prometheus/server`, 'Prometheus’ ConfigMap is gone', without(prometheus)),
    row('REF011', `${layer}/prometheus/server`, 'Prometheus mounts a ConfigMap by another name', set(server, 'spec.template.spec.volumes[name=config-prometheus].configMap.name', 'prometheus-config')),
    row('REF011', `${layer}/prometheus/server`, 'Prometheus’ ServiceAccount is gone', without(`ServiceAccount/${home}/prometheus`)),
    row('REF011', `${layer}/grafana/server`, 'Grafana’s data lies on a claim that is not there', set(`Deployment/${home}/grafana`, 'spec.template.spec.volumes[name=scratch-var-lib-grafana]', { name: 'scratch-var-lib-grafana', persistentVolumeClaim: { claimName: 'grafana' } })),
    row('REF012', `${layer}/grafana/server`, 'Grafana’s Service selects no pods', set(`Service/${home}/grafana`, 'spec.selector.app', 'grafana-server')),
    row('REF016', `${layer}/prometheus/server`, 'Prometheus’ Service leads to a port of nobody', set(`Service/${home}/prometheus`, 'spec.ports[name=http].targetPort', 'web')),
    ...(source ? traceSource(source.uid, grafana, at, `${layer}/prometheus`, `Deployment/${home}/prometheus`, home) : []),
  ];
}

function traceSource(uid: string, grafana: string, at: string, prometheus: string, server: string, home: string): Breakage[] {
  const traces = (rest: string) => sources(`[uid=${uid}]${rest}`);
  const exemplars = sources('[uid=prometheus].jsonData.exemplarTraceIdDestinations');
  const link = traces('.jsonData.tracesToMetrics');
  const type = uid === 'tempo' ? 'jaeger' : 'tempo';
  // biome-ignore format: one line each
  return [
    row('REF008', at, 'the URL of the traces is misspelt', set(grafana, traces('.url'), `http://traces.${home}.svc:3200`)),
    row('REF008', at, 'the URL of the traces has a port of nobody', replace(grafana, 'data."datasources.yaml"', uid === 'jaeger' ? ':80/jaeger' : uid === 'tempo' ? ':3200' : ':9411', ':16687')),
    row('TRC060', at, 'the traces are looked for in Prometheus', set(grafana, traces('.url'), `http://prometheus.${home}:9090`)),
    row('TRC060', at, 'the traces are asked for in another backend’s language', set(grafana, traces('.type'), type)),
    row('TRC063', at, 'the traces’ metrics are in a data source that is not there', set(grafana, `${link}.datasourceUid`, 'prom')),
    row('TRC064', at, 'the traces’ metrics are in a data source of traces', set(grafana, `${link}.datasourceUid`, uid)),
    row('TRC063', at, 'exemplars lead to a data source that is not there', set(grafana, `${exemplars}[name=traceID].datasourceUid`, `${uid}-query`)),
    row('TRC064', at, 'exemplars lead to metrics', set(grafana, `${exemplars}[name=traceID].datasourceUid`, 'prometheus')),
    row('TRC063', at, 'the logs of a trace are in a Loki that nobody provisioned', set(grafana, traces('.jsonData.tracesToLogsV2'), { datasourceUid: 'elastic' })),
    row('TRC066', at, 'a link’s variable has one dollar', set(grafana, `${link}.queries[0].query`, 'sum(rate(istio_requests_total{$__tags}[5m]))')),
    row('TRC070', prometheus, 'Prometheus keeps no exemplars', drop(server, `${container}.args[=--enable-feature=exemplar-storage]`)),
    row('TRC063', at, 'the data source of the traces has lost its uid', drop(grafana, traces('.uid'))),
  ];
}

/** Kiali: what it asks, and where it links to. */
export function kialiBreakages({ home, layer, sink }: Stack): Breakage[] {
  const kiali = `ConfigMap/${home}/kiali`;
  const services = (rest: string) => `data."config.yaml".external_services.${rest}`;
  const at = `${layer}/kiali/config`;
  // biome-ignore format: one line each
  return [
    row('REF009', at, 'Kiali asks a Prometheus that is not there', set(kiali, services('prometheus.url'), `http://prometheus-server.${home}:9090`)),
    row('REF009', at, 'Kiali asks Prometheus at another port', set(kiali, services('prometheus.url'), `http://prometheus.${home}:80`)),
    row(sink.app === 'skywalking-oap' ? 'TRC061' : 'TRC060', at, 'Kiali asks the backend of the traces for metrics', set(kiali, services('prometheus.url'), `http://${sink.name}.${sink.namespace}:${sink.port}`)),
    row('TRC062', at, 'Kiali’s Prometheus has a path', set(kiali, services('prometheus.url'), `http://prometheus.${home}:9090/prometheus`)),
    row('TRC079', `${layer}/prometheus/config`, 'nobody scrapes the proxies, whose metrics Kiali shows', drop(`ConfigMap/${home}/prometheus`, 'data."prometheus.yml".scrape_configs[job_name=kubernetes-pods]')),
    row('REF009', at, 'Kiali asks a Grafana that is not there', set(kiali, services('grafana.internal_url'), `http://grafanna.${home}:3000`)),
    row('REF009', at, 'Kiali asks Grafana at the port of the chart', set(kiali, services('grafana.internal_url'), `http://grafana.${home}:80`)),
    row('TRC075', at, 'Kiali links to a dashboard of nearly the same title', set(kiali, services('grafana.dashboards[0].name'), 'Istio Mesh Dashbord')),
    row('TRC075', at, 'Kiali links to a dashboard that is not there', set(kiali, services('grafana.dashboards[0].name'), 'Istio Wasm Extension Dashboard')),
    row('TRC075', at, 'a dashboard that Kiali links to is gone', without(`ConfigMap/${home}/grafana-dashboard-istio-mesh`), drop(`Deployment/${home}/grafana`, 'spec.template.spec.volumes[name=config-grafana-dashboard-istio-mesh]'), drop(`Deployment/${home}/grafana`, 'spec.template.spec.containers[0].volumeMounts[name=config-grafana-dashboard-istio-mesh]')),
    row('OBJ011', at, 'Kiali’s configuration is no YAML', replace(kiali, 'data."config.yaml"', 'strategy: anonymous', 'strategy: [anonymous')),
    row('REF011', `${layer}/kiali/server`, 'Kiali’s ServiceAccount is gone', without(`ServiceAccount/${home}/kiali`)),
    row('REF011', `${layer}/kiali/server`, 'Kiali’s ConfigMap is gone', without(kiali)),
  ];
}

/** Kiali’s way to the traces, in the stacks whose backend it reads. */
export function kialiTraces({ home, layer, backend }: Stack): Breakage[] {
  const kiali = `ConfigMap/${home}/kiali`;
  const tracing = (rest: string) => `data."config.yaml".external_services.tracing.${rest}`;
  const at = `${layer}/kiali/config`;
  const jaeger = backend.app === 'jaeger';
  const url = (port: string) => set(kiali, tracing('internal_url'), `http://${jaeger ? 'tracing' : 'tempo'}.${home}:${port}`);
  // biome-ignore format: one line each
  return [
    row('REF009', at, 'Kiali asks for traces at a host that is not there', set(kiali, tracing('internal_url'), `http://jaeger-query.${home}:16685`)),
    row('REF009', at, 'Kiali asks for traces at a port that is not there', url('16686')),
    row('TRC060', at, 'Kiali takes the backend for another', set(kiali, tracing('provider'), jaeger ? 'tempo' : 'jaeger')),
    row('TRC060', at, 'Kiali takes the backend for Zipkin, which it cannot read', set(kiali, tracing('provider'), 'zipkin')),
    ...(jaeger
      ? [
          row('TRC073', at, 'Kiali asks by gRPC at the HTTP port', url('80/jaeger')),
          row('TRC073', at, 'Kiali asks by HTTP at the gRPC port', set(kiali, tracing('use_grpc'), false)),
          row('TRC062', at, 'Kiali asks by HTTP without the base path', set(kiali, tracing('use_grpc'), false), url('80')),
          row('TRC061', at, 'Kiali asks at the port for spans', set(kiali, tracing('internal_url'), `http://jaeger-collector.${home}:4317`)),
        ]
      : [
          row('TRC061', at, 'Kiali asks at the port for spans', url('4317')),
          row('TRC073', at, 'Kiali streams from a port that is not there', set(kiali, tracing('grpc_port'), 9096)),
          row('TRC063', at, 'Kiali’s links name a data source that is not there', set(kiali, tracing('tempo_config.datasource_uid'), 'tempo-1')),
          row('TRC064', at, 'Kiali’s links name a data source of metrics', set(kiali, tracing('tempo_config.datasource_uid'), 'prometheus')),
          row('TRC074', at, 'Kiali’s links name no data source', drop(kiali, tracing('tempo_config.datasource_uid'))),
          row('TRC074', at, 'Kiali’s links have no Grafana to go to', drop(kiali, 'data."config.yaml".external_services.grafana.external_url')),
        ]),
  ];
}
