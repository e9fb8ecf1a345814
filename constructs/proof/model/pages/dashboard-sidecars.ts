import type { Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, strings, text } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Path, ProofObject } from '../../types.ts';
import type { Model } from '../model.ts';
import { containersOf } from '../spans/containers.ts';

/** A sidecar that gives a Grafana the dashboards of labelled ConfigMaps (kiwigrid/k8s-sidecar, as Grafana's charts run it). */
export interface DashboardSidecar {
  /** The workload, or the release that makes it. */
  readonly object: ProofObject;
  readonly label: string;
  /** Undefined for any. */
  readonly value: string | undefined;
  readonly searches: 'all' | ReadonlySet<string>;
}

/** The sidecars of a world, and whether there may be others that the input does not show. */
export interface DashboardSidecars {
  readonly all: readonly DashboardSidecar[];
  readonly open: boolean;
}

const LABEL = 'grafana_dashboard';

/** Finds every sidecar for dashboards: of Grafana's charts, and in pods. */
export const dashboardSidecars: (model: Model) => DashboardSidecars = remember((model) => {
  const found = [...ofCharts(model), ...ofPods(model)];
  return {
    all: found.flatMap((one) => (one === 'open' ? [] : [one])),
    open: found.includes('open') || model.objects.some(({ group }) => group === 'grafana.integreatly.org'),
  };
});

/** Whether a sidecar takes a ConfigMap. */
export function takes({ label, value, searches }: DashboardSidecar, { json, namespace }: ProofObject): boolean {
  const stated = strings(json, 'metadata', 'labels').get(label);
  return stated !== undefined && (value === undefined || stated === value) && looksInto(searches, namespace);
}

/** Whether a sidecar looks for ConfigMaps in a namespace. */
export function looksInto(searches: DashboardSidecar['searches'], namespace: string): boolean {
  return searches === 'all' || searches.has(namespace);
}

function ofCharts(model: Model): (DashboardSidecar | 'open')[] {
  return chartReleases(model.objects).flatMap(({ object, chart, namespace, partial }): (DashboardSidecar | 'open')[] => {
    if (chart === undefined) return ['open'];
    const stack = chart === 'kube-prometheus-stack';
    // Others bring a Grafana of their own: loki-stack, signoz, a site's umbrella chart.
    if (!stack && chart !== 'grafana')
      return /grafana|loki-stack|prometheus-stack|observability|monitoring/.test(chart) ? ['open'] : [];
    if (partial) return ['open'];
    const path: Path = stack ? ['spec', 'values', 'grafana'] : ['spec', 'values'];
    const on = at(object.json, ...path, 'sidecar', 'dashboards', 'enabled');
    if (at(object.json, ...path, 'enabled') === false || (stack ? on === false : on !== true)) return [];
    const place = [...path, 'sidecar', 'dashboards'];
    // Chart kube-prometheus-stack 88: every namespace, the value "1"; chart grafana 12: its own namespace, any value.
    const value =
      text(object.json, ...place, 'labelValue') ??
      (stack && at(object.json, ...place, 'labelValue') === undefined ? '1' : undefined);
    const searched = at(object.json, ...place, 'searchNamespace') ?? (stack ? 'ALL' : undefined);
    return sidecar(object, text(object.json, ...place, 'label') ?? LABEL, value, searched, namespace);
  });
}

function ofPods(model: Model): (DashboardSidecar | 'open')[] {
  return model.workloads.flatMap((workload) =>
    containersOf(workload).flatMap(({ image, env, envOpen }) => {
      if (!image?.repository.endsWith('k8s-sidecar')) return [];
      const label = env.get('LABEL');
      if (envOpen || (label && label.value === undefined)) return ['open' as const];
      if (!label?.value?.includes('dashboard')) return [];
      const value = env.get('LABEL_VALUE')?.value;
      return sidecar(
        workload.object,
        label.value,
        value === '' ? undefined : value,
        env.get('NAMESPACE')?.value,
        workload.namespace,
      );
    }),
  );
}

function sidecar(
  object: ProofObject,
  label: string,
  value: string | undefined,
  searched: Json | undefined,
  own: string,
): (DashboardSidecar | 'open')[] {
  const names = (typeof searched === 'string' ? searched.split(',') : Array.isArray(searched) ? searched : []).flatMap((one) =>
    typeof one === 'string' && one.trim() !== '' ? [one.trim()] : [],
  );
  if ([label, value ?? '', ...names].some((one) => /[{$]/.test(one))) return ['open'];
  return [{ object, label, value, searches: names.includes('ALL') ? 'all' : new Set(names.length > 0 ? names : [own]) }];
}
