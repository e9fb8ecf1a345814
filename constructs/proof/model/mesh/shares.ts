import { isObject, type Json } from '../../../kit/json.ts';
import { at, fields, items, text } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import { isFault, parseYaml } from '../../read/yaml.ts';
import { type Path, type ProofObject, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';
import { templateOf, type Workload } from '../workloads.ts';
import type { MeshConfig } from './mesh-config.ts';
import type { Share } from './telemetry.ts';

/**
 * The share of requests in force, and who says so. Istio's order (1.30): a sampler of the provider, a Telemetry,
 * `defaultConfig.tracing.sampling` (of a pod, then of the mesh), `PILOT_TRACE_SAMPLING`, 1 percent.
 */
export interface OldShare extends Share {
  /** As people know it: `defaultConfig.tracing.sampling`. */
  readonly what: string;
}

/** `defaultConfig.tracing.sampling` of a mesh config. */
export function defaultConfigShare({ value, spot }: MeshConfig): OldShare | undefined {
  const path = ['defaultConfig', 'tracing', 'sampling'];
  const percent = percentOf(at(value, ...path));
  return percent === undefined ? undefined : { what: path.join('.'), percent, at: spot(path) };
}

/** What istiod is told by its environment, or by the chart value that becomes it. Only what a person wrote: rendered Deployments hold a default. */
export function istiodShares(model: Model): OldShare[] {
  const charts = chartReleases(model.objects).filter(({ chart }) => chart === 'istiod');
  return [
    ...model.objects
      .filter(({ kind, group }) => kind === 'IstioOperator' || (kind === 'Istio' && group === 'sailoperator.io'))
      .flatMap((object) => [
        ...stated(object, ['spec', 'values', 'pilot', 'traceSampling']),
        ...stated(object, ['spec', 'values', 'pilot', 'env', VARIABLE]),
        ...componentEnv(object),
      ]),
    ...charts.flatMap(({ object }) =>
      [['traceSampling'], ['env', VARIABLE], ['pilot', 'traceSampling'], ['pilot', 'env', VARIABLE]].flatMap((path) =>
        stated(object, ['spec', 'values', ...path]),
      ),
    ),
  ];
}

const VARIABLE = 'PILOT_TRACE_SAMPLING';

function stated(object: ProofObject, path: Path): OldShare[] {
  const percent = percentOf(at(object.json, ...path));
  if (percent === undefined) return [];
  return [
    {
      what: path.includes('pilot') && !path.includes('env') ? 'pilot.traceSampling' : String(path.at(-1)),
      percent,
      at: spotOf(object, path),
    },
  ];
}

function componentEnv(object: ProofObject): OldShare[] {
  const path = ['spec', 'components', 'pilot', 'k8s', 'env'];
  return items(object.json, ...path).flatMap((entry, i) => {
    const percent = text(entry, 'name') === VARIABLE ? percentOf(at(entry, 'value')) : undefined;
    return percent === undefined ? [] : [{ what: VARIABLE, percent, at: spotOf(object, [...path, i, 'value']) }];
  });
}

/** The shares that pods give their own proxies, by the annotation `proxy.istio.io/config`. */
export function podShares(workloads: readonly Workload[]): (OldShare & { readonly workload: Workload })[] {
  return workloads.flatMap((workload) => {
    const template = workload.podSpec && templateOf(workload.object);
    if (!template) return [];
    const path = [...template, 'metadata', 'annotations', ANNOTATION];
    const written = text(workload.object.json, ...path);
    if (written === undefined || !written.includes('sampling')) return [];
    const parsed = parseYaml(written);
    if (isFault(parsed) || !isObject(parsed[0]?.value)) return [];
    const percent = percentOf(fields(parsed[0].value, 'tracing').sampling);
    return percent === undefined
      ? []
      : [{ what: `tracing.sampling of ${ANNOTATION}`, percent, at: spotOf(workload.object, path), workload }];
  });
}

const ANNOTATION = 'proxy.istio.io/config';

function percentOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}
