import { imageReference } from '../../kit/image-reference.ts';
import { isObject, type Json, type JsonObject } from '../../kit/json.ts';
import { publicRegistryPattern } from '../../kit/registries.ts';

/** Told every name of an image that an object holds, it gives the name to write instead. */
export interface ImageVisitor {
  /** A name that stands where one belongs: a container's `image`, Kiali's `image_name`, values of a chart. */
  image(name: string): string;
  /** A name found in other text: a flag, an environment variable, a configuration, the URL of a module. @default texts are not searched */
  readonly mentioned?: ((name: string) => string) | undefined;
  /** The beginning of names, Istio's `hub`. @default it stays */
  readonly hub?: (hub: string) => string;
}

/** Options of {@link mapImages}. */
export interface MapImagesOptions {
  /** In values of a chart where one value stands in for every registry: then a `repository` is a path in it. @default false */
  readonly inGlobalRegistry?: boolean;
}

/** Kinds whose `url` is an image, with or without `oci://` before it (Istio 1.30: WasmPlugin.url, TrafficExtension's wasm.url). */
const modules: readonly string[] = ['WasmPlugin', 'TrafficExtension'];

/**
 * The one finder of images: an object with every name of an image as the visitor gives it. What holds none stays the same object.
 *
 * It knows `image: NAME` (containers, volumes' `image.reference`, OpenTelemetryCollector, Instrumentation), `{ registry, repository, tag, digest }`
 * under a key that ends in `image` (values of charts), Kiali's `image_name` with `image_version` and `image_digest`, `hub` (Istio's values), annotations
 * that end in `Image`, URLs of modules, and in any other text the names that spell out a public registry.
 */
export function mapImages(value: Json, visitor: ImageVisitor, options: MapImagesOptions = {}): Json {
  const inModule = isObject(value) && typeof value.kind === 'string' && modules.includes(value.kind);
  return new Finder(visitor, inModule, options.inGlobalRegistry ?? false).map(value, '');
}

/** As a regular expression: a public registry's image in running text. A link (`https://quay.io/…`) is none. */
const mention = new RegExp(
  `(?<![\\w./@:-])(?:oci://|docker://)?(${publicRegistryPattern}/[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?)`,
  'g',
);

const none: readonly string[] = [];

class Finder {
  private readonly visitor: ImageVisitor;
  private readonly inModule: boolean;
  private readonly inGlobalRegistry: boolean;

  constructor(visitor: ImageVisitor, inModule: boolean, inGlobalRegistry: boolean) {
    this.visitor = visitor;
    this.inModule = inModule;
    this.inGlobalRegistry = inGlobalRegistry;
  }

  map(value: Json, key: string): Json {
    if (typeof value === 'string') return this.text(value, key);
    if (value === null || typeof value !== 'object') return value;
    if (!isObject(value)) {
      const items = value.map((item) => this.map(item, key));
      return items.some((item, i) => item !== value[i]) ? items : value;
    }
    const { read, done } = this.parts(value, key) ?? { read: value, done: none };
    let changed: Record<string, Json> | undefined;
    for (const name in read) {
      const inner = read[name];
      if (inner === undefined || done.includes(name)) continue;
      const mapped = this.map(inner, name);
      if (mapped === inner) continue;
      changed ??= {};
      changed[name] = mapped;
    }
    return changed ? { ...read, ...changed } : read;
  }

  private text(value: string, key: string): string {
    if (isImageKey(key) && isImage(value)) return this.visitor.image(value);
    if (key === 'hub' && isImage(value)) return this.visitor.hub?.(value) ?? value;
    const { mentioned } = this.visitor;
    if (!mentioned) return value;
    if (this.inModule && key === 'url' && !value.includes('://') && isImage(value)) return mentioned(value);
    if (!value.includes('/')) return value;
    return value.replaceAll(mention, (whole, name: string) => whole.slice(0, -name.length) + mentioned(name));
  }

  /** An image written in parts, with the name that the visitor gives for it, and the keys that it is made of. */
  private parts(value: JsonObject, key: string): { readonly read: JsonObject; readonly done: readonly string[] } | undefined {
    const { repository, image_name, reference } = value;
    if (typeof image_name === 'string' && image_name !== '')
      return { read: this.kiali(value, image_name), done: ['image_name', 'image_version', 'image_digest'] };
    if (typeof reference === 'string' && key === 'image' && isImage(reference))
      return { read: { ...value, reference: this.visitor.image(reference) }, done: ['reference'] };
    if (typeof repository === 'string' && repository !== '' && /image$/i.test(key))
      return { read: this.values(value, repository), done: ['repository', 'registry', 'tag', 'digest'] };
    return undefined;
  }

  private kiali(value: JsonObject, name: string): JsonObject {
    const { image_version: version, image_digest: digest } = value;
    const end = typeof version !== 'string' || version === '' ? '' : digest === 'sha256' ? `@sha256:${version}` : `:${version}`;
    const given = `${name}${end}`;
    const mapped = this.visitor.image(given);
    if (mapped === given) return value;
    const [written, hex] = mapped.split('@sha256:');
    const parts = split(written ?? mapped);
    return hex === undefined
      ? { ...value, image_name: parts.name, ...(parts.tag === undefined ? {} : { image_version: parts.tag }) }
      : { ...value, image_name: parts.name, image_version: hex, image_digest: 'sha256' };
  }

  private values(value: JsonObject, repository: string): JsonObject {
    const { registry, tag, digest } = value;
    const behind = `${textOf(tag) && `:${textOf(tag)}`}${textOf(digest) && `@${textOf(digest)}`}`;
    const given = `${textOf(registry) && `${textOf(registry)}/`}${repository}${behind}`;
    const mapped = this.visitor.image(given);
    if (mapped === given) return value;
    const [written = mapped, newDigest] = mapped.split('@');
    const { name, path, tag: newTag } = split(written);
    const { registry: _, ...others } = value;
    const named = this.inGlobalRegistry
      ? { repository: split(given.split('@')[0] ?? given).path }
      : textOf(registry) === ''
        ? { repository: name }
        : { registry: name.slice(0, -path.length - 1), repository: path };
    return {
      ...others,
      ...named,
      ...(newTag === undefined || newTag === textOf(tag) ? {} : { tag: newTag }),
      ...(newDigest === undefined ? {} : 'digest' in value ? { digest: newDigest } : { tag: `${newTag ?? ''}@${newDigest}` }),
    };
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** A name in the parts that values write it in. */
function split(name: string): { readonly name: string; readonly path: string; readonly tag?: string } {
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  const bare = colon === -1 ? name : name.slice(0, colon);
  return { name: bare, path: imageReference(bare)?.path ?? bare, ...(colon === -1 ? {} : { tag: name.slice(colon + 1) }) };
}

/** A key whose text is an image; annotations are spelled `sidecar.istio.io/proxyImage`. */
function isImageKey(key: string): boolean {
  return key === 'image' || (key.includes('/') && /\/[a-z]*image$/i.test(key));
}

/** `auto` is Istio's placeholder for the image that injection fills in. */
function isImage(text: string): boolean {
  return text !== 'auto' && imageReference(text) !== undefined;
}
