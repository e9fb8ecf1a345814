import { isObject, type Json } from '../../kit/json.ts';
import { at, fields, text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import { containersOf } from '../model/spans/containers.ts';
import type { Program } from '../model/spans/programs.ts';
import type { Workload } from '../model/workloads.ts';
import { type ChartRelease, chartReleases } from '../read/charts.ts';
import { isFault, readYaml } from '../read/yaml.ts';
import type { ProofObject } from '../types.ts';
import { deployName, type RunbookFacts } from './facts.ts';
import { type Kept, keptByLokiChart, keptBySpec, keptLogs, keptMetrics, keptSpans, volumeOf } from './kept.ts';
import { denseTable } from './markdown.ts';

interface Component extends Kept {
  readonly is: string;
  readonly version: string;
  readonly runs: string;
}

/** What gathers, keeps and shows what happens in the mesh, each with its version and how long it remembers. */
export function components({ model }: RunbookFacts): string[] {
  const all = [
    ...model.programs.all.filter(({ object }) => object.kind !== 'ConfigMap').map((one) => ofProgram(model, one)),
    ...model.workloads.flatMap((one) => ofWorkload(model, one)),
    ...chartReleases(model.objects).flatMap(ofChart),
    ...model.objects.flatMap(ofResource),
  ];
  if (all.length === 0) return [];
  const rows = all.map(({ is, version, runs, where, howLong }) => [is, version, runs, where, howLong]);
  return ['### What watches', denseTable(['program', 'version', 'runs as', 'its data', 'kept'], rows)];
}

const NOTHING: Kept = { where: 'nothing: asks the others', howLong: '' };
const GRAFANA: Kept = { where: 'nothing: what it shows is in these manifests', howLong: '' };

function ofProgram(model: Model, program: Program): Component {
  const { is, namespace, image, object } = program;
  const release = chartReleases(model.objects).find((one) => one.object === object);
  return {
    is,
    version: release
      ? ofRelease(release, text(object.json, 'spec', 'values', 'tempo', 'tag'))
      : (image?.tag ?? (object.kind === 'OpenTelemetryCollector' ? 'of its operator' : '')),
    runs: `\`${deployName(program)}\` in \`${namespace}\``,
    ...keptSpans(program),
  };
}

function ofRelease({ chart, version }: ChartRelease, tag: string | undefined): string {
  return tag ?? `of the chart \`${chart}\`${version ? ` ${version}` : ''}`;
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['StatefulSet', 'statefulset'],
  ['DaemonSet', 'daemonset'],
]);

/** The programs that are no receiver of spans, by the last part of their image's name. */
function ofWorkload(model: Model, workload: Workload): Component[] {
  const runs = `\`${KINDS.get(workload.object.kind) ?? 'deploy'}/${workload.name}\` in \`${workload.namespace}\``;
  return containersOf(workload).flatMap((container): Component[] => {
    const is = container.image?.repository.split('/').at(-1) ?? '';
    const about = { is, version: container.image?.tag ?? '', runs };
    if (is === 'prometheus') return [{ ...about, ...keptMetrics(workload, container) }];
    if (is === 'loki') return [{ ...about, ...keptLogs(lokiConfig(model, workload.namespace), workload) }];
    if (is === 'skywalking-banyandb')
      return [{ ...about, where: volumeOf(workload), howLong: 'as long as those who write there say' }];
    if (is === 'grafana') return [{ ...about, ...GRAFANA }];
    return is === 'kiali' ? [{ ...about, ...NOTHING }] : [];
  });
}

/** A ConfigMap of the namespace with a configuration of Loki. */
function lokiConfig(model: Model, namespace: string): Json | undefined {
  for (const one of model.kind('ConfigMap')) {
    if (one.namespace !== namespace) continue;
    for (const value of Object.values(fields(one.json, 'data'))) {
      if (typeof value !== 'string' || !value.includes('schema_config:')) continue;
      const parsed = readYaml(value);
      if (!isFault(parsed) && isObject(parsed[0]?.value)) return parsed[0].value;
    }
  }
  return undefined;
}

/** The programs that a chart brings, besides those that take spans. */
function ofChart(release: ChartRelease): Component[] {
  const { chart, object, namespace } = release;
  const values = fields(object.json, 'spec', 'values');
  const runs = `chart \`${chart}\`, release \`${release.release}\` in \`${namespace}\``;
  if (chart === 'kube-prometheus-stack') {
    const spec = at(values, 'prometheus', 'prometheusSpec');
    return [
      // Chart 88: ten days unless told otherwise.
      { is: 'prometheus', version: ofRelease(release, text(spec, 'image', 'tag')), runs, ...keptBySpec(spec, '10d') },
      ...(at(values, 'grafana', 'enabled') === false
        ? []
        : [{ is: 'grafana', version: ofRelease(release, text(values, 'grafana', 'image', 'tag')), runs, ...GRAFANA }]),
    ];
  }
  if (chart === 'grafana')
    return [{ is: 'grafana', version: ofRelease(release, text(values, 'image', 'tag')), runs, ...GRAFANA }];
  if (chart === 'kiali-server') return [{ is: 'kiali', version: ofRelease(release, undefined), runs, ...NOTHING }];
  if (chart !== 'loki') return [];
  return [
    {
      is: 'loki',
      version: ofRelease(release, text(values, 'loki', 'image', 'tag')),
      runs,
      ...keptByLokiChart(values),
    },
  ];
}

/** What an operator runs. */
function ofResource({ kind, group, json, name, namespace }: ProofObject): Component[] {
  const runs = `\`${kind}/${name}\` in \`${namespace}\`, by its operator`;
  const version = text(json, 'spec', 'version') ?? 'of its operator';
  if (kind === 'Kiali' && group === 'kiali.io')
    return [{ is: 'kiali', version: text(json, 'spec', 'deployment', 'image_version') ?? version, runs, ...NOTHING }];
  if (kind === 'Grafana' && group === 'grafana.integreatly.org') return [{ is: 'grafana', version, runs, ...GRAFANA }];
  // Operator 0.93: 24 hours unless told otherwise.
  if (kind === 'Prometheus' && group === 'monitoring.coreos.com')
    return [{ is: 'prometheus', version, runs, ...keptBySpec(at(json, 'spec'), '24h') }];
  return [];
}
