import { at, strings, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { istioReleases } from './releases.ts';

export const ambientParts: Rule = {
  code: 'HLM008',
  title: 'ambient mode with a part missing',
  severity: 'warning',
  run: (model) => {
    const ambient = model.kind('Namespace').find(({ json }) => isAmbient(json));
    const releases = istioReleases(model);
    const [istiod, second] = releases.filter(({ chart }) => chart === 'istiod');
    // Only where the input shows the whole install: an umbrella chart, or half of the releases, may bring the rest.
    if (!ambient || !istiod || second || !releases.some(({ chart }) => chart === 'base')) return [];
    if (chartReleases(model.objects).some(({ chart, partial }) => chart === undefined || chart === 'ambient' || partial))
      return [];
    const cause = `ambient install ${istiod.object.id}`;
    return [
      ...PARTS.flatMap((part) => missing(model, part, { releases, istiod, ambient })),
      ...releases.flatMap((release) => withoutProfile(release, ambient) ?? []),
    ].map((fault) => ({ ...fault, cause }));
  },
  docs: {
    cause:
      'A namespace is labelled `istio.io/dataplane-mode: ambient`, and the install by Istio’s charts lacks what that needs: a release of chart ztunnel, which carries the traffic, one of chart cni, which leads it there, or the profile `ambient` in the values of istiod and cni. The pods run, and are not in the mesh.',
    fix: 'Add releases of cni and ztunnel, and `profile: ambient` to the values of istiod and cni.',
    example:
      'kind: HelmRelease   # of chart istiod; a namespace is labelled istio.io/dataplane-mode: ambient\nspec: {values: {}}',
  },
};

/** Whether pods of a namespace are meant for ztunnel: a sidecar wins over it. */
function isAmbient(namespace: ProofObject['json']): boolean {
  const labels = strings(namespace, 'metadata', 'labels');
  const injected = labels.get('istio-injection') === 'enabled' || labels.has('istio.io/rev');
  return labels.get('istio.io/dataplane-mode') === 'ambient' && !injected;
}

/** A program of every node: its chart, the labels of its pods, and what it does. */
interface Part {
  readonly chart: 'cni' | 'ztunnel';
  readonly label: readonly [string, string];
  readonly does: string;
}

const PARTS: readonly Part[] = [
  { chart: 'cni', label: ['k8s-app', 'istio-cni-node'], does: 'nothing leads their traffic into the mesh' },
  { chart: 'ztunnel', label: ['app', 'ztunnel'], does: 'nothing carries their traffic through the mesh' },
];

interface Install {
  readonly releases: readonly ChartRelease[];
  readonly istiod: ChartRelease;
  readonly ambient: ProofObject;
}

function missing(model: Model, { chart, label, does }: Part, { releases, istiod, ambient }: Install): Fault[] {
  const [key, value] = label;
  if (releases.some((one) => one.chart === chart) || model.workloads.some(({ labels }) => labels.get(key) === value)) return [];
  return [
    {
      at: spotOf(istiod.object, ['spec', 'chart']),
      message: `${ambient.id} is ambient, and no release of chart ${chart} is here: ${does}`,
      hint: `add a HelmRelease of chart ${chart} beside istiod’s`,
    },
  ];
}

/** Whether istiod or the node agent is not told of ambient mode. */
function withoutProfile({ chart, object }: ChartRelease, ambient: ProofObject): Fault | undefined {
  const told = TOLD.get(chart ?? '');
  const values = at(object.json, 'spec', 'values') ?? null;
  const profile = text(values, 'profile') ?? text(values, 'global', 'profile');
  if (!told || profile === 'ambient' || told.some((path) => `${at(values, ...path)}` === 'true')) return undefined;
  return {
    at: spotOf(object, ['spec', 'values', 'profile']),
    message: `${ambient.id} is ambient, and chart ${chart} is installed without the profile ambient`,
    hint: 'set it to ambient',
  };
}

// What the profile says of each chart (Istio 1.30, profile-ambient.yaml).
const TOLD: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  [
    'istiod',
    [
      ['env', 'PILOT_ENABLE_AMBIENT'],
      ['pilot', 'env', 'PILOT_ENABLE_AMBIENT'],
    ],
  ],
  [
    'cni',
    [
      ['ambient', 'enabled'],
      ['cni', 'ambient', 'enabled'],
    ],
  ],
]);
