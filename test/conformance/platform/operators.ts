import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../constructs/kit/user-error.ts';
import { type Cluster, kubectl } from '../cluster.ts';
import { type Rig, script } from '../rig.ts';
import { isExecutable, linesOf } from '../run.ts';
import type { Stack } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { groupOf } from './needs.ts';

/** An operator that the rig can run beside its cluster. */
interface Operator {
  /** The API group that it reads. */
  readonly group: string;
  /** How operators-up.sh calls it. */
  readonly option: string;
  readonly program: string;
}

const operators: readonly Operator[] = [
  { group: 'monitoring.coreos.com', option: 'prom', program: 'prometheus-operator' },
  { group: 'cert-manager.io', option: 'cert', program: 'cert-manager-webhook' },
];

/** What a stack makes the rig run. */
export interface RunningOperators {
  readonly programs: ReadonlySet<string>;
  readonly outcomes: readonly Outcome[];
  stop(): Promise<void>;
}

/** Starts the operators of the rig that read resources of the stack, and stops them afterwards unless they ran before. */
export async function startOperators(cluster: Cluster, stack: Stack): Promise<RunningOperators> {
  const { rig } = cluster;
  const groups = new Set(stack.objects.map(groupOf));
  const wanted = rig ? operators.filter(({ group }) => groups.has(group)) : [];
  if (!rig || wanted.length === 0) return { programs: new Set(), outcomes: [], stop: async () => {} };
  const built = wanted.filter(({ program }) => isExecutable(join(rig.home, 'bin', program)));
  const started = built.filter(({ program }) => !isRunning(rig, program));
  const stop = async () => {
    for (const { program } of started) {
      if (program === 'cert-manager-webhook')
        await kubectl(cluster, ['delete', '--ignore-not-found', 'validatingwebhookconfiguration/cert-manager-rig']);
      await end(rig, program);
    }
  };
  try {
    if (started.length > 0)
      await script(
        rig,
        'operators-up.sh',
        started.map(({ option }) => option),
        120,
      );
  } catch (error) {
    await stop();
    if (!(error instanceof UserError)) throw error;
    return { programs: new Set(), outcomes: [verdict('operators of the rig', [error.message])], stop };
  }
  const missing = wanted.filter((one) => !built.includes(one));
  const outcomes = missing.map(({ program }) => skipped(program, 'it is not built on the rig'));
  if (built.some(({ option }) => option === 'cert')) outcomes.push(await certificatesAreJudged(cluster));
  return { programs: new Set(built.map(({ program }) => program)), outcomes, stop };
}

/** cert-manager's CRD takes this one; its webhook does not: a certificate for nobody. */
const refusedByCertManager = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'meshwright-conformance', namespace: 'default' },
  spec: { secretName: 'meshwright-conformance', issuerRef: { name: 'nobody' } },
};

async function certificatesAreJudged(cluster: Cluster): Promise<Outcome> {
  const what = "admission: cert-manager's webhook refuses a wrong Certificate";
  const input = JSON.stringify(refusedByCertManager);
  // The API server learns of a new webhook a moment later.
  for (let attempt = 0; attempt < 10; attempt++) {
    const { code, stderr } = await kubectl(cluster, ['apply', '--server-side', '--dry-run=server', '-f', '-'], { input });
    if (code !== 0) return verdict(what, stderr.includes('denied the request') ? [] : linesOf(stderr));
    await new Promise((done) => setTimeout(done, 500));
  }
  return verdict(what, ['it was taken: the webhook is not on']);
}

/** The process of a script of the rig; undefined when there is none, or its number is another's by now. */
function processOf({ home }: Rig, program: string): number | undefined {
  try {
    const id = Number(readFileSync(join(home, 'run', `${program}.pid`), 'utf8'));
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(home) ? id : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(rig: Rig, program: string): boolean {
  return processOf(rig, program) !== undefined;
}

async function end(rig: Rig, program: string): Promise<void> {
  const id = processOf(rig, program);
  if (id === undefined) return;
  process.kill(id, 'SIGTERM');
  for (let i = 0; i < 40 && isRunning(rig, program); i++) await new Promise((done) => setTimeout(done, 250));
  if (isRunning(rig, program)) process.kill(id, 'SIGKILL');
  rmSync(join(rig.home, 'run', `${program}.pid`), { force: true });
}
