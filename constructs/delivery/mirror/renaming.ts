import { type ImageReference, imageName, imageReference } from '../../kit/image-reference.ts';
import { checkDnsSubdomain } from '../../kit/layer.ts';
import { suggest } from '../../kit/nearest.ts';
import { publicName } from '../../kit/registries.ts';
import type { ImageMirror } from '../../kit/site.ts';
import { UserError } from '../../kit/user-error.ts';

/** Gives names in the mirror for public names: the host is dropped, `docker.io/grafana/tempo:3.0.3` is `MIRROR/grafana/tempo:3.0.3`. */
export class Renaming {
  private readonly mirror: ImageMirror;
  private readonly stack: string;
  /** The public name behind each one in the mirror: two must not become one. */
  private readonly upstream = new Map<string, string>();
  private readonly tags = new Set<string>();
  private readonly digestsUsed = new Set<string>();

  /** @throws UserError when the mirror is no registry of the site, a Secret's name is malformed, or a digest is none */
  constructor(mirror: ImageMirror, stack: string) {
    this.mirror = mirror;
    this.stack = stack;
    checkMirror(mirror, stack);
  }

  /**
   * The name in the mirror, with its digest where one is known, and the public registry's name (`kit/registries.ts`). A name of a host that
   * is not known to be public stays: it is the site's own.
   *
   * @throws UserError when another public name is already known by that name
   */
  image(name: string): { readonly name: string; readonly from: string | undefined } {
    const reference = imageReference(name);
    if (!reference) return { name, from: undefined };
    const isOurs = imageName(reference).startsWith(`${this.mirror.registry}/`);
    const from = isOurs ? undefined : publicName(reference.host);
    const renamed = from === undefined ? name : this.renamed(reference);
    const tagged = renamed.split('@')[0] ?? renamed;
    const digest = this.mirror.digests?.[tagged];
    if (isOurs || from !== undefined) this.tags.add(tagged);
    if (digest !== undefined) this.digestsUsed.add(tagged);
    return { name: digest === undefined ? renamed : `${tagged}@${digest}`, from };
  }

  /** Istio's hub, the beginning of names. */
  hub(hub: string): string {
    const reference = imageReference(`${hub}/x`);
    const isPublic = reference !== undefined && publicName(reference.host) !== undefined;
    return isPublic ? `${this.mirror.registry}/${reference.path.replace(/\/x$/, '')}` : hub;
  }

  /**
   * The URL in the mirror of a chart's source, and the public one with a name in the place of its host; undefined for a source that is not
   * known to be public. Charts of OCI registries and of repositories lie in one project, `MIRROR/charts`.
   *
   * @param isWhole whether the URL is that of the chart itself, not of the repository that holds it
   * @throws UserError when another source has a chart of that name
   */
  chartSource(
    url: string,
    chart: string,
    isWhole = isChartItself(url, chart),
  ): { readonly url: string; readonly from: string } | undefined {
    const [, scheme, host = '', path = ''] = /^(https?|oci):\/\/([^/]+)(.*)$/.exec(url) ?? [];
    const name = publicName(host);
    if (scheme === undefined || name === undefined) return undefined;
    const home = `oci://${this.mirror.registry}/charts`;
    this.claim(`${home}/${chart}`, url);
    return { url: isWhole ? `${home}/${chart}` : home, from: `${scheme}://${name}${path}` };
  }

  /** @throws UserError when a digest is stated of an image that nobody uses */
  checkDigests(): void {
    for (const name of Object.keys(this.mirror.digests ?? {})) {
      if (this.digestsUsed.has(name)) continue;
      throw new UserError(
        `the mirror of stack '${this.stack}' has a digest of ${JSON.stringify(name)}, which no image of the stack is: ${suggest(name, this.tags, 'take it out')}`,
      );
    }
  }

  private renamed({ host, path, tag, digest }: ImageReference): string {
    const name = `${this.mirror.registry}/${path}`;
    this.claim(name, `${host}/${path}`);
    return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
  }

  private claim(name: string, upstream: string): void {
    const other = this.upstream.get(name) ?? upstream;
    this.upstream.set(name, other);
    if (other === upstream) return;
    throw new UserError(
      `in the mirror of stack '${this.stack}', ${other} and ${upstream} would both be ${name}: use one of them only, or copy one by hand and write its name in the mirror where it is used`,
    );
  }
}

/** Whether a URL is that of a chart in an OCI registry, which ends with its name. */
function isChartItself(url: string, chart: string): boolean {
  return url.startsWith('oci://') && url.endsWith(`/${chart}`);
}

function checkMirror({ registry, pullSecret, ca, digests = {} }: ImageMirror, stack: string): void {
  for (const [what, name] of Object.entries({ pullSecret, ca }))
    if (name !== undefined) checkDnsSubdomain(name, `${what} of the mirror of stack '${stack}'`);
  const given = JSON.stringify(registry);
  const reference = imageReference(`${registry}/x`);
  const isName = reference && registry.startsWith(reference.host) && reference.tag === undefined && !/\/(\/|$)/.test(registry);
  if (!isName)
    throw new UserError(
      `the mirror of stack '${stack}' is ${given}: allowed is a registry, with a project or not and without scheme, 'harbor.site.example/mesh'`,
    );
  if (publicName(reference.host) !== undefined)
    throw new UserError(`the mirror of stack '${stack}' is ${given}, a public registry: name the site's own`);
  for (const [name, digest] of Object.entries(digests)) {
    if (/^sha256:[0-9a-f]{64}$/.test(digest)) continue;
    throw new UserError(
      `in the mirror of stack '${stack}', the digest of ${name} is ${JSON.stringify(digest)}: allowed is 'sha256:' and 64 hexadecimal digits`,
    );
  }
}
