import { checkPort, type Json, type JsonObject, UserError } from '../../../kit/index.ts';

/** Where a Wasm module is pulled from. */
export type WasmSource =
  | {
      /** An OCI image with its registry, and with a tag or digest; `latest` is refused. */
      readonly image: string;
      /** Replaces the image's registry: a mirror's host, with port and path if need be: 'harbor.site.example/mirror'. @default the image's own */
      readonly registry?: string;
      /** A Secret of type kubernetes.io/dockerconfigjson in the pods' namespace. @default none */
      readonly pullSecret?: string;
      readonly download?: never;
    }
  | {
      /** A module by http or https. */
      readonly download: string;
      /** Of the module: 64 hexadecimal digits. It must be told, or the same manifests would run another program tomorrow. */
      readonly sha256: string;
      readonly image?: never;
    };

/** A Wasm module and how it runs. */
export type WasmModule = WasmSource & {
  /** The module's own configuration. @default none */
  readonly config?: JsonObject;
  /** The name that the module asks for, when one file holds several. @default none */
  readonly pluginName?: string;
  /** When the module cannot be loaded or crashes: `refuse` answers 5xx, `pass` goes on without it, `reload` starts it anew. @default 'refuse' */
  readonly onFailure?: 'refuse' | 'pass' | 'reload';
  /** Environment variables: a value, or `host` for the proxy's own variable of that name. @default none */
  readonly env?: Readonly<Record<string, { readonly value: string } | 'host'>>;
};

const strategies = { refuse: 'FAIL_CLOSE', pass: 'FAIL_OPEN', reload: 'FAIL_RELOAD' } as const;

/**
 * The fields that WasmPlugin and the `wasm` of a TrafficExtension share (Istio 1.30).
 *
 * @throws UserError when the image has no registry, no tag or digest or the tag `latest`, or a name, digest or address is misspelt
 */
export function wasmFields(module: WasmModule, where: string): JsonObject {
  const { config, pluginName, onFailure, env = {} } = module;
  if (pluginName === '' || (pluginName ?? '').length > 255)
    throw new UserError(`pluginName of ${where} has ${pluginName?.length} characters: allowed are 1 to 255`);
  const variables = Object.entries(env);
  for (const [name] of variables)
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name))
      throw new UserError(`env of ${where} names ${JSON.stringify(name)}: allowed are letters, digits and '_'`);
  for (const [name, from] of variables)
    if (from !== 'host' && from.value.length > 2048)
      throw new UserError(`env ${name} of ${where} has ${from.value.length} characters: allowed are 2048`);
  if (!hasNumbers(config))
    throw new UserError(`config of ${where} holds a number that is none: JSON knows neither NaN nor Infinity`);
  return {
    ...(module.image === undefined ? fromFile(module, where) : fromImage(module, where)),
    ...(config ? { pluginConfig: config } : {}),
    ...(pluginName === undefined ? {} : { pluginName }),
    ...(onFailure ? { failStrategy: strategies[onFailure] } : {}),
    ...(variables.length > 0
      ? {
          vmConfig: {
            env: variables.map(([name, from]) => (from === 'host' ? { name, valueFrom: 'HOST' } : { name, value: from.value })),
          },
        }
      : {}),
  };
}

/** Whether all numbers in it are numbers. */
function hasNumbers(json: Json | undefined): boolean {
  if (typeof json === 'number') return Number.isFinite(json);
  return typeof json !== 'object' || json === null || Object.values(json).every(hasNumbers);
}

function fromFile({ download, sha256 }: Extract<WasmSource, { download: string }>, where: string): JsonObject {
  if (!/^https?:\/\/[^\s/]+\/\S+$/.test(download))
    throw new UserError(
      `download of ${where} is ${JSON.stringify(download)}: allowed is an address with http or https and a path`,
    );
  if (!/^[a-f0-9]{64}$/.test(sha256))
    throw new UserError(`sha256 of ${where} is ${JSON.stringify(sha256)}: allowed are 64 hexadecimal digits in lower case`);
  return { url: download, sha256 };
}

function fromImage({ image, registry, pullSecret }: Extract<WasmSource, { image: string }>, where: string): JsonObject {
  const [, host, path, tag, digest] =
    /^([a-z0-9.-]+(?::\d+)?)\/([a-z0-9._/-]+)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@sha256:([a-f0-9]{64}))?$/.exec(image) ??
    [];
  if (!host || !path || !/[.:]|^localhost$/.test(host)) {
    throw new UserError(
      `image of ${where} is ${JSON.stringify(image)}: allowed is REGISTRY/PATH with a tag or digest, without scheme, e.g. 'ghcr.io/site/filter:1.0.0'`,
    );
  }
  if (!digest && (!tag || tag === 'latest')) {
    throw new UserError(
      `image of ${where} is ${JSON.stringify(image)}, which may be another program tomorrow: give it a tag other than 'latest', or a digest`,
    );
  }
  if (registry !== undefined) checkRegistry(registry, where);
  return {
    url: `oci://${registry ?? host}/${path}${tag ? `:${tag}` : ''}${digest ? `@sha256:${digest}` : ''}`,
    ...(pullSecret === undefined ? {} : { imagePullSecret: secretName(pullSecret, where) }),
  };
}

function checkRegistry(registry: string, where: string): void {
  const [, port] = /^[a-z0-9.-]+(?::(\d+))?(?:\/[a-z0-9._-]+)*$/.exec(registry) ?? [undefined, 'none'];
  if (port === 'none')
    throw new UserError(
      `registry of ${where} is ${JSON.stringify(registry)}: allowed is a host with port and path if need be, without scheme, e.g. 'harbor.site.example/mirror'`,
    );
  if (port !== undefined) checkPort(Number(port), `registry of ${where}`);
}

function secretName(name: string, where: string): string {
  if (!/^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name))
    throw new UserError(`pullSecret of ${where} is ${JSON.stringify(name)}: allowed are lower-case letters, digits, '-' and '.'`);
  return name;
}
