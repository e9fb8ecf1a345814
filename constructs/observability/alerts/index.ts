import { isDeepStrictEqual } from 'node:util';
import { UserError, type Watched, type WatchedProgram } from '../../kit/index.ts';
import type { PrometheusRuleGroup } from '../monitors/prometheus-rules.ts';
import { type AlertGroup, ruleGroup } from './alert.ts';
import { ambientGroup } from './ambient.ts';
import { type Backend, backendGroup } from './backends.ts';
import { objectiveGroups } from './burn.ts';
import { collectorGroup } from './collector.ts';
import { istiodGroup } from './istiod.ts';
import { type AlertOptions, objectivesOf } from './options.ts';
import { capacityGroup } from './programs.ts';
import { requestGroup } from './requests.ts';
import { spansGroup } from './spans.ts';

export type { AlertOptions, LatencyBucket, ServiceObjective, ServiceOfObjective } from './options.ts';

/**
 * Alerts on what is watched, and the series that they need: for `PrometheusRules`, or the `rules` of a Prometheus. A `Prometheus` of this
 * program has those of what it scrapes by itself.
 *
 * Of each service 19 series are recorded, whoever calls it. An alert is a `page` (users are hit, or soon will be) or a `ticket`, by its
 * label `severity`. docs/alerts.md tells what each means and what to do.
 *
 * @param watched what a `Mesh`, a `Collector`, a backend says of itself: `[...mesh.watched, ...collector.watched]`
 * @throws UserError when nothing is watched, or an option is out of its range
 */
export function alertsOf(
  watched: readonly Watched[],
  options: AlertOptions = {},
): readonly [PrometheusRuleGroup, ...PrometheusRuleGroup[]] {
  const [first, ...others] = alertGroups(watched, options).flatMap((group) => ruleGroup(group, options) ?? []);
  if (!first) throw new UserError("alerts watch nothing: hand over what is to be watched, e.g. '[...mesh.watched]'");
  return [first, ...others];
}

/** The alerts as data, with what is to be known of each. @internal */
export function alertGroups(all: readonly Watched[], options: AlertOptions): readonly AlertGroup[] {
  const objectives = objectivesOf(options);
  const watched = all.filter((one, i) => all.findIndex((other) => isDeepStrictEqual(other, one)) === i);
  const meshes = watched.filter((one) => one.is === 'mesh');
  const spaces = (of: readonly { readonly namespace: string }[]) => [...new Set(of.map((one) => one.namespace))];
  const ambient = meshes.filter(({ dataplane }) => dataplane === 'ambient');
  const every = watched.filter((one) => one.is !== 'mesh');
  const of = (kind: WatchedProgram) => every.filter((one) => one.is === kind);
  const programs = {
    collector: of('collector'),
    jaeger: of('jaeger'),
    tempo: of('tempo'),
    zipkin: of('zipkin'),
    skywalking: of('skywalking'),
    loki: of('loki'),
  };
  // SkyWalking's database is a workload of its own.
  const databases = programs.skywalking.map(({ namespace }) => ({ namespace, name: 'skywalking-banyandb' }));
  const missing = spansGroup(meshes, programs);
  return [
    ...(meshes.length > 0 ? [...objectiveGroups(objectives), requestGroup(meshes, objectives), istiodGroup(spaces(meshes))] : []),
    ...(ambient.length > 0 ? [ambientGroup(spaces(ambient))] : []),
    ...(missing ? [missing] : []),
    ...(programs.collector.length > 0 ? [collectorGroup(programs.collector)] : []),
    ...kinds.filter((kind) => programs[kind].length > 0).map((kind) => backendGroup(kind, programs[kind])),
    ...(every.length > 0 ? [capacityGroup([...every, ...databases])] : []),
  ];
}

const kinds: readonly Backend[] = ['jaeger', 'tempo', 'zipkin', 'skywalking', 'loki'];
