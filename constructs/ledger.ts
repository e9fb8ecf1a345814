import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LedgerChart, type LedgerImage, ledgerOf, Renaming } from './delivery/mirror/index.ts';
import { byCodeUnit, isObject, type Json, type JsonObject } from './kit/json.ts';
import { publicHost } from './kit/registries.ts';
import { UserError } from './kit/user-error.ts';
import { readWorlds } from './proof/index.ts';

/** An image that a stack pulls. */
export interface NeededImage {
  /** As the stack names it; with a mirror, its name there. */
  readonly image: string;
  /** The public name that the mirror's copy is of; undefined for what is not mirrored. */
  readonly upstream?: string;
  readonly usedBy: readonly string[];
}

/** A Helm chart that a stack installs. */
export interface NeededChart {
  readonly chart: string;
  readonly version: string;
  /** URL of its repository, or of the chart in an OCI registry; with a mirror, the one there. */
  readonly source: string;
  /** The public one; undefined for what is not mirrored. */
  readonly upstream?: string;
  readonly usedBy: readonly string[];
}

/** What must be pulled for some stacks. */
export interface Needed {
  /** The registries that hold the copies, or shall. */
  readonly mirrors: readonly string[];
  readonly images: readonly NeededImage[];
  readonly charts: readonly NeededChart[];
  /** One sentence for each thing that is not known, or was passed over. */
  readonly notes: readonly string[];
}

/**
 * What YAML pulls, whoever wrote it: a stack with a mirror is asked by its inventory, which alone knows the public names, all else by its objects.
 *
 * @param paths as `readWorlds` takes them
 * @param mirror the registry that what is not mirrored yet shall be copied to
 * @throws UserError when there is nothing to read, or another mirror is named than the stack's own
 */
export function neededBy(paths: readonly string[], mirror?: string): Needed {
  const worlds = readWorlds(paths);
  const inventories = new Map(worlds.map(({ name }) => [name, mirroredInventory(name)] as const));
  const own = [...inventories].flatMap(([name, inventory]) => (inventory ? [fromInventory(name, inventory, mirror)] : []));
  const homes = [...inventories].flatMap(([name, inventory]) => (inventory ? [join(name, '/')] : []));
  const objects = new Set(worlds.flatMap((world) => world.objects));
  const others = [...objects].filter(({ origin }) => !homes.some((home) => origin.file?.startsWith(home)));
  const ledger = ledgerOf(others, 'all');
  const rest = mirror === undefined ? ledger : renamed(ledger, mirror, paths.join(' '));
  return {
    mirrors: [...new Set([...own.map((one) => one.mirror), ...(mirror === undefined ? [] : [mirror])])].sort(byCodeUnit),
    images: merged([...own.flatMap(({ images }) => images), ...rest.images], ({ image }) => image),
    charts: merged([...own.flatMap(({ charts }) => charts), ...rest.charts], (c) => `${c.chart} ${c.version} ${c.source}`),
    notes: [
      ...new Set(worlds.flatMap((world) => world.notes)),
      ...ledger.unknown.map(({ release, chart, why }) => `${release} installs chart ${chart}, and ${why}: they are missing here`),
    ],
  };
}

/** The inventory of a stack's folder, when the stack has a mirror. */
function mirroredInventory(folder: string): JsonObject | undefined {
  const file = join(folder, 'inventory.json');
  if (!existsSync(file)) return undefined;
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return isObject(read) && typeof read.mirror === 'string' ? read : undefined;
}

function fromInventory(folder: string, inventory: JsonObject, wanted: string | undefined) {
  const mirror = String(inventory.mirror);
  if (wanted !== undefined && wanted !== mirror)
    throw new UserError(`${folder} takes everything from ${mirror} already, and the mirror given is ${wanted}: leave it out`);
  const list = (value: Json | undefined) => (Array.isArray(value) ? value.filter(isObject) : []);
  const text = (value: Json | undefined) => (typeof value === 'string' ? value : '');
  const users = (value: Json | undefined) => (Array.isArray(value) ? value.map(text) : []);
  return {
    mirror,
    images: list(inventory.images).map(({ image, from, usedBy }) =>
      publicImage({ image: text(image), from: text(from), usedBy: users(usedBy) }, mirror),
    ),
    charts: list(inventory.charts).map(({ chart, version, source, from, usedBy }) =>
      publicChart({ chart: text(chart), version: text(version), source: text(source), from: text(from), usedBy: users(usedBy) }),
    ),
  };
}

/** What is not mirrored yet, by its names in a mirror to be. */
function renamed(ledger: ReturnType<typeof ledgerOf>, mirror: string, name: string): Pick<Needed, 'images' | 'charts'> {
  const renaming = new Renaming({ registry: mirror }, name);
  const images = ledger.images.map(({ image, usedBy }) => {
    const { name: there, from } = renaming.image(image);
    return publicImage({ image: there, ...(from === undefined ? {} : { from }), usedBy }, mirror);
  });
  const charts = ledger.charts.map((chart) => {
    const there = renaming.chartSource(chart.source, chart.chart);
    return publicChart({ ...chart, ...(there ? { source: there.url, from: there.from } : {}) });
  });
  return { images, charts };
}

function publicImage({ image, from = '', usedBy }: LedgerImage, mirror: string): NeededImage {
  const host = publicHost(from);
  return { image, ...(host === undefined ? {} : { upstream: `${host}/${image.slice(mirror.length + 1)}` }), usedBy };
}

function publicChart({ chart, version, source, from = '', usedBy }: LedgerChart): NeededChart {
  const [, scheme = '', name = '', path = ''] = /^(\w+:\/\/)([^/]+)(.*)$/.exec(from) ?? [];
  const host = publicHost(name);
  return { chart, version, source, ...(host === undefined ? {} : { upstream: `${scheme}${host}${path}` }), usedBy };
}

/** One entry for each thing, with all who use it. */
function merged<T extends { readonly usedBy: readonly string[] }>(entries: readonly T[], keyOf: (entry: T) => string): T[] {
  const byKey = new Map<string, T>();
  for (const entry of entries) {
    const other = byKey.get(keyOf(entry));
    byKey.set(
      keyOf(entry),
      other ? { ...other, usedBy: [...new Set([...other.usedBy, ...entry.usedBy])].sort(byCodeUnit) } : entry,
    );
  }
  return [...byKey.keys()].sort(byCodeUnit).flatMap((key) => byKey.get(key) ?? []);
}
