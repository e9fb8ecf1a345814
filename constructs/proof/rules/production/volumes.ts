import type { Json } from '../../../kit/json.ts';
import { at, items, text } from '../../json-path.ts';
import type { Workload } from '../../model/workloads.ts';

/**
 * Whether what a program writes to a path goes with its pod: on an `emptyDir`, or in the container's own file system.
 *
 * @returns how it is lost, for people; undefined when it is kept, or nobody can tell
 */
export function lostWithPod(workload: Workload | undefined, path: string): string | undefined {
  if (!workload?.podSpec) return undefined;
  const { object, podSpec } = workload;
  const mounts = items(object.json, ...podSpec, 'containers').flatMap((container) => items(container, 'volumeMounts'));
  const under = mounts.filter((mount) => covers(mount, path)).sort((a, b) => root(b).length - root(a).length)[0];
  if (!under) return 'the file system of its container';
  const volume = items(object.json, ...podSpec, 'volumes').find((one) => text(one, 'name') === text(under, 'name'));
  return at(volume, 'emptyDir') === undefined ? undefined : `an emptyDir (volume "${text(volume, 'name') ?? ''}")`;
}

function root(mount: Json): string {
  return (text(mount, 'mountPath') ?? '').replace(/\/+$/, '');
}

function covers(mount: Json, path: string): boolean {
  return text(mount, 'mountPath') !== undefined && (path === root(mount) || path.startsWith(`${root(mount)}/`));
}
