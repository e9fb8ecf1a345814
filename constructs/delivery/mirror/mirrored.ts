import { isObject, type JsonObject } from '../../kit/json.ts';
import type { ImageMirror } from '../../kit/site.ts';
import { UserError } from '../../kit/user-error.ts';
import { objectName } from '../apply-order.ts';
import type { RenderedFile, RenderedLayer, RenderedObject } from '../rendered.ts';
import { mirrorValues } from './chart-values.ts';
import { istioInstall } from './istio-installs.ts';
import { type Ledger, LedgerBuilder } from './ledger.ts';
import { leftOver } from './left-over.ts';
import { mapObject, userOf } from './map-object.ts';
import { collectorAccount, serviceAccounts, withPullSecret } from './pull-secrets.ts';
import { isChartSource, isRelease, type ReleasedChart, releasedChart, sourceOf, sourcesOf } from './releases.ts';
import { Renaming } from './renaming.ts';
import { textAt, valueAt, withValue } from './values.ts';

/** The part of a rendered stack that the mirror concerns. */
interface Mirrorable {
  readonly name: string;
  readonly layers: readonly RenderedLayer[];
  readonly files: readonly RenderedFile[];
}

/**
 * A stack in which every image and every chart comes from the site's registry, and what must be copied into it: pods, resources of
 * operators, values of charts with the images that these pull by default, sources of charts, and the Secret to pull with.
 *
 * @throws UserError when two images would become one, a release pulls images that nobody knows, a digest is stated of an image that is
 *   not used, or a public registry is still named somewhere
 */
export function mirrored<S extends Mirrorable>(
  stack: S,
  mirror: ImageMirror,
): S & { readonly mirror: string; readonly ledger: Ledger } {
  const pass = new Pass(stack, mirror);
  const layers = stack.layers.map((layer) => ({
    ...layer,
    objects: layer.objects.flatMap((object) => pass.objects(object)),
  }));
  const files = stack.files.map((file) => ({ ...file, json: pass.object({ json: file.json, path: file.construct }) }));
  pass.check();
  return { ...stack, layers, files, mirror: mirror.registry, ledger: pass.ledger.ledger() };
}

/** An object of the stack, or a file, which need not say who made it. */
type Mirrored = Omit<RenderedObject, 'path'> & { readonly path: string | undefined };

class Pass {
  readonly ledger = new LedgerBuilder();
  private readonly stack: Mirrorable;
  private readonly mirror: ImageMirror;
  private readonly renaming: Renaming;
  private readonly sources;
  private readonly accounts;
  /** Names of the charts that each source is asked for, by the source's key. */
  private readonly chartsOf = new Map<string, Set<string>>();

  constructor(stack: Mirrorable, mirror: ImageMirror) {
    this.stack = stack;
    this.mirror = mirror;
    this.renaming = new Renaming(mirror, stack.name);
    const objects = stack.layers.flatMap((layer) => layer.objects);
    const all = objects.map(({ json }) => json);
    this.sources = sourcesOf(all);
    this.accounts = serviceAccounts(all);
    for (const object of objects) {
      const key = isRelease(object.json) ? sourceOf(object.json) : undefined;
      const chart = key === undefined ? undefined : this.chart(object)?.chart;
      if (key !== undefined && chart !== undefined) this.chartsOf.set(key, (this.chartsOf.get(key) ?? new Set()).add(chart));
    }
  }

  /** An object, and before it the account that its operator would else make without the Secret. */
  objects(object: RenderedObject): RenderedObject[] {
    const json = this.object(object);
    const { pullSecret } = this.mirror;
    const account = pullSecret === undefined ? undefined : collectorAccount(json, pullSecret);
    if (account === undefined) return [{ ...object, json }];
    const { name } = objectName(account);
    const made = { ...object, json: withValue(json, 'spec.serviceAccount', name) };
    return this.accounts.has(`${objectName(account).namespace ?? ''}/${name}`)
      ? [made]
      : [{ json: account, path: object.path }, made];
  }

