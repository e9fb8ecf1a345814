import { edgesOf, modelOf, proveModel, readWorlds, type World } from '../constructs/proof/index.ts';
import { dashboardWorld } from './dashboard-world.ts';
import { type Candidate, table, time, timeOf } from './measure.ts';
import { platformWorld } from './platform-world.ts';
import { asYaml, traceWorld } from './trace-worlds.ts';
import { unservedWorld } from './unserved-world.ts';

/** Reading and proving of larger and larger worlds of one sort. */
interface Sort {
  readonly yaml: (size: number, round: number) => string;
  /** The only code that may be found. */
  readonly finds?: string;
}

/** A mesh with all that belongs to tracing; throws when the proof finds anything in it. */
export function meshScaling(sizes: readonly number[], runs: number): string {
  const what =
    'A mesh of teams, each with a namespace, apps, a collector with pipelines, a tracing provider, a Telemetry, a Sidecar, policies and a Grafana.';
  return `${scalingOf({ yaml: (size, round) => asYaml(traceWorld(size, round)) }, sizes, runs)}\n\n${what}`;
}

/** A platform of many tenants; throws when the proof finds anything in it. */
export function platformScaling(tenants: readonly number[], runs: number): string {
  const what =
    'Tenants, each with a Flux Kustomization that waits for the one before, a HelmRelease, an Ingress, a Certificate and its Issuer, an address of MetalLB, and a monitor.';
  return `${scalingOf({ yaml: platformWorld }, tenants, runs)}\n\n${what}`;
}

/** Dashboards and rules of many teams; throws when the proof finds anything in them. */
export function dashboardScaling(teams: readonly number[], runs: number): string {
  const what =
    'Teams, each with three dashboards of thirty queries that lead to each other, and a PrometheusRule of ten alerts. No two teams ask the same.';
  return `${scalingOf({ yaml: dashboardWorld }, teams, runs)}\n\n${what}`;
}

/** One mistake in every Service of a namespace; throws when the proof finds anything else. */
export function faultScaling(services: readonly number[], runs: number): string {
  const what =
    'One namespace, with as many Deployments as Services, and each Service selects no pods: REF012, with the nearest label.';
  return `${scalingOf({ yaml: unservedWorld, finds: 'REF012' }, services, runs)}\n\n${what}`;
}

function scalingOf(sort: Sort, sizes: readonly number[], runs: number): string {
  // The first calls of all are the compiler's.
  timeOf(3, reading(sort, sizes[0] ?? 0));
  timeOf(3, proving(sort, sizes[0] ?? 0));
  let first: number | undefined;
  const rows = sizes.map((size) => {
    const objects = worldOf(sort.yaml(size, -1)).objects.length;
    const read = timeOf(runs, reading(sort, size));
    const proven = timeOf(runs, proving(sort, size));
    first ??= proven / objects;
    const each = (ms: number) => `${((ms / objects) * 1000).toFixed(0)} µs`;
    return [`${objects}`, time(proven), each(proven), (proven / objects / first).toFixed(2), time(read), each(read)];
  });
  return table(['objects', 'the proof', 'per object', 'beside the first row', 'reading the YAML before', 'per object'], rows);
}

function proving({ yaml, finds }: Sort, size: number): Candidate<World> {
  return {
    prepare: (round) => worldOf(yaml(size, round)),
    call: (world) => {
      const model = modelOf(world);
      const other = proveModel(model).find(({ code }) => code !== finds);
      if (other) throw new Error(`the proof found ${other.code} in ${other.object}: ${other.message}`);
      edgesOf(model);
    },
  };
}

function reading({ yaml }: Sort, size: number): Candidate<string> {
  return { prepare: (round) => yaml(size, round), call: worldOf };
}

function worldOf(yaml: string): World {
  const [world] = readWorlds(['-'], { stdin: () => yaml });
  if (!world) throw new Error('no world');
  return world;
}
