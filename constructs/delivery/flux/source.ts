import { GitRepository, OciRepository } from '../../../imports/source.toolkit.fluxcd.io.ts';
import { checkDuration } from '../../kit/duration.ts';
import type { JsonObject } from '../../kit/json.ts';
import { checkDnsSubdomain } from '../../kit/layer.ts';
import { UserError } from '../../kit/user-error.ts';

/** What sources of both kinds can be told. */
interface SourceOptions {
  /** Name of the source in the cluster: two stacks that name the same one share it. @default the delivery's name */
  readonly name?: string;
  /** How often Flux looks for something new: '30s', '5m'. @default '1m' */
  readonly interval?: string;
}

/** Which state of a git repository is delivered: exactly one of a branch's head, a tag, the highest tag of a range, a commit. */
export type GitReference =
  | { readonly branch: string; readonly tag?: never; readonly semver?: never; readonly commit?: never }
  | { readonly tag: string; readonly branch?: never; readonly semver?: never; readonly commit?: never }
  | { readonly semver: string; readonly branch?: never; readonly tag?: never; readonly commit?: never }
  | {
      /** All 40 hex digits. */
      readonly commit: string;
      readonly branch?: never;
      readonly tag?: never;
      readonly semver?: never;
    };

/** Options of {@link gitRepository}. */
export type GitRepositoryOptions = SourceOptions &
  GitReference & {
    /** 'https://git.site.example/team/mesh' or 'ssh://git@git.site.example/team/mesh'. Without credentials. */
    readonly url: string;
    /**
     * An existing Secret in the delivery's namespace: `username` and `password`, or `bearerToken`, and `ca.crt` for a private CA; for ssh
     * `identity` and `known_hosts`. @default the repository is public
     */
    readonly secret?: string;
  };

/** Which version of an OCI artifact is delivered: exactly one of a tag, the highest tag of a range, a digest. */
export type OciReference =
  | { readonly tag: string; readonly semver?: never; readonly digest?: never }
  | { readonly semver: string; readonly tag?: never; readonly digest?: never }
  | {
      /** 'sha256:…' */
      readonly digest: string;
      readonly tag?: never;
      readonly semver?: never;
    };

/** Options of {@link ociRepository}. */
export type OciRepositoryOptions = SourceOptions &
  OciReference & {
    /** 'oci://harbor.site.example/mesh/manifests': without tag, without credentials. */
    readonly url: string;
    /** An existing Secret of type `kubernetes.io/dockerconfigjson` in the delivery's namespace. @default the registry needs no login */
    readonly secret?: string;
    /** An existing Secret in the delivery's namespace with the registry's CA as `ca.crt`. @default the CAs of Flux's image */
    readonly ca?: string;
  };

/** A source that is made with the delivery: what {@link gitRepository} and {@link ociRepository} give. */
export interface MadeSource {
  /** What Flux calls it. */
  readonly kind: 'GitRepository' | 'OCIRepository';
  /** Undefined where the delivery's name is taken. */
  readonly name: string | undefined;
  /** The object, by the name and in the namespace that the delivery gives it. */
  readonly object: (metadata: { readonly name: string; readonly namespace: string }) => JsonObject;
}

/** A source that somebody else keeps, such as the one that `flux bootstrap` made. */
export interface ExistingSource {
  /** Which object it is. */
  readonly existing: {
    readonly kind: 'GitRepository' | 'OCIRepository' | 'Bucket';
    /** The object's name. */
    readonly name: string;
    /** @default the delivery's */
    readonly namespace?: string;
  };
}

/** Where Flux gets the manifests. */
export type FluxSource = MadeSource | ExistingSource;

/**
 * A git repository that Flux fetches (source.toolkit.fluxcd.io/v1).
 *
 * @throws UserError for a url that Flux cannot take, that holds credentials, or that is ssh without a Secret; a name, commit or interval that is none
 */
