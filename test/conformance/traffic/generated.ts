import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../constructs/kit/json.ts';
import { UserError } from '../../../constructs/kit/user-error.ts';
import { fromObjects } from '../../../constructs/proof/read/objects.ts';
import { remove } from '../apply.ts';
import { type Cluster, kubectl } from '../cluster.ts';
import { installIstio } from '../rig.ts';
import { rollout } from '../rollout.ts';
import { linesOf, onPath } from '../run.ts';
import { type Stack, stackObject } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { compareTraffic } from './traffic.ts';
import { generateWorld } from './worlds/worlds.ts';

/** Another seed is another world; this one is everybody's. */
const seed = 20_260;

/** All of them: the generated world exists for this. */
const most = 2_000;

/** Applies a generated world of Services and routes, and holds `explain` against istiod for requests at all its borders. */
export async function tryGenerated(cluster: Cluster, report: (outcome: Outcome) => void): Promise<void> {
  const what = 'explain agrees with istiod: generated routes';
  if (!cluster.rig) return report(skipped(what, "only the rig's istiod can be asked"));
  if (!onPath('ads')) return report(skipped(what, 'ads of the rig is not built'));
  const folder = mkdtempSync(join(tmpdir(), 'conformance-traffic-'));
  const operator: JsonObject = {
    ...{ apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', metadata: { name: 'mesh', namespace: 'istio-system' } },
    spec: { profile: 'default', meshConfig: {} },
  };
  const { base, routes } = generateWorld(seed);
  const objects = [...base, ...routes].map(stackObject);
  const file = join(folder, 'istio-operator.yaml');
  writeFileSync(file, JSON.stringify(operator));
  const stack: Stack = { name: 'generated', folder, steps: [], variants: [], objects, operator: { file, json: operator } };
  let clean = false;
  try {
    const uninstall = await installIstio(cluster, cluster.rig, stack);
    try {
      for (const [step, list] of [
        ['workloads', base],
        ['routes', routes],
      ] as const) {
        const outcome = await applyAll(cluster, list, `generated ${step}`);
        report(outcome);
        if (outcome.status === 'failed') return;
        await rollout(cluster, stack);
      }
      // A command line can ask the same of this folder.
      writeFileSync(join(folder, 'world.yaml'), [...base, ...routes].map((one) => `---\n${JSON.stringify(one)}\n`).join(''));
      const world = fromObjects(
        [...base, ...routes, operator].map((json) => ({ json, path: 'generated' })),
        { name: 'generated' },
      );
      const outcome = await compareTraffic(cluster, {
        what: 'generated routes',
        named: { path: folder },
        world,
        most,
        apps: ['client', 'scoped'],
      });
      clean = outcome.status === 'passed';
      report(outcome);
    } finally {
      // With them goes everything in them.
      const namespaces = objects.filter(({ kind }) => kind === 'Namespace');
      report(await remove(cluster, namespaces, []));
      await uninstall();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report(verdict(what, [error.message]));
  } finally {
    if (clean) rmSync(folder, { recursive: true });
  }
}

/** Accepted by the API server and Istio's webhook; that some generated rules can never be reached is no fault here. */
async function applyAll(cluster: Cluster, items: readonly JsonObject[], what: string): Promise<Outcome> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const flags = ['--server-side', '--validate=strict', '--field-manager=meshwright-conformance'];
  const { code, stdout, stderr } = await kubectl(cluster, ['apply', ...flags, '-f', '-'], { input, seconds: 120 });
  const accepted = linesOf(stdout).filter((line) => line.endsWith(' serverside-applied')).length;
  const said = linesOf(stderr).filter((line) => !line.startsWith('Warning: virtualService rule'));
  return verdict(
    `${what}: ${accepted} of ${items.length} accepted`,
    code === 0 ? said : [...said, `kubectl apply ended with ${code}`],
  );
}
