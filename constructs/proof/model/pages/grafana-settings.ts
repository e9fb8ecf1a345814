import { remember } from '../../../kit/remember.ts';
import { at, text } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import { fullName } from '../full-name.ts';
import type { Model } from '../model.ts';
import type { Service } from '../services.ts';
import { selects } from '../workloads.ts';
import { type GrafanaPod, grafanaPods } from './grafana-pods.ts';
import { iniEntry } from './ini.ts';

/** A setting of a Grafana, where it is stated. */
export interface GrafanaSetting {
  /** Undefined where it comes from elsewhere. */
  readonly value: string | undefined;
  readonly at: Spot;
}

/** What a Grafana is told: by its environment, its grafana.ini, or the values of its chart. */
export interface GrafanaSettings {
  readonly object: ProofObject;
  /** Undefined where a chart makes the pods. */
  readonly pod: GrafanaPod | undefined;
  /** Whether it may be told more than the input shows. */
  readonly open: boolean;
  /** Looks a setting up: the environment wins over the file (Grafana 13, `GF_SECTION_KEY`). */
  get(section: string, key: string): GrafanaSetting | undefined;
  /** Whether a Service is its own. */
  leadsTo(service: Service): boolean;
}

/** The settings of every Grafana of the input: plain workloads, and releases of the charts grafana and kube-prometheus-stack. */
export const grafanaSettings: (model: Model) => readonly GrafanaSettings[] = remember((model) => [
  ...grafanaPods(model).map(ofPod),
  ...ofReleases(model),
]);

function variable(section: string, key: string): string {
  return `GF_${section}_${key}`.toUpperCase().replaceAll(/[.-]/g, '_');
}

const INI = '/etc/grafana/grafana.ini';

function ofPod(pod: GrafanaPod): GrafanaSettings {
  const { workload, container, files, mounts } = pod;
  const { namespace, labels, object } = workload;
  const path = container.env.get('GF_PATHS_CONFIG')?.value ?? INI;
  const ini = files.find((one) => one.path === path);
  const hidden = !ini && mounts.some((mount) => mount.open && (path === mount.path || path.startsWith(`${mount.path}/`)));
  return {
    ...{ object, pod, open: container.envOpen || hidden },
    get: (section, key) => {
      const stated = container.env.get(variable(section, key));
      if (stated) return stated;
      const content = ini && text(ini.object.json, 'data', ini.key);
      const entry = content === undefined ? undefined : iniEntry(content, section, key);
      if (!ini || !entry) return undefined;
      const place = ['data', ini.key];
      return {
        value: entry.value,
        at: {
          ...spotOf(ini.object, place),
          field: `data.${ini.key}: [${section}] ${key}`,
          line: () => ini.object.origin.line(place, entry.line),
        },
      };
    },
    leadsTo: (one) => one.namespace === namespace && one.selector.size > 0 && selects(one.selector, labels),
  };
}

function ofReleases(model: Model): GrafanaSettings[] {
  return chartReleases(model.objects).flatMap((release): GrafanaSettings[] => {
    const { chart, object, partial } = release;
    if (chart !== 'kube-prometheus-stack' && chart !== 'grafana') return [];
    const inner: Path = chart === 'grafana' ? [] : ['grafana'];
    const base: Path = ['spec', 'values', ...inner];
    if (at(object.json, ...base, 'enabled') === false) return [];
    const name = fullName(release, 'grafana', 63, inner);
    const from = ['envFromSecret', 'envFromSecrets', 'envFromConfigMaps'].some(
      (key) => at(object.json, ...base, key) !== undefined,
    );
    return [
      {
        ...{ object, pod: undefined, open: partial || from },
        get: (section, key) => {
          const places: Path[] = [
            [...base, 'env', variable(section, key)],
            [...base, 'grafana.ini', section, key],
          ];
          const place = places.find((one) => at(object.json, ...one) !== undefined);
          if (!place) return undefined;
          const value = at(object.json, ...place);
          return {
            value: typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined,
            at: spotOf(object, place),
          };
        },
        leadsTo: (one) => one.object === object && one.name === name,
      },
    ];
  });
}
