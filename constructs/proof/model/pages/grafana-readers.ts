import { dirname } from 'node:path';
import { groupBy } from '../../group-by.ts';
import { at, items, text } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import type { ProofObject } from '../../types.ts';
import type { Workload } from '../workloads.ts';

/** A Grafana, as the one that reads a provisioning file. */
export interface GrafanaReader {
  /** The same for all files that one Grafana reads. */
  readonly id: string;
  /** Whether all its provisioning files are in the input. */
  readonly whole: boolean;
}

// What Grafana's charts and their sidecar (kiwigrid/k8s-sidecar) look for, unless told otherwise.
const SIDECAR_LABEL = 'grafana_datasource';
const CHARTS = new Set(['grafana', 'kube-prometheus-stack']);

/** Tells which Grafana reads the data sources of an object: the workload that mounts it, a chart's sidecar, or nobody known. */
export function grafanaReaders(
  objects: readonly ProofObject[],
  workloads: readonly Workload[],
): { of(object: ProofObject): GrafanaReader } {
  const mounters = mountersOf(workloads);
  const configMaps = new Set(
    objects.filter((one) => one.kind === 'ConfigMap').map(({ namespace, name }) => `${namespace}/${name}`),
  );
  const charts = chartReleases(objects).filter(({ chart }) => chart !== undefined && CHARTS.has(chart));
  const chartsIn = groupBy(charts, ({ namespace }) => namespace);
  const releaseOf = new Map(charts.map((release) => [release.object, release]));
  const of = (object: ProofObject): GrafanaReader => {
    const place = folderOf(object);
    const release = releaseOf.get(object);
    if (release) {
      const alone = chartsIn.get(release.namespace)?.length === 1;
      return { id: alone ? sidecar(place, release.namespace) : `${place} ${object.id}`, whole: false };
    }
    if (object.kind !== 'ConfigMap') return { id: `${place} ${object.id}`, whole: false };
    if (at(object.json, 'metadata', 'labels', SIDECAR_LABEL) !== undefined)
      return { id: sidecar(place, object.namespace), whole: false };
    const mounter = mounters.get(`${object.namespace}/${object.name}`)?.[0];
    if (!mounter) return { id: `${place} ${object.id}`, whole: false };
    return { id: `${place} ${mounter.object.id}`, whole: showsProvisioning(mounter, configMaps) };
  };
  return { of };
}

/** The folder of a plain file's object: files of two folders are most likely two environments. Empty in a synth. */
function folderOf({ origin }: ProofObject): string {
  return origin.construct === null && origin.file !== null ? dirname(origin.file) : '';
}

function sidecar(place: string, namespace: string): string {
  return `${place} sidecar of ${namespace}`;
}

function mountersOf(workloads: readonly Workload[]): Map<string, Workload[]> {
  const found = new Map<string, Workload[]>();
  for (const workload of workloads) {
    if (!workload.podSpec) continue;
    for (const volume of items(workload.object.json, ...workload.podSpec, 'volumes')) {
      const name = text(volume, 'configMap', 'name');
      if (name === undefined) continue;
      const key = `${workload.namespace}/${name}`;
      found.set(key, [...(found.get(key) ?? []), workload]);
    }
  }
  return found;
}

/** Whether whatever lies in a pod's provisioning folder comes from ConfigMaps of the input. */
function showsProvisioning({ object, podSpec = [], namespace }: Workload, configMaps: ReadonlySet<string>): boolean {
  const volumes = new Map(items(object.json, ...podSpec, 'volumes').map((volume) => [text(volume, 'name'), volume]));
  return items(object.json, ...podSpec, 'containers').every((container) =>
    items(container, 'volumeMounts').every((mount) => {
      const path = text(mount, 'mountPath') ?? '';
      if (!path.includes('provisioning') || /dashboards|alerting|notifiers|plugins/.test(path)) return true;
      const name = text(volumes.get(text(mount, 'name')), 'configMap', 'name');
      return name !== undefined && configMaps.has(`${namespace}/${name}`);
    }),
  );
}
