import { byCodeUnit } from '../../kit/json.ts';
import { groupBy } from '../group-by.ts';
import { text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import type { Pods } from '../model/reach/pods.ts';
import { reachOf } from '../model/reach/reach.ts';
import { containersOf } from '../model/spans/containers.ts';
import type { Workload } from '../model/workloads.ts';
import { chartReleases } from '../read/charts.ts';
import type { RunbookFacts } from './facts.ts';
import { code, denseTable, listed, table } from './markdown.ts';

/** The labels by which a namespace joins the mesh (Istio 1.30). */
const JOINS = ['istio-injection', 'istio.io/rev', 'istio.io/dataplane-mode'];

/** Which pods carry traffic through a proxy, by namespace. */
export function dataPlane({ model }: RunbookFacts): string[] {
  const { pods, namespaces } = reachOf(model);
  const byNamespace = groupBy(
    pods.filter(({ gateway }) => !gateway),
    ({ namespace }) => namespace,
  );
  const names = [...new Set([...byNamespace.keys(), ...namespaces.all.map(({ name }) => name)])].sort(byCodeUnit);
  const rows = names.flatMap((name): string[][] => {
    const all = byNamespace.get(name) ?? [];
    const { values } = namespaces.labels(name);
    const joined = values.get('istio-injection') !== 'disabled' && JOINS.some((label) => values.has(label));
    if (!joined && !all.some(inMesh)) return [];
    const waypoint = values.get('istio.io/use-waypoint');
    const labels = JOINS.filter((label) => values.has(label)).map((label) => `\`${label}=${values.get(label)}\``);
    return [[`\`${name}\``, how(all, values), labels.join(', ') || 'labels of the pods', howMany(all), waypointOf(waypoint)]];
  });
  const others = names.filter((name) => byNamespace.has(name) && !rows.some(([first]) => first === `\`${name}\``));
  const isUnknown = (name: string) => (byNamespace.get(name) ?? []).some(({ plane }) => plane === 'unknown');
  const outside = others.filter((name) => !isUnknown(name));
  const unknown = others.filter(isUnknown);
  if (rows.length === 0 && others.length === 0) return [];
  return [
    '### Data plane',
    ...(rows.length > 0
      ? [
          'The proxies that the traffic goes through:',
          denseTable(['namespace', 'its pods have', 'because of', 'workloads', 'waypoint'], rows),
        ]
      : ['No namespace is seen to be in the mesh.']),
    ...(outside.length > 0 ? [`Outside of the mesh, of the namespaces whose pods are stated here: ${codes(outside)}.`] : []),
    ...(unknown.length > 0 ? [`As their labels say, which are not in these manifests: ${codes(unknown)}.`] : []),
  ];
}

function codes(names: readonly string[]): string {
  return listed(names.map((name) => `\`${name}\``));
}

function inMesh({ plane }: Pods): boolean {
  return plane === 'sidecar' || plane === 'ambient';
}

function how(all: readonly Pods[], labels: ReadonlyMap<string, string>): string {
  const ambient = all.length > 0 ? all.some(({ plane }) => plane === 'ambient') : labels.has('istio.io/dataplane-mode');
  const sidecar = all.length > 0 ? all.some(({ plane }) => plane === 'sidecar') : !ambient;
  const ztunnel = 'no proxy of their own: `ztunnel` of their node (ambient)';
  if (sidecar && ambient) return `a sidecar, or ${ztunnel}`;
  return ambient ? ztunnel : 'a sidecar, `istio-proxy`';
}

function howMany(all: readonly Pods[]): string {
  const apart = all.filter((one) => !inMesh(one)).map(({ name }) => `\`${name}\``);
  const count = `${all.length - apart.length}`;
  return apart.length > 0 ? `${count}, and without a proxy ${listed(apart)}` : count;
}

function waypointOf(name: string | undefined): string {
  return name === undefined || name === 'none' ? '' : `\`${name}\``;
}

/** The pods of istiod that the stack shows or makes. */
export function istiods(model: Model): readonly Workload[] {
  return model.workloads.filter(({ labels }) => labels.get('app') === 'istiod');
}

/** Who tells the proxies what to do. */
export function controlPlane({ model, rootNamespace }: RunbookFacts): string[] {
  const found = istiods(model);
  if (found.length === 0 && model.world.claim === undefined) return [];
  const sentences =
    found.length > 0
      ? found.map(
          (one) =>
            `\`deploy/${one.name}\` in \`${one.namespace}\`${versionOf(model, one)}${revisionOf(one)}, ${installedBy(model, one)}.`,
        )
      : [`Istio was there before this stack: \`kubectl -n ${rootNamespace} get deployments -l app=istiod\` shows it.`];
  const agents = model.workloads.filter(
    ({ labels }) => labels.get('app') === 'ztunnel' || labels.get('k8s-app') === 'istio-cni-node',
  );
  const onNodes = agents.map(({ name, namespace }) => `\`daemonset/${name}\` in \`${namespace}\``);
  return [
    '### Control plane',
    [
      ...sentences,
      'One program, istiod, does what Pilot (routes for proxies), Citadel (certificates) and Galley (checks of what is applied) once did; Mixer is gone, for proxies count and log by themselves.',
      ...(onNodes.length > 0 ? [`On every node: ${listed(onNodes)}.`] : []),
    ].join(' '),
  ];
}

function revisionOf({ labels }: Workload): string {
  const revision = labels.get('istio.io/rev') ?? 'default';
  return revision === 'default' ? '' : `, revision \`${revision}\``;
}

function versionOf(model: Model, { object, podSpec, ...rest }: Workload): string {
  const stated = podSpec && containersOf({ object, podSpec, ...rest }).find(({ image }) => image?.repository.endsWith('/pilot'));
  const version =
    stated?.image?.tag ??
    text(object.json, 'spec', 'tag') ??
    text(object.json, 'spec', 'version') ??
    chartReleases(model.objects).find((one) => one.object === object)?.version;
  return version === undefined || version === '' ? '' : `, Istio ${version.replace(/^v/, '')}`;
}

/** Who makes the pods of an object, in words. */
function installedBy(model: Model, { object }: Pick<Workload, 'object'>): string {
  if (object.kind === 'IstioOperator')
    return `installed by \`istioctl install\`, profile \`${text(object.json, 'spec', 'profile') ?? 'default'}\``;
  if (object.group === 'sailoperator.io') return `installed by the Sail operator from \`${object.kind}/${object.name}\``;
  const release = chartReleases(model.objects).find((one) => one.object === object);
  if (release) return `installed by Flux from the chart \`${release.chart ?? 'unknown'}\`, release \`${release.release}\``;
  if (object.kind === 'Gateway') return `made by istiod from the Gateway \`${object.namespace}/${object.name}\``;
  return `stated as ${object.kind} \`${object.name}\``;
}

/** The proxies that stand alone. */
export function gatewayPods(model: Model): readonly Pods[] {
  return reachOf(model).pods.filter(({ gateway }) => gateway);
}

/** Whether a gateway stands between pods, as waypoints do. */
export function isWaypoint({ object }: Pods): boolean {
  return object.kind === 'Gateway' && (text(object.json, 'spec', 'gatewayClassName') ?? '').includes('waypoint');
}

/** The gateways, and who runs their pods. */
export function gateways({ model }: RunbookFacts): string[] {
  const rows = gatewayPods(model).map((one) => [
    `\`deploy/${one.name}\` in \`${one.namespace}\``,
    purpose(one),
    installedBy(model, one),
  ]);
  if (rows.length === 0) return [];
  return ['### Gateways', 'Proxies that stand alone:', table(['pods', 'for', 'where they come from'], rows)];
}

function purpose(one: Pods): string {
  if (isWaypoint(one)) return 'calls between pods (waypoint): routes, policies and spans of HTTP';
  const called = `${one.name} ${one.labels.values.get('istio') ?? ''}`;
  if (/egress/.test(called)) return 'the way out of the mesh';
  return /east-?west/.test(called) ? 'calls from other clusters' : 'the way into the mesh';
}

/** How pods come by their proxy, and how one sees it. */
export function injection({ model }: RunbookFacts): string[] {
  const injected = reachOf(model).pods.filter(({ gateway, plane }) => !gateway && plane === 'sidecar');
  const [namespace] = [...new Set(injected.map((one) => one.namespace))].sort(byCodeUnit);
  if (namespace === undefined) return [];
  return [
    '### Injection',
    'The API server asks a webhook of istiod about each new pod. Where the label says so, the answer is the same pod with one container more, `istio-proxy`, and iptables rules that lead its connections through it. Pods that are there already stay as they are.',
    code([
      `kubectl get namespaces -L ${JOINS.join(',')}   # who is labelled`,
      `kubectl -n ${namespace} get pods   # READY 2/2: the app and its proxy`,
      'kubectl get mutatingwebhookconfigurations -l app=sidecar-injector   # who injects',
      `istioctl proxy-status | grep -F .${namespace}   # whose proxies istiod tells what to do`,
    ]),
  ];
}
