import type { ChartImage, ChartImages } from '../../kit/helm/chart-images.ts';
import { imageName, imageReference } from '../../kit/image-reference.ts';
import { isObject, type Json, type JsonObject } from '../../kit/json.ts';
import type { ImageMirror } from '../../kit/site.ts';
import { type ImageVisitor, mapImages } from './image-refs.ts';
import { isSet, textAt, valueAt, withNames, withoutValue, withValue } from './values.ts';

/** What is known of a chart when its values are read. */
export interface ChartFacts {
  /** Its version; undefined when nobody says. */
  readonly version: string | undefined;
  readonly brings: ChartImages;
}

/**
 * The values of a chart with every image as the visitor gives it: those that the chart pulls by default too, unless the visitor leaves
 * them as they are, and those of its values that no table knows.
 */
export function mapChartValues(values: JsonObject, { version, brings }: ChartFacts, visitor: ImageVisitor): JsonObject {
  const pulled = brings.images.filter((image) => isPulled(image, values));
  const images = pulled.map((image) => ({ image, name: effective(values, image, version) }));
  const rest = images.reduce((left, { image }) => keysOf(image).reduce(withoutValue, left), values);
  const mapped = mapImages(rest, visitor, { inGlobalRegistry: brings.globalRegistry !== undefined });
  const start = isObject(mapped) ? mapped : rest;
  return images.reduce((done, { image, name }) => {
    const given = visitor.image(name);
    // Told only: what a chart pulls without being told needs no value.
    if (given === name) return keysOf(image).reduce((left, key) => restored(left, values, key), done);
    return written(done, values, image, given, brings.globalRegistry !== undefined);
  }, start);
}

/** Whether a chart with these values pulls the image. */
export function isPulled({ when, unless }: ChartImage, values: JsonObject): boolean {
  return (when === undefined || isSet(values, when)) && (unless === undefined || valueAt(values, unless) !== false);
}

/** The values by which a chart takes everything from the mirror, besides its images. */
export function mirrorValues(values: JsonObject, brings: ChartImages, mirror: ImageMirror): JsonObject {
  const global = brings.globalRegistry === undefined ? values : withValue(values, brings.globalRegistry, mirror.registry);
  const { pullSecret } = mirror;
  if (pullSecret === undefined) return global;
  return (brings.pullSecrets ?? []).reduce((done, { key, as }) => withNames(done, key, [pullSecret], as), global);
}

function keysOf({ keys, unpin = [] }: ChartImage): string[] {
  if ('env' in keys) return [];
  // `global` is shared by the images of one chart.
  if ('hub' in keys) return [keys.whole];
  if ('whole' in keys) return [keys.whole];
  return [keys.repository, keys.registry, keys.tag, keys.digest, keys.sha, ...unpin].filter((key) => key !== undefined);
}

function restored(values: JsonObject, from: JsonObject, key: string): JsonObject {
  const value = valueAt(from, key);
  return value === undefined ? values : withValue(values, key, value);
}

/** The name that the chart would pull with these values. */
function effective(values: JsonObject, { image, keys }: ChartImage, version: string | undefined): string {
  const name =
    version === undefined ? image.replace(/:[^:/]*\{version\}$/, '') : image.replace('{version}', version.replace(/^v/, ''));
  const usual = imageReference(name);
  if (!usual) return name;
  if ('env' in keys) return textOfVariable(values, keys.env, keys.variable) ?? name;
  if ('hub' in keys) {
    const whole = textAt(values, keys.whole);
    if (whole?.includes('/')) return whole;
    const slash = usual.path.lastIndexOf('/');
    const hub = textAt(values, keys.hub) ?? `${usual.host}/${usual.path.slice(0, slash)}`;
    const tag = textAt(values, keys.tag) ?? usual.tag;
    const variant =
      textAt(values, keys.variant) ??
      (values.profile === 'ambient' && !usual.tag?.endsWith('-distroless') ? 'distroless' : undefined);
    return `${hub}/${whole ?? usual.path.slice(slash + 1)}${tag === undefined ? '' : `:${tag}`}${variant === undefined ? '' : `-${variant}`}`;
  }
  if ('whole' in keys) return textAt(values, keys.whole) ?? name;
  const repository = textAt(values, keys.repository);
  const registry =
    textAt(values, keys.registry) ?? (keys.registry === undefined || repository === undefined ? undefined : usual.host);
  const tag = textAt(values, keys.tag) ?? usual.tag;
  const sha = textAt(values, keys.sha);
  const digest = textAt(values, keys.digest) ?? (sha === undefined ? undefined : `sha256:${sha.replace(/^sha256:/, '')}`);
  const named =
    repository === undefined
      ? `${registry ?? usual.host}/${usual.path}`
      : registry === undefined
        ? repository
        : `${registry}/${repository}`;
  return `${named}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The values with an image's new name. */
function written(
  values: JsonObject,
  before: JsonObject,
  { keys, unpin = [] }: ChartImage,
  name: string,
  inGlobal: boolean,
): JsonObject {
  const reference = imageReference(name);
  if (!reference) return values;
  const { host, path, tag, digest } = reference;
  if ('env' in keys) return withVariable(values, keys.env, keys.variable, name);
  if ('hub' in keys) {
    if (digest !== undefined || textAt(before, keys.whole)?.includes('/')) return withValue(values, keys.whole, name);
    const bare = imageName({ host, path });
    return withValue(restored(values, before, keys.whole), keys.hub, bare.slice(0, bare.lastIndexOf('/')));
  }
  if ('whole' in keys) return withValue(values, keys.whole, name);
  const unpinned = unpin.reduce((done, key) => withValue(done, key, ''), values);
  // The one value for all holds the registry and the project.
  const named = inGlobal
    ? textAt(before, keys.repository) === undefined
      ? unpinned
      : withValue(unpinned, keys.repository, imageReference(textAt(before, keys.repository) ?? '')?.path ?? path)
    : keys.registry === undefined
      ? withValue(unpinned, keys.repository, imageName({ host, path }))
      : withValue(withValue(unpinned, keys.registry, host), keys.repository, path);
  const tagged = tag === undefined || keys.tag === undefined ? named : withValue(named, keys.tag, tag);
  if (digest === undefined) return tagged;
  if (keys.digest !== undefined) return withValue(tagged, keys.digest, digest);
  if (keys.sha !== undefined) return withValue(tagged, keys.sha, digest.replace(/^sha256:/, ''));
  return keys.tag === undefined ? tagged : withValue(tagged, keys.tag, `${tag ?? ''}@${digest}`);
}

function textOfVariable(values: JsonObject, env: string, variable: string): string | undefined {
  const list = valueAt(values, env);
  const found = Array.isArray(list) ? list.find((item: Json) => isObject(item) && item.name === variable) : undefined;
  return isObject(found) && typeof found.value === 'string' ? found.value : undefined;
}

function withVariable(values: JsonObject, env: string, variable: string, value: string): JsonObject {
  const list = valueAt(values, env);
  const others = Array.isArray(list) ? list.filter((item: Json) => !(isObject(item) && item.name === variable)) : [];
  return withValue(values, env, [...others, { name: variable, value }]);
}
