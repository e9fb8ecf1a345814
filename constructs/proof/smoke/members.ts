import { strings } from '../json-path.ts';
import { gatewayWorkloads } from '../model/gateways.ts';
import { namespacesOf } from '../model/reach/pods.ts';
import type { RunbookFacts } from '../runbook/facts.ts';
import { whyAt } from '../runbook/why.ts';
import { call, type LeftOut, type Step } from './step.ts';

const KEPT = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** Whether the pods that shall take part in the mesh do: by a proxy of their own, or in ambient mode by ztunnel and a waypoint. */
export function membersStep(facts: RunbookFacts): Step | LeftOut {
  const { model, ambient, rootNamespace } = facts;
  const namespaces = namespacesOf(model.objects);
  const gateways = new Set(gatewayWorkloads(model.workloads));
  const proxied = model.workloads.flatMap((workload) => {
    const { created, object, namespace, name } = workload;
    const selector = strings(object.json, 'spec', 'selector', 'matchLabels');
    if (created || !KEPT.has(object.kind) || selector.size === 0 || gateways.has(workload)) return [];
    if (namespaces.pods(workload).plane !== 'sidecar') return [];
    return [call('proxied', namespace, name, [...selector].map(([key, value]) => `${key}=${value}`).join(','))];
  });
  const ztunnel = model.workloads.find(({ labels }) => labels.get('app') === 'ztunnel')?.namespace ?? rootNamespace;
  const waypoints = new Set(
    ambient.flatMap((name) => {
      const labels = namespaces.labels(name).values;
      const waypoint = labels.get('istio.io/use-waypoint') ?? 'none';
      return waypoint === 'none' ? [] : [call('waypoint', labels.get('istio.io/use-waypoint-namespace') ?? name, waypoint)];
    }),
  );
  const lines = [
    ...proxied,
    ...(ambient.length > 0 ? [call('ztunnel', ztunnel)] : []),
    ...ambient.map((name) => call('in_ambient', name)),
    ...waypoints,
  ];
  if (lines.length === 0) return { leftOut: 'proxies: no pods of the stack take part in the mesh' };
  const said = [
    ...(proxied.length > 0 ? ['pods have their proxies'] : []),
    ...(ambient.length > 0 ? [`namespaces in ambient mode have ztunnel${waypoints.size > 0 ? ' and a waypoint' : ''}`] : []),
  ];
  return { title: said.join(', '), more: whyAt(facts, 'members'), lines };
}

export const PROXIED = String.raw`
proxied() { # namespace, workload, labels of its pods
  kube -n "$1" get pods -l "$3" -o 'jsonpath={range .items[*]}{.metadata.name}|{.metadata.deletionTimestamp}|{.spec.containers[*].name} {.spec.initContainers[*].name}{"\n"}{end}' ||
    fail "the pods of $2 in namespace $1" "$(seen)" "$KUBECTL -n $1 get pods"
  without=$(awk -F'|' 'NF > 2 && $2 == "" && (" " $3 " ") !~ / istio-proxy / { print $1; exit }' "$work/out")
  [ -z "$without" ] ||
    fail "istio-proxy in the pods of $2" "pod $without has none" "$KUBECTL -n $1 rollout restart deployments, after $KUBECTL get namespace $1 --show-labels"
}
`;

export const AMBIENT = String.raw`
ztunnel() { # namespace
  kube -n "$1" rollout status daemonset -l app.kubernetes.io/name=ztunnel "--timeout=${'$'}{TIMEOUT}s" && grep -q . "$work/out" ||
    fail "a ztunnel on every node, in namespace $1" "$(seen)" "$KUBECTL -n $1 get daemonsets,pods -l app.kubernetes.io/name=ztunnel -o wide"
}

in_ambient() { # namespace
  kube get namespace "$1" -o 'jsonpath={.metadata.labels.istio\.io/dataplane-mode}' && [ "$(cat "$work/out")" = ambient ] ||
    fail "label istio.io/dataplane-mode=ambient of namespace $1" "$(seen)" "$KUBECTL get namespace $1 --show-labels"
}

waypoint() { # namespace, name
  exists "$1" "gateways.gateway.networking.k8s.io/$2"
  kube -n "$1" wait "gateways.gateway.networking.k8s.io/$2" --for=condition=Programmed "--timeout=${'$'}{TIMEOUT}s" ||
    fail "waypoint $2 in namespace $1 programmed" "$(seen)" "$KUBECTL -n $1 describe gateways.gateway.networking.k8s.io $2"
}
`;
