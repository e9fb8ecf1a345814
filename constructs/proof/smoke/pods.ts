import { items, text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import type { Workload } from '../model/workloads.ts';
import { chartReleases } from '../read/charts.ts';
import { deployName, type RunbookFacts } from '../runbook/facts.ts';
import { pagesOf } from '../runbook/pages.ts';
import type { ProofObject } from '../types.ts';
import { call, type Step } from './step.ts';

/** Whether the cluster is there, and the namespaces of the stack in it. */
export function clusterStep({ model, rootNamespace, stack }: RunbookFacts): Step {
  const own = model.kind('Namespace').map(({ name }) => name);
  const used = model.workloads.map(({ namespace }) => namespace);
  const root = model.meshConfigs.length > 0 ? [rootNamespace] : [];
  const all = [...new Set([...own, ...used, ...root])].filter(isStated).sort();
  return {
    title: `the cluster has the namespaces of the stack ${stack}`,
    more: undefined,
    lines: [
      '# shellcheck disable=SC2086',
      `context=$($KUBECTL config view --minify -o 'jsonpath={.current-context}' 2>/dev/null)`,
      `note "context ${'$'}{context:-none}"`,
      ...all.map((name) => call('namespace', name)),
    ],
  };
}

/** Whether all pods are ready: those that the stack states, and those that charts, operators and installers make from it. */
export function podsStep({ model }: RunbookFacts): Step {
  const releases = chartReleases(model.objects).filter(({ object, namespace }) => isStated(object.name + namespace));
  const lines = [
    ...releases.map(({ object, namespace }) => call('release', object.namespace, object.name, namespace)),
    ...running(model).map(({ namespace, target }) => call('workload', namespace, target)),
  ];
  return { title: 'pods are ready', more: undefined, lines: [...new Set(lines)] };
}

interface Running {
  readonly namespace: string;
  /** As kubectl names it: `deployment/istiod`. */
  readonly target: string;
}

function running(model: Model): readonly Running[] {
  const collectors = model.programs.all.filter(
    ({ object }) => object.kind === 'OpenTelemetryCollector' && text(object.json, 'spec', 'mode') !== 'sidecar',
  );
  return [
    ...model.workloads.flatMap(ofWorkload),
    ...collectors.map((one) => ({ namespace: one.namespace, target: deployName(one).replace(/^deploy\//, 'deployment/') })),
    ...model.services.all.flatMap(({ object, created, name, namespace }) =>
      created && isOwnGateway(object) ? [{ namespace, target: `deployment/${name}` }] : [],
    ),
    ...model.kialis.flatMap(({ config: { object } }) =>
      model.services.all.flatMap((one) =>
        one.object === object && object.kind === 'Kiali' ? [{ namespace: one.namespace, target: `deployment/${one.name}` }] : [],
      ),
    ),
    ...prometheusesOfOperator(model),
    // grafana-operator 5 names it so.
    ...model
      .kind('Grafana')
      .flatMap(({ group, namespace, name }) =>
        group === 'grafana.integreatly.org' ? [{ namespace, target: `deployment/${name}-deployment` }] : [],
      ),
  ].filter(({ namespace, target }) => isStated(namespace + target));
}

const ROLLED = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

function ofWorkload({ created, object, labels, name, namespace }: Workload): Running[] {
  if (!created) return ROLLED.has(object.kind) ? [{ namespace, target: `${object.kind.toLowerCase()}/${name}` }] : [];
  // What a chart makes is found by the release, whatever its kind.
  if (object.kind === 'HelmRelease') return [];
  const agent = labels.get('app') === 'ztunnel' || labels.get('k8s-app') === 'istio-cni-node';
  return [{ namespace, target: `${agent ? 'daemonset' : 'deployment'}/${name}` }];
}

/** Whether istiod runs pods for a Gateway (Istio 1.30: not where `addresses` names a Service that is there). */
function isOwnGateway({ kind, group, json }: ProofObject): boolean {
  if (kind !== 'Gateway' || group !== 'gateway.networking.k8s.io' || items(json, 'spec', 'addresses').length > 0) return false;
  return ['istio', 'istio-waypoint', 'istio-remote', 'istio-east-west'].includes(text(json, 'spec', 'gatewayClassName') ?? '');
}

/** The operator calls a StatefulSet after the resource; that of kube-prometheus-stack is called like its Service. */
function prometheusesOfOperator(model: Model): Running[] {
  const stated = model.kind('Prometheus').filter(({ group }) => group === 'monitoring.coreos.com');
  const ofStack = pagesOf(model).flatMap(({ is, at: places }) =>
    places.flatMap(({ service }) => (is === 'prometheus' && service.object.kind === 'HelmRelease' ? [service] : [])),
  );
  return [...stated, ...ofStack].map(({ namespace, name }) => ({ namespace, target: `statefulset/prometheus-${name}` }));
}

/** Not filled in later: `${cluster}`. */
function isStated(name: string): boolean {
  return !name.includes('$');
}

export const PODS = String.raw`
namespace() {
  kube get namespace "$1" -o name --request-timeout=20s || fail "namespace $1" "$(seen)" "$KUBECTL get namespaces"
}

# Waits until something is there: operators and Flux take their time.
exists() { # namespace, kind/name
  start_clock
  until kube -n "$1" get "$2" -o name; do
    if ! grep -qi 'not *found' "$work/err" || ! again 2; then
      fail "$2 in namespace $1" "$(seen)" "$KUBECTL -n $1 get ${'$'}{2%%/*}"
    fi
  done
}

# Waits until all pods of a workload are ready.
workload() { # namespace, kind/name
  exists "$1" "$2"
  kube -n "$1" rollout status "$2" "--timeout=${'$'}{TIMEOUT}s" ||
    fail "all pods of $2 in namespace $1 ready within $TIMEOUT s" "$(seen)" "$KUBECTL -n $1 describe $2"
}

# Waits for a chart's release by Flux, and for all that it runs: Flux puts these labels on every object.
release() { # namespace and name of the HelmRelease, namespace of its objects
  exists "$1" "helmreleases.helm.toolkit.fluxcd.io/$2"
  kube -n "$1" wait "helmreleases.helm.toolkit.fluxcd.io/$2" --for=condition=Ready "--timeout=${'$'}{TIMEOUT}s" ||
    fail "release $2 in namespace $1 installed within $TIMEOUT s" "$(seen)" "$KUBECTL -n $1 describe helmreleases.helm.toolkit.fluxcd.io $2"
  kube -n "$3" get deployments,statefulsets,daemonsets -o name \
    -l "helm.toolkit.fluxcd.io/name=$2,helm.toolkit.fluxcd.io/namespace=$1" ||
    fail "what release $2 runs in namespace $3" "$(seen)" "$KUBECTL -n $3 get deployments,statefulsets,daemonsets"
  cat "$work/out" >"$work/running"
  while read -r running; do
    workload "$3" "$running"
  done <"$work/running"
}
`;
