import type { k8s } from 'cdk8s-plus-27';
import type { ConfigFiles } from './config-files.ts';
import { UserError } from './user-error.ts';

/** Configuration files at a folder, or with `only` one of them at the path `at`. */
export interface FilesMount {
  readonly at: string;
  readonly files: ConfigFiles;
  readonly only?: string;
}

/** One key of an existing Secret, as the file `at/as`. */
export interface SecretMount {
  readonly at: string;
  readonly secret: string;
  readonly key: string;
  readonly as: string;
}

/** An empty folder that goes with the pod. */
export interface ScratchMount {
  readonly at: string;
  readonly scratch: 'disk' | 'memory';
}

/** Something mounted into the container. */
export type Mount = FilesMount | SecretMount | ScratchMount;

/** @internal */
export function volumeMount(mount: Mount): k8s.VolumeMount {
  const at = { name: volumeName(mount), mountPath: mount.at };
  if ('scratch' in mount) return at;
  return { ...at, readOnly: true, ...('files' in mount && mount.only ? { subPath: mount.only } : {}) };
}

/** One volume per ConfigMap, Secret key or folder, however often it is mounted. @internal */
export function volumes(mounts: readonly Mount[], path: string): k8s.Volume[] {
  const byName = new Map<string, { readonly mount: Mount; readonly volume: k8s.Volume }>();
  for (const mount of mounts) {
    const name = volumeName(mount);
    const volume = { name, ...source(mount) };
    const other = byName.get(name);
    if (other && JSON.stringify(other.volume) !== JSON.stringify(volume)) {
      throw new UserError(
        `mounts ${other.mount.at} and ${mount.at} of '${path}' would share the volume '${name}': give one another place or name`,
      );
    }
    byName.set(name, { mount, volume });
  }
  return [...byName.values()].map(({ volume }) => volume);
}

function source(mount: Mount): Omit<k8s.Volume, 'name'> {
  if ('files' in mount) return { configMap: { name: mount.files.name } };
  if ('secret' in mount) return { secret: { secretName: mount.secret, items: [{ key: mount.key, path: mount.as }] } };
  return { emptyDir: mount.scratch === 'memory' ? { medium: 'Memory' } : {} };
}

function volumeName(mount: Mount): string {
  const [kind, text] =
    'files' in mount
      ? ['config', mount.files.name]
      : 'secret' in mount
        ? ['secret', `${mount.secret}-${mount.key}`]
        : ['scratch', mount.at];
  const label = `${kind}-${text}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return label.slice(0, 63).replace(/-$/, '');
}
