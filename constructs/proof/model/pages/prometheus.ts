import { groupBy } from '../../group-by.ts';
import { at, fields, items, text } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Config } from '../../read/config.ts';
import { type ProofObject, type Spot, spotOf } from '../../types.ts';
import { selectionIndex } from '../selection.ts';
import type { Service } from '../services.ts';
import { containersOf, optionValues } from '../spans/containers.ts';
import type { Workload } from '../workloads.ts';

/** A switch of a program; undefined when the input does not show it. */
export type Switch = boolean | undefined;

/** A Prometheus server. */
export interface Prometheus {
  readonly is: 'workload' | 'resource' | 'chart';
  readonly object: ProofObject;
  readonly namespace: string;
  /** Its pods, for a plain workload. */
  readonly workload: Workload | undefined;
  /** Name of the release, for a chart. */
  readonly release: string | undefined;
  /** Whether others may push metrics to it (remote write). */
  readonly takesWrites: Switch;
  /** Whether it keeps exemplars. */
  readonly keepsExemplars: Switch;
  /** Where its switches stand. */
  readonly at: Spot;
  /** Its configuration, for a plain workload. */
  readonly config: Config | undefined;
  /** Where its API begins, e.g. `/prometheus`; undefined when not known. */
  readonly prefix: string | undefined;
}

/** The Prometheus servers of a world. */
export interface Prometheuses {
  readonly all: readonly Prometheus[];
  /** The one that a Service leads to. */
  behind(service: Service): Prometheus | undefined;
  /** The one that a host of a namespace leads to, when an operator or chart makes the Service. */
  named(name: string, namespace: string): Prometheus | undefined;
}

/** Finds every Prometheus: plain workloads, objects of the Prometheus operator, releases of kube-prometheus-stack. */
export function prometheusesOf(
  objects: readonly ProofObject[],
  configs: readonly Config[],
  workloads: readonly Workload[],
): Prometheuses {
  const plain = new Map(
    workloads.flatMap((workload) => {
      const one = ofWorkload(workload, configs);
      return one ? [[workload, one] as const] : [];
    }),
  );
  const select = selectionIndex([...plain.keys()]);
  const made = [...objects.flatMap(ofResource), ...ofCharts(objects)];
  const madeIn = groupBy(made, (one) => one.namespace);
  return {
    all: [...plain.values(), ...made],
    behind: ({ namespace, selector, object, created, name }) => {
      if (created && (name.endsWith('-prometheus') || name === 'prometheus-operated'))
        return made.find((one) => one.is === 'chart' && one.object === object);
      if (selector.size === 0) return undefined;
      const [workload] = select(namespace, selector);
      if (workload) return plain.get(workload);
      const values = new Set(selector.values());
      return madeIn
        .get(namespace)
        ?.find(({ is, object }) => is === 'resource' && values.has(object.name) && values.has('prometheus'));
    },
    named: (name, namespace) => {
      const [first, second] = madeIn.get(namespace) ?? [];
      if (!first || second) return undefined;
      return name === 'prometheus-operated' || (first.is === 'chart' && name.endsWith('-prometheus')) ? first : undefined;
    },
  };
}

const IMAGE = /(^|\/)prometheus$/;

function ofWorkload(workload: Workload, configs: readonly Config[]): Prometheus | undefined {
  const { object, namespace, podSpec } = workload;
  if (!podSpec || !items(object.json, ...podSpec, 'containers').some((one) => text(one, 'image')?.includes('prometheus')))
    return undefined;
  const container = containersOf(workload).find((one) => IMAGE.test(one.image?.repository ?? ''));
  if (!container || optionValues(container.args, 'agent').length > 0) return undefined;
  const features = optionValues(container.args, 'enable-feature').flatMap((value) => value.split(','));
  const file = container.file(optionValues(container.args, 'config.file')[0] ?? '/etc/prometheus/prometheus.yml');
  const config = configs.find(
    (one) =>
      one.kind === 'prometheus' &&
      one.object.namespace === namespace &&
      one.object.name === file?.configMap &&
      (one.key ?? file.key) === file.key,
  );
  const open = container.args.some((arg) => arg.includes('$('));
  const known = (on: boolean) => on || (open ? undefined : false);
  const external = optionValues(container.args, 'web.external-url')[0];
  const prefix = optionValues(container.args, 'web.route-prefix')[0];
  return {
    is: 'workload',
    object,
    namespace,
    workload,
    release: undefined,
    takesWrites: known(isSet(container.args, 'web.enable-remote-write-receiver') || features.includes('remote-write-receiver')),
    keepsExemplars: known(features.includes('exemplar-storage')),
    at: container.argsAt,
    config,
    // Without a prefix of its own it takes the path that people open (Prometheus 3, flag web.route-prefix).
    prefix: prefix?.replace(/\/+$/, '') ?? pathIn(external),
  };
}

function pathIn(url: string | undefined): string | undefined {
  if (url === undefined) return '';
  if (/[$"']/.test(url) || !URL.canParse(url, 'http://any')) return undefined;
  return new URL(url, 'http://any').pathname.replace(/\/+$/, '');
}

function isSet(args: readonly string[], option: string): boolean {
  const spelled = new Set([`--${option}`, `-${option}`, `--${option}=true`, `-${option}=true`]);
  // One argument may be a whole line for a shell.
  return args.some((arg) => arg.split(/\s+/).some((word) => spelled.has(word)));
}

function ofResource(object: ProofObject): Prometheus[] {
  if (object.kind !== 'Prometheus' || object.group !== 'monitoring.coreos.com') return [];
  const spec = fields(object.json, 'spec');
  const extra = items(spec, 'additionalArgs').map((arg) => text(arg, 'name') ?? '');
  return [
    {
      is: 'resource',
      object,
      namespace: object.namespace,
      workload: undefined,
      release: undefined,
      takesWrites: at(spec, 'enableRemoteWriteReceiver') === true || extra.includes('web.enable-remote-write-receiver'),
      keepsExemplars:
        items(spec, 'enableFeatures').includes('exemplar-storage') ||
        at(spec, 'exemplars') !== undefined ||
        (extra.includes('enable-feature') ? undefined : false),
      at: spotOf(object, ['spec']),
      config: undefined,
      prefix: text(spec, 'routePrefix')?.replace(/\/+$/, '') ?? (text(spec, 'externalUrl') === undefined ? '' : undefined),
    },
  ];
}

function ofCharts(objects: readonly ProofObject[]): Prometheus[] {
  return chartReleases(objects)
    .filter(
      ({ chart, object }) =>
        chart === 'kube-prometheus-stack' && at(object.json, 'spec', 'values', 'prometheus', 'enabled') !== false,
    )
    .map(({ object, namespace, release, partial }) => {
      const path = ['spec', 'values', 'prometheus', 'prometheusSpec'];
      const spec = at(object.json, ...path);
      const known = (on: boolean): Switch => on || (partial || items(spec, 'additionalArgs').length > 0 ? undefined : false);
      return {
        is: 'chart' as const,
        object,
        namespace,
        workload: undefined,
        release,
        takesWrites: known(at(spec, 'enableRemoteWriteReceiver') === true),
        keepsExemplars: known(items(spec, 'enableFeatures').includes('exemplar-storage') || at(spec, 'exemplars') !== undefined),
        at: spotOf(object, path),
        config: undefined,
        prefix:
          text(spec, 'routePrefix')?.replace(/\/+$/, '') ??
          (text(spec, 'externalUrl') === undefined && !partial ? '' : undefined),
      };
    });
}
