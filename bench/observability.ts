import { alertsOf, dashboardsOf } from '../constructs/index.ts';
import type { Watched } from '../constructs/kit/index.ts';
import { type Model, modelOf, pictureOf, readWorlds } from '../constructs/proof/index.ts';
import { table, time, timeOf } from './measure.ts';
import { shopWorld } from './shop-world.ts';

/** Pictures of meshes of more and more services. */
export function pictureScaling(sizes: readonly number[], runs: number): string {
  const picturing = (services: number) => ({
    prepare: (round: number) => shopModel(services, round),
    call: (model: Model) => pictureOf(model, 'bench'),
  });
  timeOf(3, picturing(sizes[0] ?? 0));
  const rows = sizes.map((services) => [`${services}`, ...perOne(timeOf(runs, picturing(services)), services)]);
  const what =
    'Shops of thirty services that call one another, each with a gateway. The picture alone, without reading the YAML; it folds what is many.';
  return `${table(['services', '`pictureOf`', 'per service'], rows)}\n\n${what}`;
}

/** Alerts and dashboards of more and more collectors and Jaegers beside a mesh. */
export function alertScaling(sizes: readonly number[], runs: number): string {
  const making = (call: (watched: readonly Watched[]) => unknown, programs: number) =>
    timeOf(runs, { prepare: () => watchedPrograms(programs), call });
  making((watched) => [alertsOf(watched), dashboardsOf(watched)], 10);
  const rows = sizes.map((programs) => [
    `${programs}`,
    ...perOne(making(alertsOf, programs), programs),
    ...perOne(making(dashboardsOf, programs), programs),
  ]);
  return table(['programs', '`alertsOf`', 'per program', '`dashboardsOf`', 'per program'], rows);
}

function perOne(ms: number, count: number): [string, string] {
  return [time(ms), `${((ms / count) * 1000).toFixed(0)} µs`];
}

function shopModel(services: number, round: number): Model {
  const [world] = readWorlds(['-'], { stdin: () => shopWorld(services, round) });
  if (!world) throw new Error('no world');
  return modelOf(world);
}

function watchedPrograms(count: number): Watched[] {
  const programs = Array.from(
    { length: count },
    (_, i): Watched => ({ is: i % 2 ? 'collector' : 'jaeger', namespace: `team-${i}`, name: i % 2 ? 'collector' : 'jaeger' }),
  );
  return [{ is: 'mesh', namespace: 'istio-system', dataplane: 'ambient', traced: true }, ...programs];
}
