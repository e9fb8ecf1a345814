import { number, strings } from '../json-path.ts';
import { meshTelemetry, type RunbookFacts } from '../runbook/facts.ts';
import { whyAt } from '../runbook/why.ts';
import { call, type LeftOut, type Step } from './step.ts';

/** Whether istiod runs, and has the tracing settings of the stack. */
export function meshStep(facts: RunbookFacts): Step | LeftOut {
  const { model, first, rootNamespace } = facts;
  const [mesh] = model.meshConfigs;
  if (!mesh) return { leftOut: 'the mesh: the stack neither installs nor describes one' };
  const istiod = model.workloads.find(({ labels }) => labels.get('app') === 'istiod');
  const namespace = istiod?.namespace ?? rootNamespace;
  const lines = [call('istiod', namespace)];
  const title = 'istiod is ready';
  const more = whyAt(facts, 'told');
  if (!first) return { title, more, lines };
  lines.push(call('mesh_config', namespace, ...configMaps(facts, istiod?.labels.get('istio.io/rev'))));
  const { from } = first;
  if (from.is === 'provider') {
    const { name, type, service, port } = from.provider;
    lines.push(call('provider', name, `${type}.service`, service ?? ''), call('provider', name, `${type}.port`, port ?? ''));
    const usual = mesh.defaults.find(({ signal }) => signal === 'tracing');
    if (usual) lines.push(call('setting', 'defaultProviders.tracing.0', usual.name));
  } else if (from.is === 'tracer') {
    lines.push(call('setting', `defaultConfig.tracing.${from.tracer.type}.address`, from.tracer.address));
  }
  const sampling = number(mesh.value, 'defaultConfig', 'tracing', 'sampling');
  if (sampling !== undefined) lines.push(call('setting', 'defaultConfig.tracing.sampling', sampling));
  return { title: `${title}, and its mesh config traces as the stack says`, more, lines };
}

/** Names of the ConfigMap, the likeliest first: an Istio that is there already may be of the revision that namespaces ask for. */
function configMaps({ model }: RunbookFacts, revision: string | undefined): readonly string[] {
  if (revision !== undefined) return [revision === 'default' ? 'istio' : `istio-${revision}`];
  const asked = model.kind('Namespace').flatMap(({ json }) => strings(json, 'metadata', 'labels').get('istio.io/rev') ?? []);
  return [...new Set([...asked.filter((one) => one !== 'default').map((one) => `istio-${one}`), 'istio'])];
}

/** Whether the Telemetry of the whole mesh is there; for the way before Telemetry, that none is. */
export function telemetryStep(facts: RunbookFacts): Step | LeftOut {
  const { model, first } = facts;
  if (!first) return { leftOut: 'traces: the mesh config names no tracing provider' };
  const more = whyAt(facts, 'sampled');
  const telemetry = meshTelemetry(model);
  if (telemetry) {
    const { name, namespace } = telemetry.object;
    const [entry] = telemetry.entries;
    const provider = entry?.providers[0]?.name;
    const percent = entry?.share?.percent;
    return {
      title:
        `Telemetry ${name} traces ${percent === undefined ? '' : `${percent} % of the requests `}${provider === undefined ? '' : `by provider ${provider}`}`.trim(),
      more,
      lines: [
        ...(provider === undefined ? [] : [call('telemetry', namespace, name, 'providers[0].name', provider)]),
        ...(percent === undefined ? [] : [call('telemetry', namespace, name, 'randomSamplingPercentage', percent)]),
      ],
    };
  }
  if (first.from.is !== 'tracer' || model.telemetries.some(({ tracing }) => tracing))
    return { leftOut: 'the Telemetry of the whole mesh: the stack has none' };
  return { title: 'no Telemetry switches the tracing of the mesh config off', more, lines: ['no_telemetry'] };
}

