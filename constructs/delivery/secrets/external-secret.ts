import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { SecretKey } from '../../kit/capabilities.ts';
import { checkDuration } from '../../kit/duration.ts';
import { byCodeUnit } from '../../kit/json.ts';
import { checkDnsSubdomain, namespaceOf } from '../../kit/layer.ts';
import { checkSecretKey } from '../../kit/secret-key.ts';
import { UserError } from '../../kit/user-error.ts';

/** A store of the External Secrets operator that stands already: of the whole cluster, or of the layer's namespace. */
export interface SecretStore {
  /** A ClusterSecretStore serves every namespace, a SecretStore its own. */
  readonly kind: 'ClusterSecretStore' | 'SecretStore';
  /** The object's name. */
  readonly name: string;
}

/** Where one value lies in the store. */
export interface RemoteKey {
  /** The entry: 'site/grafana'. */
  readonly key: string;
  /** The field of an entry that has several. @default the whole entry */
  readonly property?: string;
}

/** Options of an {@link ExternalSecret}. */
export interface ExternalSecretProps<K extends string> {
  /** Where the values lie. */
  readonly store: SecretStore;
  /** Each key of the Secret, and where its value lies: at least one. */
  readonly keys: Readonly<Record<K, RemoteKey>>;
  /**
   * What kind of Secret is made: one for pulling images needs the key `.dockerconfigjson`, one for TLS `tls.crt` and `tls.key`.
   *
   * @default 'Opaque'
   */
  readonly type?: 'Opaque' | 'kubernetes.io/dockerconfigjson' | 'kubernetes.io/tls';
  /** Name of the Secret. @default the construct's id */
  readonly name?: string;
  /** How often the store is asked again: '15m'. @default '1h' */
  readonly refreshInterval?: string;
}

/** The keys that Kubernetes asks of each type. */
const neededKeys = {
  Opaque: [],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
} as const;

/**
 * A Secret that the External Secrets operator (external-secrets.io/v1) makes in the layer's namespace from a store of the site, such as Vault. The
 * output says where the values lie, never what they are.
 *
 * The operator and its store must stand already: its CRD is none of those that this library's layers bring.
 */
export class ExternalSecret<K extends string = string> extends Construct {
  /** Name of the Secret. */
  readonly secret: string;
  /** For JSON patches. */
  readonly object: ApiObject;
  private readonly keys: ReadonlySet<string>;

  /** @throws UserError for a name or key that is none for a Secret, no keys, and keys that the type needs */
  constructor(scope: Construct, id: string, props: ExternalSecretProps<K>) {
    super(scope, id);
    const { store, keys, type = 'Opaque', name = id, refreshInterval = '1h' } = props;
    const what = `external secret '${this.node.path}'`;
    const entries = Object.entries<RemoteKey>(keys).sort(([a], [b]) => byCodeUnit(a, b));
    this.secret = name;
    this.keys = new Set(Object.keys(keys));
    checkDnsSubdomain(store.name, `store of ${what}`);
    checkDuration(refreshInterval, `refreshInterval of ${what}`);
    if (entries.length === 0) throw new UserError(`${what} has no keys: name at least one`);
    for (const [key, { key: entry }] of entries) {
      checkSecretKey({ secret: name, key }, what);
      if (entry === '') throw new UserError(`key '${key}' of ${what} does not say where it lies: name the store's entry`);
    }
    const missing = neededKeys[type].filter((key) => !this.keys.has(key));
    if (missing.length > 0)
      throw new UserError(`${what} of type ${type} needs ${missing.join(' and ')}, it has ${[...this.keys].join(', ')}`);
    this.object = new ApiObject(this, 'secret', {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name, namespace: namespaceOf(this) },
      spec: {
        refreshInterval,
        secretStoreRef: { kind: store.kind, name: store.name },
        // Without `data` in the template the values go into the Secret as they are.
        target: { name, creationPolicy: 'Owner', ...(type === 'Opaque' ? {} : { template: { type } }) },
        data: entries.map(([secretKey, { key, property }]) => ({
          secretKey,
          remoteRef: { key, ...(property === undefined ? {} : { property }) },
        })),
      },
    });
  }

  /** One of its keys, to hand over. @throws UserError when it has no such key */
  key(name: K): SecretKey {
    if (!this.keys.has(name))
      throw new UserError(
        `external secret '${this.node.path}' has no key ${JSON.stringify(name)}: it has ${[...this.keys].join(', ')}`,
      );
    return { secret: this.secret, key: name };
  }
}
