import { edgesOf, modelOf, proveModel, readWorlds, type World } from '../constructs/proof/index.ts';
import { type Candidate, table, time, timeOf } from './measure.ts';
import { asYaml, traceWorld } from './trace-worlds.ts';

/** Reading and proving of larger and larger meshes with all that belongs to tracing; throws when the proof finds anything in them. */
export function proofScaling(sizes: readonly number[], runs: number): string {
  // The first calls of all are the compiler's.
  timeOf(3, reading(sizes[0] ?? 0));
  timeOf(3, proving(sizes[0] ?? 0));
  const rows = sizes.map((size) => {
    const objects = worldOf(yamlOf(size, -1)).objects.length;
    const read = timeOf(runs, reading(size));
    const proven = timeOf(runs, proving(size));
    const each = (ms: number) => `${((ms / objects) * 1000).toFixed(0)} \u00b5s`;
    return [`${objects}`, time(proven), each(proven), time(read), each(read)];
  });
  return `${table(['objects', 'the proof', 'per object', 'reading the YAML before', 'per object'], rows)}\n\n${WHAT}`;
}

const WHAT =
  'A mesh of teams, each with a namespace, apps, a collector with pipelines, a tracing provider, a Telemetry, a Sidecar, policies and a Grafana.';

function proving(size: number): Candidate<World> {
  return {
    prepare: (round) => worldOf(yamlOf(size, round)),
    call: (world) => {
      const model = modelOf(world);
      const [first] = proveModel(model);
      if (first) throw new Error(`the proof found ${first.code} in ${first.object}: ${first.message}`);
      edgesOf(model);
    },
  };
}

function reading(size: number): Candidate<string> {
  return { prepare: (round) => yamlOf(size, round), call: worldOf };
}

function yamlOf(size: number, round: number): string {
  return asYaml(traceWorld(size, round));
}

function worldOf(yaml: string): World {
  const [world] = readWorlds(['-'], { stdin: () => yaml });
  if (!world) throw new Error('no world');
  return world;
}
