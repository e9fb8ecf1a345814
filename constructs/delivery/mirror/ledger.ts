import type { HelmChart } from '../../kit/helm/charts.ts';
import { byCodeUnit, type JsonObject } from '../../kit/json.ts';
import { mapObject, userOf } from './map-object.ts';
import { isRelease, releasedChart, sourcesOf } from './releases.ts';

/** An image and who pulls it. */
export interface LedgerImage {
  /** Its name with tag or digest, as the stack says it. */
  readonly image: string;
  /** The public registry that the mirror's copy is of, by its name in `kit/registries.ts`; undefined for what is not mirrored. */
  readonly from?: string;
  /** Objects: `Kind/namespace/name`. */
  readonly usedBy: readonly string[];
}

/** A Helm chart and who installs it. */
export interface LedgerChart {
  /** The chart's name. */
  readonly chart: string;
  /** Semantic version. */
  readonly version: string;
  /** URL of the repository, or of the chart in an OCI registry. */
  readonly source: string;
  /** That of the public chart, with a name of `kit/registries.ts` in the place of its host; undefined for what is not mirrored. */
  readonly from?: string;
  /** Releases: `HelmRelease/namespace/name`. */
  readonly usedBy: readonly string[];
}

/** Everything that must be pulled for a stack. */
export interface Ledger {
  readonly images: readonly LedgerImage[];
  readonly charts: readonly LedgerChart[];
  /** Releases whose images nobody knows, each with why. */
  readonly unknown: readonly { readonly release: string; readonly chart: string; readonly why: string }[];
}

/** Collects who uses what. */
export class LedgerBuilder {
  private readonly images = new Map<string, { readonly from: string | undefined; readonly users: Set<string> }>();
  private readonly charts = new Map<string, { readonly chart: Omit<LedgerChart, 'usedBy'>; readonly users: Set<string> }>();
  private readonly unknown: Ledger['unknown'][number][] = [];

  image(image: string, user: string, from?: string): void {
    const known = this.images.get(image);
    if (known) known.users.add(user);
    else this.images.set(image, { from, users: new Set([user]) });
  }

  chart(chart: Omit<LedgerChart, 'usedBy'>, user: string): void {
    const key = JSON.stringify([chart.chart, chart.version, chart.source]);
    const known = this.charts.get(key);
    if (known) known.users.add(user);
    else this.charts.set(key, { chart, users: new Set([user]) });
  }

  unknownImages(release: string, chart: string, why: string): void {
    this.unknown.push({ release, chart, why });
  }

  ledger(): Ledger {
    const sorted = (users: ReadonlySet<string>) => [...users].sort(byCodeUnit);
    return {
      images: [...this.images]
        .map(([image, { from, users }]) => ({ image, ...(from === undefined ? {} : { from }), usedBy: sorted(users) }))
        .sort((a, b) => byCodeUnit(a.image, b.image)),
      charts: [...this.charts]
        .map(([, { chart, users }]) => ({ ...chart, usedBy: sorted(users) }))
        .sort((a, b) => byCodeUnit(`${a.chart} ${a.version} ${a.source}`, `${b.chart} ${b.version} ${b.source}`)),
      unknown: this.unknown,
    };
  }
}

/** An object to account for. */
export interface LedgerObject {
  readonly json: JsonObject;
  /** Of a release: the chart that its construct was given. */
  readonly chart?: HelmChart;
}

/**
 * What some objects pull, as they are.
 *
 * @param reach `pods`: images written where containers get them; `all`: also those that charts, installers, modules and texts bring
 */
export function ledgerOf(objects: readonly LedgerObject[], reach: 'pods' | 'all'): Ledger {
  const builder = new LedgerBuilder();
  const sources = sourcesOf(objects.map(({ json }) => json));
  for (const { json, chart: told } of objects) {
    const user = userOf(json);
    const image = (name: string) => {
      builder.image(name, user);
      return name;
    };
    const visitor = { image, mentioned: reach === 'all' ? image : undefined };
    mapObject(json, visitor, { sources, ...(told ? { told } : {}) });
    if (!isRelease(json)) continue;
    const chart = releasedChart(json, sources, told);
    if (!chart) builder.unknownImages(user, '(unknown)', 'its source is not among the objects');
    else {
      if (chart.unknown !== undefined) builder.unknownImages(user, chart.chart, chart.unknown);
      if (chart.source !== undefined && chart.version !== undefined)
        builder.chart({ chart: chart.chart, version: chart.version, source: chart.source }, user);
    }
  }
  return builder.ledger();
}
