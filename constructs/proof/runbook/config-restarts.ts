import { items, strings, text } from '../json-path.ts';
import { reachOf } from '../model/reach/reach.ts';
import { templateOf, type Workload } from '../model/workloads.ts';
import type { RunbookFacts } from './facts.ts';
import { listed } from './markdown.ts';

/** What `kubectl rollout restart` restarts, as it calls it. */
export const RESTARTED: ReadonlyMap<string, string> = new Map([
  ['Deployment', 'deployment'],
  ['StatefulSet', 'statefulset'],
  ['DaemonSet', 'daemonset'],
]);

/** Programs that read their configuration from a ConfigMap: who starts them anew when it changes. */
export function configs({ model }: RunbookFacts): string[][] {
  const { pods } = reachOf(model);
  const inMesh = new Set(pods.filter(({ plane }) => plane === 'sidecar' || plane === 'ambient').map(({ object }) => object));
  const maps = new Set(model.kind('ConfigMap').map(({ namespace, name }) => `${namespace}/${name}`));
  const reading = model.workloads.filter(
    (one) =>
      !inMesh.has(one.object) &&
      RESTARTED.has(one.object.kind) &&
      configMapsOf(one).some((name) => maps.has(`${one.namespace}/${name}`)),
  );
  const marked = reading.filter(isMarked);
  const others = reading.filter((one) => !isMarked(one));
  const names = (all: readonly Workload[]) => listed(all.map(({ name }) => `\`${name}\``));
  const resources = model.objects.filter(({ kind, group }) => OPERATED.get(kind) === group);
  const collectors = resources.map(({ kind, name }) => `\`${kind}/${name}\``);
  const releases = model.objects.filter(({ kind, group }) => kind === 'HelmRelease' && group === 'helm.toolkit.fluxcd.io').length;
  return [
    ...(marked.length > 0 ? [[`configuration of ${names(marked)}`, 'its pods, by themselves: they carry a hash of it']] : []),
    ...others.map((one) => [
      `configuration of \`${one.name}\``,
      `\`kubectl -n ${one.namespace} rollout restart ${RESTARTED.get(one.object.kind)} ${one.name}\`, unless it reads files again`,
    ]),
    ...secrets(model.workloads),
    ...(collectors.length > 0 ? [[listed(collectors), 'its pods: the operator sees to it']] : []),
    ...(releases > 0 ? [['values of a HelmRelease', 'what the chart says: Flux upgrades it']] : []),
  ];
}

/** A pod has the variables that it started with, and no hash tells of a Secret: its value is not in the manifests. */
function secrets(workloads: readonly Workload[]): string[][] {
  return workloads.flatMap((one) => {
    const kind = RESTARTED.get(one.object.kind);
    const read = [...new Set(variableSecrets(one))].sort();
    if (kind === undefined || read.length === 0) return [];
    return [
      [
        `Secret ${listed(read.map((name) => `\`${name}\``))}, which \`${one.name}\` reads as variables`,
        `nothing by itself: \`kubectl -n ${one.namespace} rollout restart ${kind} ${one.name}\``,
      ],
    ];
  });
}

function variableSecrets({ object, podSpec }: Workload): string[] {
  if (!podSpec) return [];
  return ['initContainers', 'containers']
    .flatMap((key) => items(object.json, ...podSpec, key))
    .flatMap((container) => [
      ...items(container, 'env').flatMap((one) => text(one, 'valueFrom', 'secretKeyRef', 'name') ?? []),
      ...items(container, 'envFrom').flatMap((one) => text(one, 'secretRef', 'name') ?? []),
    ]);
}

const OPERATED: ReadonlyMap<string, string> = new Map([
  ['OpenTelemetryCollector', 'opentelemetry.io'],
  ['Kiali', 'kiali.io'],
  ['Grafana', 'grafana.integreatly.org'],
  ['Prometheus', 'monitoring.coreos.com'],
]);

/** Whether a change of its configuration changes its pods: an annotation holds a hash, as Helm and this library write it. */
function isMarked({ object }: Workload): boolean {
  const template = templateOf(object);
  if (!template) return false;
  return [...strings(object.json, ...template, 'metadata', 'annotations')].some(([key]) => /(hash|checksum|sha\d*)/i.test(key));
}

/** The ConfigMaps that the pods of a workload have as files. */
function configMapsOf({ object, podSpec }: Workload): string[] {
  if (!podSpec) return [];
  return items(object.json, ...podSpec, 'volumes').flatMap((volume) =>
    [volume, ...items(volume, 'projected', 'sources')].flatMap((one) => text(one, 'configMap', 'name') ?? []),
  );
}
