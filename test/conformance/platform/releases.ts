import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../../constructs/kit/json.ts';
import { UserError } from '../../../constructs/kit/user-error.ts';
import { readWorlds } from '../../../constructs/proof/index.ts';
import { at, fields, text } from '../../../constructs/proof/json-path.ts';
import { type ChartRelease, chartReleases } from '../../../constructs/proof/read/charts.ts';
import type { Rig } from '../rig.ts';
import { linesOf, onPath, run } from '../run.ts';
import { objectsIn, type Stack, type StackObject } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { compareMeshConfigs } from './mesh-config.ts';

/** Istio's charts, by their published names, in a folder of Istio's own manifests. */
const chartFolders: Readonly<Record<string, string>> = {
  base: 'base',
  istiod: 'istio-control/istio-discovery',
  cni: 'istio-cni',
  ztunnel: 'ztunnel',
  gateway: 'gateway',
};

/** The chart releases of a stack, as Flux would make them. */
export function releasesOf({ folder, objects }: Stack): readonly ChartRelease[] {
  if (!objects.some(({ kind }) => kind === 'HelmRelease')) return [];
  return readWorlds([folder])
    .slice(0, 1)
    .flatMap((world) => chartReleases(world.objects));
}

/** Whether the rig holds the release's chart. */
export function isOfIstio({ chart = '' }: ChartRelease): boolean {
  return chart in chartFolders;
}

/** What `helm template` makes of a release. */
export interface RenderedRelease {
  readonly release: ChartRelease;
  readonly objects: readonly StackObject[];
}

/**
 * Renders the releases of Istio's charts with their values, as Helm would.
 *
 * @throws UserError with what Helm says of the values
 */
export async function renderReleases(stack: Stack, rig: Rig): Promise<RenderedRelease[]> {
  return Promise.all(
    releasesOf(stack)
      .filter(isOfIstio)
      .map(async (release) => ({ release, objects: await helmTemplate(release, rig) })),
  );
}

async function helmTemplate({ object, chart = '', release, namespace }: ChartRelease, rig: Rig): Promise<StackObject[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const values = join(scratch, 'values.yaml');
    writeFileSync(values, JSON.stringify(fields(object.json, 'spec', 'values')));
    const folder = join(rig.manifests, 'charts', chartFolders[chart] ?? chart);
    const { code, stdout, stderr } = await run('helm', ['template', release, folder, '-n', namespace, '-f', values]);
    if (code !== 0) throw new UserError(`helm template ${release}: ${linesOf(stderr).join(' ')}`);
    return objectsIn(stdout);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Asks Helm about every release of a stack whose chart is at hand; the others are skipped by name. */
export async function helmReleases(stack: Stack, rig: Rig | undefined): Promise<Outcome[]> {
  const releases = releasesOf(stack);
  const [own, others] = [releases.filter(isOfIstio), releases.filter((one) => !isOfIstio(one))];
  const what = (release: ChartRelease) => `helm template ${release.release} (${release.chart} ${release.version})`;
  const outcomes = others.map((one) => skipped(what(one), 'the chart is not at hand'));
  const why = !rig ? "Istio's charts are those of the rig" : onPath('helm') ? undefined : 'helm is not on PATH';
  if (!rig || why !== undefined) return [...outcomes, ...own.map((one) => skipped(what(one), String(why)))];
  for (const release of own) {
    try {
      const objects = await helmTemplate(release, rig);
      const publics = stack.mirror === undefined ? [] : pulledElsewhere(objects, stack.mirror);
      const from = stack.mirror === undefined ? '' : ', images of the mirror alone';
      outcomes.push(verdict(`${what(release)}: ${objects.length} objects${from}`, publics));
      if (release.chart === 'istiod') outcomes.push(sameMeshConfig(stack, objects));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      outcomes.push(verdict(what(release), [error.message]));
    }
  }
  return outcomes;
}

function sameMeshConfig({ mesh }: Stack, objects: readonly StackObject[]): Outcome {
  const rendered = meshConfigIn(objects.map(({ json }) => json));
  const json: unknown = rendered === undefined ? undefined : parse(rendered);
  if (!mesh || !isObject(json)) return verdict('mesh config of the istiod chart', ['there is none']);
  const { lost, added } = compareMeshConfigs(mesh, json);
  const more = added.length > 0 ? `; the chart adds ${added.join(', ')}` : '';
  return verdict(`mesh config: the istiod chart renders the one of the proof (${Object.keys(mesh).join(', ')}${more})`, lost);
}

/** The mesh config that an install writes for istiod: in ConfigMap `istio`, or `istio-REVISION`. */
export function meshConfigIn(objects: readonly JsonObject[]): string | undefined {
  const maps = objects.filter(({ kind }) => kind === 'ConfigMap');
  const found = maps.find((one) => /^istio(-|$)/.test(text(one, 'metadata', 'name') ?? '') && text(one, 'data', 'mesh'));
  return found && text(found, 'data', 'mesh');
}

/** Images of rendered objects, and of what istiod injects, that come from elsewhere than the mirror. */
export function pulledElsewhere(objects: readonly StackObject[], mirror: string): string[] {
  const found = new Set<string>();
  const visit = (value: Json | undefined, key: string): void => {
    if (Array.isArray(value)) for (const one of value) visit(one, key);
    else if (isObject(value)) for (const [name, one] of Object.entries(value)) visit(one, name);
    // istiod replaces `auto` by the proxy's image.
    else if (key === 'image' && value !== 'auto' && !String(value).startsWith(`${mirror}/`)) found.add(`image ${value}`);
  };
  for (const { kind, json } of objects) {
    visit(json, '');
    const injector = kind === 'ConfigMap' ? text(json, 'data', 'values') : undefined;
    const hub: unknown = injector === undefined ? mirror : at(parse(injector), 'global', 'hub');
    if (!String(hub).startsWith(mirror)) found.add(`the injector's hub ${hub}`);
  }
  return [...found];
}
