import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { ConfigFiles } from './config-files.ts';
import { checkDnsLabel, checkDnsSubdomain, namespaceOf } from './layer.ts';
import { checkSecretKey } from './secret-key.ts';
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

/** A disk that outlives the pod: a PersistentVolumeClaim, which one pod at a time may hold (ReadWriteOnce). */
export interface VolumeClaim {
  /** The claim's name. A DNS label. */
  readonly name: string;
  /** A Kubernetes quantity: '10Gi'. It can grow later where the storage class allows it, never shrink. */
  readonly size: string;
  /** @default the cluster's default storage class */
  readonly storageClass?: string;
}

/** A folder on a {@link VolumeClaim}, which is made with the workload. The pod's user may write there. */
export interface ClaimMount {
  readonly at: string;
  readonly claim: VolumeClaim;
}

/** Something mounted into the container. */
export type Mount = FilesMount | SecretMount | ScratchMount | ClaimMount;

/** Makes the claims among the mounts of a workload; tells whether there are any. @internal */
export function makeClaims(scope: Construct, mounts: readonly Mount[]): boolean {
  const claims = mounts.flatMap((m) => ('claim' in m ? [m.claim] : []));
  for (const { name, size, storageClass } of claims) {
    checkDnsLabel(name, `name of a volume claim of '${scope.node.path}'`);
    checkVolume(
      { size, ...(storageClass === undefined ? {} : { storageClass }) },
      `volume claim '${name}' of '${scope.node.path}'`,
    );
    new k8s.KubePersistentVolumeClaim(scope, `claim-${name}`, {
      metadata: { name, namespace: namespaceOf(scope) },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: k8s.Quantity.fromString(size) } },
        ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      },
    });
  }
  return claims.length > 0;
}

/**
 * Checks what a claim asks for.
 *
 * @param what whose it is, for messages
 * @throws UserError when the size is no quantity of whole bytes, or no storage class can be called so
 * @internal
 */
export function checkVolume({ size, storageClass }: Omit<VolumeClaim, 'name'>, what: string): void {
  if (!/^[1-9]\d*([KMGTPE]i?)$/.test(size)) {
    throw new UserError(
      `size of ${what} is ${JSON.stringify(size)}: allowed is a whole number with Mi, Gi or Ti, such as "10Gi"`,
    );
  }
  // '' is Kubernetes' way to say: none, a volume is there already.
  if (storageClass) checkDnsSubdomain(storageClass, `storageClass of ${what}`);
}

/** @internal */
export function volumeMount(mount: Mount): k8s.VolumeMount {
  const at = { name: volumeName(mount), mountPath: mount.at };
  if ('scratch' in mount || 'claim' in mount) return at;
  return { ...at, readOnly: true, ...('files' in mount && mount.only ? { subPath: mount.only } : {}) };
}

/** One volume per ConfigMap, Secret key or folder, however often it is mounted. @internal */
export function volumes(mounts: readonly Mount[], path: string): k8s.Volume[] {
  const byName = new Map<string, { readonly mount: Mount; readonly volume: k8s.Volume }>();
  for (const mount of mounts) {
    if ('secret' in mount) checkSecretKey(mount, `mount ${mount.at} of '${path}'`);
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
  if ('claim' in mount) return { persistentVolumeClaim: { claimName: mount.claim.name } };
  return { emptyDir: mount.scratch === 'memory' ? { medium: 'Memory' } : {} };
}

function volumeName(mount: Mount): string {
  const label = volumeLabel(mount)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  return label.slice(0, 63).replace(/-$/, '');
}

function volumeLabel(mount: Mount): string {
  if ('files' in mount) return `config-${mount.files.name}`;
  if ('secret' in mount) return `secret-${mount.secret}-${mount.key}`;
  if ('claim' in mount) return `claim-${mount.claim.name}`;
  return `scratch-${mount.at}`;
}
