import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { MeshApp, Stack as MeshStack } from '../../../constructs/app.ts';
import { Endpoint, Layer } from '../../../constructs/kit/index.ts';
import { isObject, type JsonObject } from '../../../constructs/kit/json.ts';
import { UserError } from '../../../constructs/kit/user-error.ts';
import { type Install, Mesh } from '../../../constructs/mesh/index.ts';
import { existingSink } from '../../../constructs/tracing/index.ts';
import type { Rig } from '../rig.ts';
import { linesOf, onPath, run } from '../run.ts';
import { readStacks, type Stack } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { compareMeshConfigs } from './mesh-config.ts';
import { meshConfigIn, renderReleases } from './releases.ts';

type Way = Install['by'];
const ways: readonly Way[] = ['istioctl', 'helm', 'sail', 'existing'];

/** One program, installed each of the four ways: whoever reads the output finds the same mesh config. */
export async function fourInstalls(rig: Rig | undefined): Promise<Outcome[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const meant = synthesized(scratch);
    const stacks = new Map(readStacks(scratch).map((stack) => [stack.name, stack]));
    const outcomes: Outcome[] = [];
    for (const way of ways) {
      const stack = stacks.get(way);
      outcomes.push(stack ? await sameConfig(way, stack, meant, rig) : verdict(`one mesh config: ${way}`, ['no stack was made']));
    }
    return outcomes;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function sameConfig(way: Way, stack: Stack, meant: JsonObject, rig: Rig | undefined): Promise<Outcome> {
  const what = `one mesh config, installed by ${way}`;
  const needs = way === 'istioctl' ? 'istioctl' : way === 'helm' ? 'helm' : undefined;
  if (needs !== undefined && !onPath(needs)) return skipped(what, `${needs} is not on PATH`);
  if (way === 'helm' && !rig) return skipped(what, "Istio's charts are those of the rig");
  try {
    const rendered = await renderedConfig(way, stack, rig);
    if (!rendered) return verdict(what, ['there is none']);
    const { lost, added } = compareMeshConfigs(meant, rendered);
    return verdict(`${what}: ${Object.keys(meant).length} keys${added.length > 0 ? `, and ${added.join(', ')}` : ''}`, lost);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return verdict(what, [error.message]);
  }
}

/** As istiod would read it: rendered by whoever installs; of an existing install, the claim. */
async function renderedConfig(way: Way, stack: Stack, rig: Rig | undefined): Promise<JsonObject | undefined> {
  if (way === 'helm' && rig) {
    const releases = await renderReleases(stack, rig);
    return configIn(releases.flatMap(({ objects }) => objects.map(({ json }) => json)));
  }
  if (way !== 'istioctl') return stack.mesh;
  const file = stack.operator ? ['-f', stack.operator.file] : [];
  const charts = rig ? ['--manifests', rig.manifests] : [];
  const { code, stdout, stderr } = await run('istioctl', ['manifest', 'generate', ...file, ...charts]);
  if (code !== 0) throw new UserError(`istioctl manifest generate: ${linesOf(stderr).join(' ')}`);
  return configIn(
    parseAllDocuments(stdout)
      .map((document): unknown => document.toJS())
      .filter(isObject),
  );
}

function configIn(objects: readonly JsonObject[]): JsonObject | undefined {
  const source = meshConfigIn(objects);
  const json: unknown = source === undefined ? undefined : parse(source);
  return isObject(json) ? json : undefined;
}

/** @returns the mesh config that all four meshes state */
function synthesized(outdir: string): JsonObject {
  // The sink is nobody's: there is nothing to prove of a trace's way.
  const app = new MeshApp({ outdir, proof: 'skip' });
  const meshes = ways.map((way) => {
    const stack = new MeshStack(app, way);
    const istio = new Layer(stack, 'istio', { namespace: 'istio-system' });
    const layer = new Layer(stack, 'mesh', { namespace: istio, after: [istio] });
    const zipkin = Endpoint.external({ host: 'zipkin.tracing.svc.cluster.local', port: 9411, protocol: 'zipkin' });
    const install: Install = way === 'helm' || way === 'sail' ? { by: way, in: istio } : { by: way };
    return new Mesh(layer, 'istio', {
      install,
      tracing: { to: existingSink({ zipkin }), via: 'zipkin', samplingPercent: 12.5 },
      outboundTraffic: 'registry-only',
      reportingIntervalSeconds: 7,
      accessLog: {},
      meshConfig: {
        pathNormalization: { normalization: 'MERGE_SLASHES' },
        discoverySelectors: [{ matchLabels: { mesh: 'yes' } }],
      },
    });
  });
  app.synth();
  const [first, ...others] = meshes.map((mesh) => mesh.config);
  const odd = others.findIndex((config) => JSON.stringify(config) !== JSON.stringify(first));
  if (!first || odd >= 0) throw new UserError(`the mesh installed by ${ways[odd + 1]} states another config than by ${ways[0]}`);
  return first;
}
