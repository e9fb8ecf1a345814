import { canonicalHost } from './registries.ts';

/** The parts of an image's name, as the distribution project's reference grammar has them. */
export interface ImageReference {
  /** Registry, with its port. */
  readonly host: string;
  /** Repository in it, without the registry: 'library/node'. */
  readonly path: string;
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
}

const grammar =
  /^(?:(?<host>localhost|[\w-]+(?:\.[\w-]+)+|[\w-]+(?:\.[\w-]+)*(?=:\d))(?<port>:\d+)?\/)?(?<path>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]+))?$/;

/** The parts of a name; undefined when it is none. A name without registry is Docker Hub's, and one of a single part is in its `library`. */
export function imageReference(name: string): ImageReference | undefined {
  const groups = grammar.exec(name)?.groups;
  const path = groups?.path;
  if (!groups || path === undefined) return undefined;
  const { host: named = 'docker.io', port = '', tag, digest } = groups;
  const host = canonicalHost(`${named}${port}`);
  return {
    host,
    path: host === 'docker.io' && !path.includes('/') ? `library/${path}` : path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The parts as one name, `host/path:tag@digest`. */
export function imageName({ host, path, tag, digest }: ImageReference): string {
  return `${host}/${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
