import { isOlder } from '../../kit/collector-components.ts';
import { isObject, type Json } from '../../kit/json.ts';
import { at, number, text } from '../json-path.ts';
import { type ChartRelease, chartReleases } from '../read/charts.ts';
import type { Path, ProofObject, World } from '../types.ts';
import { fullName } from './full-name.ts';
import { portNumbers } from './installed.ts';
import { isMonolithic, servicesOfLoki } from './logs/loki-release.ts';
import { MORE_OF_STACK, servicesOfPrometheusStack } from './pages/prometheus-stack.ts';
import { type Service, service } from './services.ts';
import { serviceOfTempo } from './spans/tempo-release.ts';

/** A chart whose Services are known by name. */
interface KnownChart {
  /** The versions that make no other Services: from the first on, before the second. */
  readonly versions: readonly [from: string, before: string];
  /** Values that make more Services, when they are true or hold anything. */
  readonly more: readonly Path[];
  /** Whether it makes no others in the mode that it is told. @default always */
  readonly plain?: (release: ChartRelease) => boolean;
  services(release: ChartRelease): readonly Service[];
}

// From the charts' templates: opentelemetry-operator 0.122, cert-manager 1.21, metallb 0.16 with frr-k8s 0.0.25, kiali-operator 2.29, tempo 2.2, loki 18.
const KNOWN: ReadonlyMap<string, KnownChart> = new Map<string, KnownChart>([
  [
    'opentelemetry-operator',
    {
      versions: ['0.40.0', '1.0.0'],
      more: [['extraObjects']],
      services: (release) => {
        const name = fullName(release, 'opentelemetry-operator');
        return named(release, home(release, 'namespaceOverride'), [name, `${name}-webhook`]);
      },
    },
  ],
  [
    'cert-manager',
    {
      versions: ['1.0.0', '2.0.0'],
      more: [['extraObjects']],
      services: (release) => {
        const name = fullName(release, 'cert-manager');
        const short = (letters: number) => name.slice(0, letters).replace(/-$/, '');
        return named(release, home(release, 'namespace'), [name, `${short(55)}-webhook`, `${short(52)}-cainjector`]);
      },
    },
  ],
  [
    'metallb',
    {
      versions: ['0.13.0', '1.0.0'],
      more: [
        ['prometheus', 'serviceMonitor', 'enabled'],
        ['frr-k8s', 'prometheus', 'serviceMonitor', 'enabled'],
      ],
      services: (release) => named(release, release.namespace, ['metallb-webhook-service', 'frr-k8s-webhook-service']),
    },
  ],
  ['kiali-operator', { versions: ['1.60.0', '3.0.0'], more: [], services: kialiOfOperator }],
  [
    'tempo',
    {
      versions: ['1.22.0', '3.0.0'],
      more: [['extraObjects']],
      services: (release) => {
        const own = serviceOfTempo(release);
        return [own, ...named(release, release.namespace, [`${own.name}-headless`, `${own.name}-gossip-ring`])];
      },
    },
  ],
  [
    'loki',
    {
      // Before 13 one process is no default, and persistence has another form.
      versions: ['13.0.0', '19.0.0'],
      more: [
        ['extraObjects'],
        ['minio', 'enabled'],
        ['rollout_operator', 'enabled'],
        ['tableManager', 'enabled'],
        ['ruler', 'enabled'],
      ],
      plain: isMonolithic,
      services: servicesOfLoki,
    },
  ],
  // Its name is that of others too: what else they make is not known.
  ['grafana', { versions: ['6.0.0', '100.0.0'], more: [], plain: () => false, services: serviceOfGrafana }],
  ['kube-prometheus-stack', { versions: ['65.0.0', '100.0.0'], more: MORE_OF_STACK, services: servicesOfPrometheusStack }],
]);

/** The Services of every release whose chart is known here, whatever else the chart may make. */
export function chartServices(objects: readonly ProofObject[]): Service[] {
  return chartReleases(objects).flatMap((release) => [...(KNOWN.get(release.chart ?? '')?.services(release) ?? [])]);
}

/**
 * The releases of a world that make the Services of {@link chartServices} and no others: in a version that is known, from values that
 * the input shows as a whole.
 */
export function wholeReleases({ objects, tree }: World): ReadonlySet<ProofObject> {
  if ((tree?.patching.size ?? 0) > 0 || objects.some(patchesOthers)) return new Set();
  return new Set(
    chartReleases(objects)
      .filter((release) => isWhole(release, objects))
      .map(({ object }) => object),
  );
}

function isWhole(release: ChartRelease, objects: readonly ProofObject[]): boolean {
  const { object, chart, version = '', partial } = release;
  const known = KNOWN.get(chart ?? '');
  if (!known || partial || known.plain?.(release) === false || !/^v?\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(version)) return false;
  const [from, before] = known.versions;
  if (isOlder(version, from) || !isOlder(version, before) || isRepacked(object, objects)) return false;
  // A name that is filled in later may be any.
  return !known.more.some((path) => isSaid(at(object.json, 'spec', 'values', ...path))) && !known.services(release).some(isOpen);
}

function isOpen({ name, namespace }: Service): boolean {
  return `${name}${namespace}`.includes('$');
}

function isSaid(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isObject(value)
    ? Object.keys(value).length > 0
    : value !== undefined && value !== null && value !== false && value !== '';
}

function patchesOthers({ group, json }: ProofObject): boolean {
  return group === 'kustomize.toolkit.fluxcd.io' && isSaid(at(json, 'spec', 'patches'));
}

/** Whether a chart comes from Bitnami, which gives its own the names of others. */
function isRepacked({ json }: ProofObject, objects: readonly ProofObject[]): boolean {
  const name = text(json, 'spec', 'chart', 'spec', 'sourceRef', 'name') ?? text(json, 'spec', 'chartRef', 'name') ?? '';
  const sources = objects.filter((one) => one.group === 'source.toolkit.fluxcd.io' && one.name === name);
  return [name, ...sources.map((one) => text(one.json, 'spec', 'url') ?? '')].some((one) => /bitnami/i.test(one));
}

function named({ object }: ChartRelease, namespace: string, names: readonly string[]): Service[] {
  return names.map((name) => service(name, namespace, 'unknown', object));
}

function home({ object, namespace }: ChartRelease, key: string): string {
  return text(object.json, 'spec', 'values', key) ?? namespace;
}

/** Chart grafana 6 to 12, templates/service.yaml. */
function serviceOfGrafana(release: ChartRelease): readonly Service[] {
  const { object, partial } = release;
  const port = number(object.json, 'spec', 'values', 'service', 'port') ?? 80;
  const ports = partial || at(object.json, 'spec', 'values', 'extraExposePorts') !== undefined ? 'unknown' : portNumbers([port]);
  return [service(fullName(release, 'grafana'), home(release, 'namespaceOverride'), ports, object)];
}

/** The operator's chart makes no Service itself; the Kiali resource that it may hold does. */
function kialiOfOperator(release: ChartRelease): readonly Service[] {
  const values = at(release.object.json, 'spec', 'values');
  if (at(values, 'cr', 'create') !== true) return [];
  const namespace =
    text(values, 'cr', 'spec', 'deployment', 'namespace') ??
    text(values, 'watchNamespace') ??
    text(values, 'cr', 'namespace') ??
    release.namespace;
  return named(release, namespace, [text(values, 'cr', 'spec', 'deployment', 'instance_name') ?? 'kiali']);
}
