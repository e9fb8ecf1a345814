import { type Endpoint, type EnvValue, type Mount, type SecretKey, UserError, type VolumeClaim } from '../kit/index.ts';

/** Who a tracing backend is to its database. Secrets are read from the backend's namespace. */
export interface Login {
  /** A name, or where it lies. */
  readonly username: string | SecretKey;
  /** Without '$$' and '${': Jaeger's configuration gives them a meaning. */
  readonly password: SecretKey;
}

/** A Java key store with the CAs to trust (PKCS#12 or JKS), for programs in Java: they read no PEM. */
export interface JavaTrustStore {
  readonly file: SecretKey;
  readonly password: SecretKey;
}

/** Servers of a database; one that answers is enough to begin with. */
export type Servers<P extends string> = readonly [Endpoint<P>, ...Endpoint<P>[]];

/** A disk of its own, which one pod can hold. */
export type Disk = Omit<VolumeClaim, 'name'>;

/** What a storage needs in the pod that uses it. */
export interface PodNeeds {
  readonly env?: Readonly<Record<string, EnvValue>>;
  readonly mounts?: readonly Mount[];
  /** Options of the Java virtual machine. */
  readonly java?: readonly string[];
}

/** Environment variables of a login. */
export function loginEnv(login: Login | undefined, username: string, password: string): Record<string, EnvValue> {
  return login ? { [username]: login.username, [password]: login.password } : {};
}

/**
 * Whether servers are reached by TLS.
 *
 * @param option the option that says whom to trust, when it is set
 * @param where the construct to name in an error
 * @throws UserError when some are and some are not, or the option is set and none is
 */
export function reachedByTls(servers: Servers<string>, option: string | undefined, where: string): boolean {
  const [{ tls, authority }] = servers;
  if (servers.some((s) => s.tls !== tls)) {
    throw new UserError(`servers of '${where}' are ${servers.map((s) => s.url).join(', ')}: reach all of them by TLS, or none`);
  }
  if (option !== undefined && !tls) {
    throw new UserError(
      `${option} of '${where}' is set, but ${authority} is not reached by TLS: say tls: true in its endpoint, or leave out ${option}`,
    );
  }
  return tls;
}

/** A key store as a file of the pod, at {@link trustStorePath}. */
export function trustStoreMount({ file: { secret, key } }: JavaTrustStore): Mount {
  return { at: '/etc/trust', secret, key, as: 'store' };
}

export const trustStorePath = '/etc/trust/store';

/** What the Java virtual machine needs to trust the CAs of a key store. */
export function javaTrust(store: JavaTrustStore | undefined): PodNeeds {
  if (!store) return {};
  return {
    env: { TRUST_STORE_PASSWORD: store.password },
    mounts: [trustStoreMount(store)],
    // Kubernetes fills in $(NAME) from a variable that stands before this one.
    java: [`-Djavax.net.ssl.trustStore=${trustStorePath}`, '-Djavax.net.ssl.trustStorePassword=$(TRUST_STORE_PASSWORD)'],
  };
}

/**
 * A duration as whole hours.
 *
 * @throws UserError when it is not a whole number, above 0, of hours, days or weeks
 */
export function hoursOf(duration: string, what: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([hdw])$/.exec(duration) ?? [];
  if (!count || !unit) {
    throw new UserError(
      `${what} is ${JSON.stringify(duration)}: allowed is a whole number above 0 with the unit h, d or w, e.g. '7d'`,
    );
  }
  return Number(count) * (unit === 'h' ? 1 : unit === 'd' ? 24 : 168);
}

/**
 * Checks the name of an index, keyspace or database: it becomes part of a configuration file.
 *
 * @throws UserError when it holds anything but letters, digits, '_' and, between them, '-'
 */
export function checkStoreName(name: string | undefined, what: string): void {
  if (name !== undefined && !/^[A-Za-z0-9_]([A-Za-z0-9_-]{0,46}[A-Za-z0-9_])?$/.test(name)) {
    throw new UserError(
      `${what} is ${JSON.stringify(name)}: allowed are letters, digits, '_' and '-', 48 at most, not beginning or ending with '-'`,
    );
  }
}

/**
 * Checks a number of traces, spans or copies.
 *
 * @throws UserError when it is not a whole number from 1
 */
export function checkCount(count: number | undefined, what: string): void {
  if (count !== undefined && (!Number.isSafeInteger(count) || count < 1)) {
    throw new UserError(`${what} is ${count}: allowed are whole numbers from 1`);
  }
}