export const MESH = String.raw`
istiod() { # namespace
  kube -n "$1" wait deployment -l app=istiod --for=condition=Available "--timeout=${'$'}{TIMEOUT}s" ||
    fail "an istiod in namespace $1 that is ready" "$(seen)" "$KUBECTL -n $1 get deployments,pods -l app=istiod"
}

# Keeps the mesh config as lines PATH=VALUE, so that neither order nor quotes matter.
mesh_config() { # namespace, names of the ConfigMap of which one is there
  config_namespace=$1
  shift
  for config in "$@"; do
    if kube -n "$config_namespace" get configmap "$config" -o 'jsonpath={.data.mesh}'; then
      flatten <"$work/out" >"$work/mesh"
      return 0
    fi
  done
  fail "ConfigMap $1 in namespace $config_namespace" "$(seen)" "$KUBECTL -n $config_namespace get configmaps"
}

flatten() {
  tr -d "\"'\r" | awk '
    function path(  i, all) {
      for (i = 1; i <= depth; i++) all = all (i > 1 ? "." : "") key[i]
      return all
    }
    /^ *(#|---|$)/ { next }
    {
      match($0, /^ */)
      column = RLENGTH
      rest = substr($0, column + 1)
      while (rest ~ /^-( |$)/) {
        while (depth > 0 && (at[depth] > column || (at[depth] == column && item[depth]))) depth--
        list = path()
        number = count[list]++
        depth++
        at[depth] = column
        item[depth] = 1
        key[depth] = number
        match(rest, /^- */)
        column += RLENGTH
        rest = substr(rest, RLENGTH + 1)
      }
      if (rest == "") next
      if (!match(rest, /^[^ :]+:( |$)/)) {
        print path() "=" rest
        next
      }
      while (depth > 0 && at[depth] >= column) depth--
      depth++
      at[depth] = column
      item[depth] = 0
      key[depth] = substr(rest, 1, index(rest, ":") - 1)
      value = substr(rest, index(rest, ":") + 1)
      gsub(/^ +| +$/, "", value)
      if (value != "") print path() "=" value
    }'
}

value_of() { # path
  awk -v key="$1=" 'index($0, key) == 1 { print substr($0, length(key) + 1); exit }' "$work/mesh"
}

setting() { # path, value
  found=$(value_of "$1")
  [ "$found" = "$2" ] ||
    fail "$1: $2 in ConfigMap $config" "${'$'}{found:-no $1}" "$KUBECTL -n $config_namespace get configmap $config -o 'jsonpath={.data.mesh}'"
}

provider() { # name, path below its entry, value
  entry=$(awk -v name="$1" '
    /^extensionProviders\.[0-9]+\.name=/ && substr($0, index($0, "=") + 1) == name { sub(/\.name=.*/, ""); print; exit }' "$work/mesh")
  [ -n "$entry" ] ||
    fail "provider $1 in the extensionProviders of ConfigMap $config" \
      "$(sed -n 's/^extensionProviders\.[0-9]*\.name=//p' "$work/mesh" | tr '\n' ' ')" \
      "$KUBECTL -n $config_namespace get configmap $config -o 'jsonpath={.data.mesh}'"
  setting "$entry.$2" "$3"
}
`;

export const TELEMETRY = `
telemetry() { # namespace, name, field of its first tracing entry, value
  kube -n "$1" get telemetries.telemetry.istio.io "$2" -o "jsonpath={.spec.tracing[0].$3}" && [ "$(cat "$work/out")" = "$4" ] ||
    fail "$3: $4 in Telemetry $2 of namespace $1" "$(seen)" "$KUBECTL -n $1 get telemetries.telemetry.istio.io $2 -o yaml"
}
`;

export const NO_TELEMETRY = `
no_telemetry() {
  kube get telemetries.telemetry.istio.io -A -o 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}|{.spec.tracing}{"\\n"}{end}' ||
    grep -q "doesn't have a resource type" "$work/err" ||
    fail 'an answer about Telemetry' "$(seen)" "$KUBECTL get telemetries.telemetry.istio.io -A"
  found=$(awk -F'|' '$2 != "" && $2 != "[]" { print $1; exit }' "$work/out")
  [ -z "$found" ] || fail 'no Telemetry with tracing' "$found" "$KUBECTL get telemetries.telemetry.istio.io -A"
}
`;
