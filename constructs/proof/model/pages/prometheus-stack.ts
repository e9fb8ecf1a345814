import { at, number, text } from '../../json-path.ts';
import type { ChartRelease } from '../../read/charts.ts';
import type { Path } from '../../types.ts';
import { fullName } from '../full-name.ts';
import { portNumbers } from '../installed.ts';
import { type Service, service } from '../services.ts';

const CHART = 'kube-prometheus-stack';

/** Values of kube-prometheus-stack that make Services besides those named here (chart 88 and its sub-charts). */
export const MORE_OF_STACK: readonly Path[] = [
  ['extraManifests'],
  ['thanosRuler', 'enabled'],
  ['windowsMonitoring', 'enabled'],
  ['prometheus', 'thanosService', 'enabled'],
  ['prometheus', 'thanosServiceExternal', 'enabled'],
  ['prometheus', 'servicePerReplica', 'enabled'],
  ['alertmanager', 'servicePerReplica', 'enabled'],
  ['prometheusOperator', 'admissionWebhooks', 'deployment', 'enabled'],
  ['grafana', 'imageRenderer', 'enabled'],
  ['grafana', 'mcpServer', 'enabled'],
  ['grafana', 'extraObjects'],
  ['kube-state-metrics', 'extraManifests'],
  ['prometheus-node-exporter', 'extraManifests'],
];

/** The Services of a release of kube-prometheus-stack, and those that its operator makes besides (chart 88 and its sub-charts). */
export function servicesOfPrometheusStack(release: ChartRelease): Service[] {
  const { object, namespace, partial } = release;
  const value = (...path: Path) => at(object.json, 'spec', 'values', ...path);
  const home = (...path: Path) => text(value(...path), 'namespaceOverride') ?? namespace;
  const stack = fullName(release, CHART, 26);
  const isOn = (key: string) => value(key, 'enabled') !== false && value(key, 'service', 'enabled') !== false;
  const made = (called: string, where: string, ports: readonly number[] | 'unknown') =>
    service(called, where, partial || ports === 'unknown' ? 'unknown' : portNumbers(ports), object);
  const port = (key: string, usual: number) => number(object.json, 'spec', 'values', key, 'service', 'port') ?? usual;
  const more = number(object.json, 'spec', 'values', 'prometheus', 'service', 'reloaderWebPort') ?? 8080;
  const subchart = (key: string, ports: readonly number[] | 'unknown') =>
    made(fullName(release, key, 63, [key]), home(key), ports);
  const own = text(value('alertmanager'), 'namespaceOverride') ?? home();
  return [
    ...(isOn('prometheus') ? [made(`${stack}-prometheus`, home(), [port('prometheus', 9090), more])] : []),
    ...(isOn('grafana') ? [subchart('grafana', [port('grafana', 80)])] : []),
    ...(isOn('alertmanager') ? [made(`${stack}-alertmanager`, own, 'unknown')] : []),
    ...(isOn('prometheusOperator') ? [made(`${stack}-operator`, home(), 'unknown')] : []),
    ...(isOn('kubeStateMetrics') ? [subchart('kube-state-metrics', 'unknown')] : []),
    ...(isOn('nodeExporter') ? [subchart('prometheus-node-exporter', 'unknown')] : []),
    // Where Grafana runs as a StatefulSet.
    ...(isOn('grafana') ? [made(`${fullName(release, 'grafana', 63, ['grafana'])}-headless`, home('grafana'), 'unknown')] : []),
    ...['prometheus', 'prometheus-agent', 'alertmanager'].map((one) =>
      made(`${one}-operated`, one === 'alertmanager' ? own : home(), 'unknown'),
    ),
  ];
}
