import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { byCodeUnit, isObject, type Json, type JsonObject } from '../../../constructs/kit/json.ts';
import { fields } from '../../../constructs/proof/json-path.ts';
import { linesOf, onPath, run } from '../run.ts';
import { label, objectsIn, type Stack, type StackObject } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import type { FluxStep } from './flux-order.ts';

/**
 * Builds every path of a stack that Flux delivers, as Flux does: with a strict substitution that has no variables, so that any `${...}`
 * which it would touch is an error; the result must be what kubectl builds.
 */
export async function fluxBuilds({ delivery }: Stack): Promise<Outcome[]> {
  if (!delivery) return [];
  const what = `flux build kustomization: ${delivery.steps.length} paths, nothing to substitute`;
  if (!onPath('kubectl')) return [skipped(what, 'kubectl is not on PATH')];
  if (!onPath('flux')) return [skipped(what, 'flux is not on PATH')];
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const reasons: string[] = [];
    for (const step of delivery.steps) reasons.push(...(await build(step, join(scratch, 'kustomization.yaml'))));
    return [verdict(what, reasons)];
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function build({ name, folder, json }: FluxStep, file: string): Promise<string[]> {
  // Without any variable Flux leaves the substitution out, and says nothing of what it would touch.
  const spec = { postBuild: { substitute: { MESHWRIGHT_CONFORMANCE: 'unused' } }, ...fields(json, 'spec') };
  writeFileSync(file, JSON.stringify({ ...json, spec }));
  const [plain, flux] = await Promise.all([
    run('kubectl', ['kustomize', folder]),
    // In memory it builds only what lies under the working folder; otherwise it writes into the path.
    run(
      'flux',
      [
        ...['build', 'kustomization', name, '--path', '.', '--kustomization-file', file],
        ...['--namespace', 'flux-system', '--dry-run', '--strict-substitute', '--in-memory-build'],
      ],
      { cwd: folder },
    ),
  ]);
  if (plain.code !== 0) return [`${basename(folder)}: kubectl kustomize: ${linesOf(plain.stderr).join(' ')}`];
  if (flux.code !== 0) return [`${basename(folder)}: ${linesOf(flux.stderr).join(' ')}`];
  return changed(objectsIn(plain.stdout), objectsIn(flux.stdout)).map((one) => `${basename(folder)}: ${one}`);
}

/** How Flux's build differs from kubectl's: it may add labels with its name, and nothing else. */
export function changed(before: readonly StackObject[], after: readonly StackObject[]): string[] {
  const built = new Map(after.map((one) => [label(one), JSON.stringify(sorted(one.json))]));
  const gone = before.flatMap((one) => {
    const text = built.get(label(one));
    if (text === undefined) return [`${label(one)} is gone`];
    return text === JSON.stringify(sorted(one.json)) ? [] : [`${label(one)} is another object`];
  });
  const known = new Set(before.map(label));
  return [...gone, ...after.filter((one) => !known.has(label(one))).map((one) => `${label(one)} is new`)];
}

/** An object with its keys in order, without Flux's own labels. */
function sorted({ metadata, ...rest }: JsonObject): JsonObject {
  const { labels, ...others } = isObject(metadata) ? metadata : {};
  const own = Object.entries(isObject(labels) ? labels : {}).filter(([name]) => !name.startsWith('kustomize.toolkit.fluxcd.io/'));
  const kept = own.length > 0 ? { labels: Object.fromEntries(own) } : {};
  return inOrder({ ...rest, metadata: { ...others, ...kept } });
}

function inOrder(json: JsonObject): JsonObject {
  const value = (one: Json): Json => (Array.isArray(one) ? one.map(value) : isObject(one) ? inOrder(one) : one);
  return Object.fromEntries(
    Object.entries(json)
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([key, one]) => [key, value(one)]),
  );
}
