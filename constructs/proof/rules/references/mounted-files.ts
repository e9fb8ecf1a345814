import { posix } from 'node:path';
import { nearest, suggest } from '../../../kit/nearest.ts';
import { fields, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { containersOf, optionValues } from '../../model/spans/containers.ts';
import type { Workload } from '../../model/workloads.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';

/** Files of ConfigMaps that lie in a pod elsewhere than they are looked for. */
export function misplacedFiles(model: Model): Fault[] {
  return model.workloads.flatMap((workload) => {
    const mounted = mountsOf(model, workload);
    return mounted.length === 0 ? [] : [...subPathFaults(mounted), ...(configFault(workload, mounted) ?? [])];
  });
}

interface Mounted {
  readonly path: string;
  readonly subPath: string | undefined;
  readonly map: ProofObject;
  readonly keys: readonly string[];
  readonly at: Fault['at'];
}

/** Every ConfigMap of the input that a container mounts as a whole: without `items` of its own. */
function mountsOf(model: Model, { object, podSpec, namespace }: Workload): Mounted[] {
  if (!podSpec) return [];
  const volumes = new Map(items(object.json, ...podSpec, 'volumes').map((one) => [text(one, 'name'), one]));
  return items(object.json, ...podSpec, 'containers').flatMap((container, i) =>
    items(container, 'volumeMounts').flatMap((mount, j): Mounted[] => {
      const volume = volumes.get(text(mount, 'name'));
      const name = text(volume, 'configMap', 'name');
      const path = text(mount, 'mountPath');
      const [map, other] = model.kind('ConfigMap').filter((one) => one.namespace === namespace && one.name === name);
      if (!map || other || path === undefined || items(volume, 'configMap', 'items').length > 0) return [];
      const keys = ['data', 'binaryData'].flatMap((section) => Object.keys(fields(map.json, section)));
      const at = spotOf(object, [...podSpec, 'containers', i, 'volumeMounts', j]);
      return keys.length === 0 ? [] : [{ path: path.replace(/\/+$/, ''), subPath: text(mount, 'subPath'), map, keys, at }];
    }),
  );
}

function subPathFaults(mounted: readonly Mounted[]): Fault[] {
  return mounted.flatMap(({ subPath, keys, map, at }) =>
    subPath === undefined || subPath.includes('$') || keys.includes(subPath)
      ? []
      : [
          {
            at,
            message: `mounts ${subPath} of ${map.id}, which has no such key: an empty folder lies there instead`,
            hint: suggest(subPath, keys, `add key ${subPath} to it`),
          },
        ],
  );
}

const PROGRAMS = /(^|\/)(prometheus|loki)$/;

/** A Prometheus or Loki whose configuration lies in its pod, but not where it is told to look. */
function configFault(workload: Workload, mounted: readonly Mounted[]): Fault[] | undefined {
  const container = containersOf(workload).find(({ image }) => PROGRAMS.test(image?.repository ?? ''));
  const [path, other] = container ? optionValues(container.args, 'config.file') : [];
  if (!container || path === undefined || other !== undefined || path.includes('$')) return undefined;
  const files = mounted.flatMap((one) =>
    one.subPath === undefined ? one.keys.map((key) => `${one.path}/${key}`) : one.keys.includes(one.subPath) ? [one.path] : [],
  );
  // An image brings a file of its own, and other volumes may hold one.
  const meant = files.find((file) => posix.basename(file) === posix.basename(path)) ?? nearest(path, files);
  if (files.includes(path) || meant === undefined) return undefined;
  return [
    {
      at: container.argsAt,
      message: `names the configuration file ${path}, but it lies at ${meant}`,
      hint: `did you mean "${meant}"?`,
      cause: `configuration of ${workload.object.id}`,
    },
  ];
}
