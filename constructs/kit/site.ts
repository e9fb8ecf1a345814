import type { IConstruct } from 'constructs';

/** What kind of cluster it is: facts that follow from it are in `platforms.ts`. */
export type PlatformName = 'rke2' | 'k3d' | 'kind' | 'generic';

/** A registry of the site that stands in for every public one. */
export interface ImageMirror {
  /** Registry and project, without scheme: 'harbor.site.example/mesh'. */
  readonly registry: string;
  /** An existing Secret of type `kubernetes.io/dockerconfigjson`, in each namespace that pulls. @default the registry needs no login */
  readonly pullSecret?: string;
  /**
   * An existing Secret with the key `ca.crt`, in each namespace with a chart: the CA that signed the registry's certificate. Flux reads it
   * when it fetches charts; nodes pull images, and have to be told by themselves.
   *
   * @default a public CA
   */
  readonly ca?: string;
  /** Digest of each image, by its name in the mirror with its tag: `{ 'harbor.site.example/mesh/grafana/tempo:3.0.3': 'sha256:…' }`. @default tags alone */
  readonly digests?: Readonly<Record<string, string>>;
}

/** What is said once of the place where a stack runs. */
export interface Site {
  readonly platform: PlatformName;
  /** Undefined where public registries are reached. */
  readonly mirror: ImageMirror | undefined;
}

const mark = Symbol.for('meshwright.site');
const anywhere: Site = { platform: 'generic', mirror: undefined };

/** Says where everything inside a construct runs. @internal */
export function markSite(scope: IConstruct, site: Site): void {
  Object.defineProperty(scope, mark, { value: site });
}

/** Where a construct's stack runs: what its `Stack` was told; a generic cluster with public registries when nobody said. */
export function siteOf(scope: IConstruct): Site {
  for (let one: IConstruct | undefined = scope; one; one = one.node.scope) {
    const site: unknown = Reflect.get(one, mark);
    if (isSite(site)) return site;
  }
  return anywhere;
}

function isSite(value: unknown): value is Site {
  return typeof value === 'object' && value !== null && 'platform' in value;
}