export function gitRepository(options: GitRepositoryOptions): MadeSource {
  const { url, secret, name, interval = '1m', branch, tag, semver, commit } = options;
  const what = `git repository ${JSON.stringify(withoutCredentials(url))}`;
  checkCommon(what, options);
  const parsed = parseUrl(url);
  if (parsed === undefined || !['https:', 'http:', 'ssh:'].includes(parsed.protocol)) {
    const scp = /^(?:([\w.-]+)@)?([\w.-]+):(?!\/\/)\/?(.+)$/.exec(url);
    const instead = scp ? `write 'ssh://${scp[1] ?? 'git'}@${scp[2]}/${scp[3]}'` : `e.g. 'https://git.site.example/team/mesh'`;
    throw new UserError(`${what}: flux fetches from https://, http:// and ssh:// only, ${instead}`);
  }
  const isSsh = parsed.protocol === 'ssh:';
  if (parsed.password !== '' || (parsed.username !== '' && !isSsh)) throw credentials(what);
  if (isSsh && secret === undefined)
    throw new UserError(`${what}: ssh needs a secret with 'identity' and 'known_hosts', name an existing one as \`secret\``);
  if (commit !== undefined && !/^[0-9a-f]{40}$/.test(commit))
    throw new UserError(`${what}: commit is ${JSON.stringify(commit)}, allowed are all 40 hex digits of one`);
  const ref = {
    ...(branch === undefined ? {} : { branch }),
    ...(tag === undefined ? {} : { tag }),
    ...(semver === undefined ? {} : { semver }),
    ...(commit === undefined ? {} : { commit }),
  };
  if (Object.keys(ref).length !== 1) throw new UserError(`${what}: say exactly one of branch, tag, semver and commit`);
  return {
    kind: 'GitRepository',
    name,
    object: (metadata) =>
      GitRepository.manifest({
        metadata,
        spec: { url, ref, interval, ...(secret === undefined ? {} : { secretRef: { name: secret } }) },
      }),
  };
}

/**
 * An OCI artifact with the manifests, as `flux push artifact` makes it (source.toolkit.fluxcd.io/v1).
 *
 * Its root is the folder that was pushed, which `path` of the delivery begins at.
 *
 * @throws UserError for a url that is not oci://, that names a tag or holds credentials; a name, digest or interval that is none
 */
export function ociRepository(options: OciRepositoryOptions): MadeSource {
  const { url, secret, ca, name, interval = '1m', tag, semver, digest } = options;
  const what = `oci repository ${JSON.stringify(withoutCredentials(url))}`;
  checkCommon(what, options);
  if (ca !== undefined) checkDnsSubdomain(ca, `ca of ${what}`);
  const parsed = parseUrl(url);
  if (parsed?.protocol !== 'oci:' || !/^\/[^:@]+$/.test(parsed.pathname)) {
    throw new UserError(
      `${what}: flux takes 'oci://REGISTRY/NAME' without tag and digest, such as 'oci://harbor.site.example/mesh/manifests'; say which version as tag, semver or digest`,
    );
  }
  if (parsed.username !== '' || parsed.password !== '') throw credentials(what);
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new UserError(`${what}: digest is ${JSON.stringify(digest)}, allowed is 'sha256:' with 64 hex digits`);
  const ref = {
    ...(tag === undefined ? {} : { tag }),
    ...(semver === undefined ? {} : { semver }),
    ...(digest === undefined ? {} : { digest }),
  };
  if (Object.keys(ref).length !== 1) throw new UserError(`${what}: say exactly one of tag, semver and digest`);
  return {
    kind: 'OCIRepository',
    name,
    object: (metadata) =>
      OciRepository.manifest({
        metadata,
        spec: {
          url,
          ref,
          interval,
          ...(secret === undefined ? {} : { secretRef: { name: secret } }),
          ...(ca === undefined ? {} : { certSecretRef: { name: ca } }),
        },
      }),
  };
}

function checkCommon(what: string, { name, interval, secret }: SourceOptions & { readonly secret?: string }): void {
  if (name !== undefined) checkDnsSubdomain(name, `name of ${what}`);
  if (secret !== undefined) checkDnsSubdomain(secret, `secret of ${what}`);
  if (interval !== undefined) checkDuration(interval, `interval of ${what}`);
}

function parseUrl(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** A message must not show what should not have been written. */
function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*:[^@]*@/, '//…@');
}

function credentials(what: string): UserError {
  return new UserError(
    `${what}: the url holds credentials, which everybody could read in the output: put them into a secret of the cluster and name it as \`secret\``,
  );
}
