import { isObject } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, fields, items, text } from '../../json-path.ts';
import { isFault, readYaml } from '../../read/yaml.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';
import { type Container, containersOf } from '../spans/containers.ts';
import type { Workload } from '../workloads.ts';

/** A volume of a container, where it lies in its file system. */
export interface PodMount {
  readonly path: string;
  /** The ConfigMap that fills it, where the input holds it. */
  readonly configMap: ProofObject | undefined;
  /** Whether files may lie there that the input does not show. */
  readonly open: boolean;
  readonly at: Spot;
}

/** A file in a container, out of a ConfigMap of the input. */
export interface PodFile {
  readonly path: string;
  readonly object: ProofObject;
  readonly key: string;
}

/** A folder that Grafana reads dashboards from. */
export interface DashboardProvider {
  readonly path: string;
  readonly at: Spot;
}

/** A Grafana as a plain workload. */
export interface GrafanaPod {
  readonly workload: Workload;
  readonly container: Container;
  readonly mounts: readonly PodMount[];
  readonly files: readonly PodFile[];
  readonly providers: readonly DashboardProvider[];
}

/** Every Grafana that the input shows the pods of. */
export const grafanaPods: (model: Model) => readonly GrafanaPod[] = remember((model) =>
  model.workloads.flatMap((workload) => {
    const container = containersOf(workload).find(({ image }) =>
      /(^|\/)grafana(-oss|-enterprise)?$/.test(image?.repository ?? ''),
    );
    if (!container) return [];
    const { mounts, files } = fileSystem(model, workload, (json) =>
      /(^|\/)grafana(-oss|-enterprise)?([:@]|$)/.test(text(json, 'image') ?? ''),
    );
    const providers = files
      .filter(({ path }) => /\/provisioning\/dashboards\/[^/]+\.ya?ml$/.test(path))
      .flatMap(({ object, key }) => providersIn(object, key));
    return [{ workload, container, mounts, files, providers }];
  }),
);

/** What lies in the file system of a container of a workload, as far as the input shows it. */
export function fileSystem(
  model: Model,
  { object, podSpec = [], namespace }: Workload,
  isIt: (container: Parameters<typeof text>[0]) => boolean,
): { readonly mounts: readonly PodMount[]; readonly files: readonly PodFile[] } {
  const maps = configMaps(model);
  const all = items(object.json, ...podSpec, 'containers');
  const index = all.findIndex(isIt);
  const volumes = new Map(items(object.json, ...podSpec, 'volumes').map((volume) => [text(volume, 'name'), volume]));
  const files: PodFile[] = [];
  const shared = (name: string | undefined) =>
    items(object.json, ...podSpec, 'initContainers').length > 0 ||
    all.some((one, i) => i !== index && items(one, 'volumeMounts').some((mount) => text(mount, 'name') === name));
  const mounts = items(all[index], 'volumeMounts').flatMap((mount, i): PodMount[] => {
    const path = text(mount, 'mountPath')?.replace(/\/+$/, '');
    if (path === undefined) return [];
    const volume = volumes.get(text(mount, 'name'));
    const name = text(volume, 'configMap', 'name');
    const configMap = name === undefined ? undefined : maps.get(`${namespace}/${name}`);
    if (configMap) files.push(...filesOf(configMap, path, text(mount, 'subPath'), items(volume, 'configMap', 'items')));
    const empty = at(volume, 'emptyDir') !== undefined && !shared(text(mount, 'name'));
    return [
      { path, configMap, open: !configMap && !empty, at: spotOf(object, [...podSpec, 'containers', index, 'volumeMounts', i]) },
    ];
  });
  return { mounts, files };
}

function filesOf(object: ProofObject, path: string, subPath: string | undefined, listed: ReturnType<typeof items>): PodFile[] {
  const named =
    listed.length > 0
      ? listed.map((one) => [text(one, 'path') ?? '', text(one, 'key') ?? ''] as const)
      : Object.keys(fields(object.json, 'data')).map((key) => [key, key] as const);
  return named.flatMap(([file, key]) => {
    if (subPath === undefined) return [{ path: `${path}/${file}`, object, key }];
    return file === subPath ? [{ path, object, key }] : [];
  });
}

const configMaps = remember(
  (model: Model) => new Map(model.kind('ConfigMap').map((one) => [`${one.namespace}/${one.name}`, one] as const)),
);

function providersIn(object: ProofObject, key: string): DashboardProvider[] {
  const source = text(object.json, 'data', key);
  const parsed = source === undefined ? undefined : readYaml(source);
  if (!parsed || isFault(parsed)) return [];
  const [document] = parsed;
  if (!document || !isObject(document.value)) return [];
  return items(document.value, 'providers').flatMap((one, i) => {
    const path = text(one, 'options', 'path')?.replace(/\/+$/, '');
    const inner: Path = ['providers', i, 'options', 'path'];
    // Variables of the environment are filled in when Grafana starts.
    if (path === undefined || path.includes('$') || !path.startsWith('/')) return [];
    const spot: Spot = {
      object,
      field: `data.${key}: providers[${i}].options.path`,
      line: () => object.origin.line(['data', key], document.line(inner) ?? 1),
    };
    return [{ path, at: spot }];
  });
}