  object(object: Mirrored): JsonObject {
    const { json, path } = object;
    const done = this.withSecret(isChartSource(json) ? this.source(json) : this.images(object));
    const left = leftOver(done);
    if (!left) return done;
    throw new UserError(
      `stack '${this.stack.name}' has a mirror, and ${userOf(json)}${path === undefined ? '' : ` ('${path}')`} still names a public registry in ${left.field}: ${JSON.stringify(left.value)}; write the name of an image (HOST/PATH:TAG) or its name in the mirror there`,
    );
  }

  check(): void {
    this.renaming.checkDigests();
  }

  private images(object: Mirrored): JsonObject {
    const { json, chart: told } = object;
    const user = userOf(json);
    const image = (given: string) => {
      const { name, from } = this.renaming.image(given);
      this.ledger.image(name, user, from);
      return name;
    };
    const visitor = { image, mentioned: image, hub: (hub: string) => this.renaming.hub(hub) };
    const chart = isRelease(json) ? this.known(object) : undefined;
    const mapped = mapObject(json, visitor, { sources: this.sources, ...(told ? { told } : {}) });
    const spec = isObject(mapped.spec) ? mapped.spec : {};
    const install = istioInstall(json);
    if (install) return { ...mapped, spec: mirrorValues(spec, install.brings, this.mirror) };
    if (!chart?.brings) return mapped;
    this.account(json, chart, user);
    const values = mirrorValues(isObject(spec.values) ? spec.values : {}, chart.brings, this.mirror);
    return Object.keys(values).length === 0 ? mapped : { ...mapped, spec: { ...spec, values } };
  }

  private chart({ json, chart }: Mirrored): ReleasedChart | undefined {
    return releasedChart(json, this.sources, chart);
  }

  /** @throws UserError when it cannot be said that the release pulls from the mirror alone */
  private known(object: Mirrored): ReleasedChart {
    const { json, path } = object;
    const chart = this.chart(object);
    if (chart?.brings && chart.unknown === undefined) return chart;
    const why =
      chart === undefined ? 'its chart is not known here' : `of chart ${chart.chart} ${chart.version ?? ''}: ${chart.unknown}`;
    throw new UserError(
      `stack '${this.stack.name}' has a mirror, and what ${userOf(json)}${path === undefined ? '' : ` ('${path}')`} pulls is not known, ${why}; give the chart as an object with its \`images\`: each with the keys of the values that it is taken from`,
    );
  }

  private account(json: JsonObject, { chart, version, source }: ReleasedChart, user: string): void {
    if (source === undefined || version === undefined) return;
    const renamed = this.renaming.chartSource(source, chart, valueAt(json, 'spec.chartRef') !== undefined);
    const { url = source, ...from } = renamed ?? {};
    this.ledger.chart({ chart, version, source: url, ...from }, user);
  }

  /** A source of charts, in the mirror; one that delivers manifests stays. */
  private source(json: JsonObject): JsonObject {
    const { kind, namespace, name } = objectName(json);
    const url = textAt(json, 'spec.url');
    const [chart] = this.chartsOf.get(`${kind}/${namespace ?? ''}/${name}`) ?? [];
    const spec = isObject(json.spec) ? json.spec : {};
    if (url === undefined) return json;
    const { pullSecret, ca } = this.mirror;
    const unless = (field: string, name: string | undefined) =>
      name === undefined || valueAt(spec, field) !== undefined ? {} : { [field]: { name } };
    const secrets = { ...unless('secretRef', pullSecret), ...unless('certSecretRef', ca) };
    if (kind === 'HelmRepository') {
      const renamed = this.renaming.chartSource(url, chart ?? name, false);
      return renamed ? { ...json, spec: { ...spec, type: 'oci', url: renamed.url, ...secrets } } : json;
    }
    const renamed = chart === undefined ? undefined : this.renaming.chartSource(url, chart, true);
    return renamed ? { ...json, spec: { ...spec, url: renamed.url, ...secrets } } : json;
  }

  private withSecret(json: JsonObject): JsonObject {
    const { pullSecret } = this.mirror;
    return pullSecret === undefined ? json : withPullSecret(json, pullSecret, this.accounts);
  }
}
