#!/bin/sh
# Smoke test of the stack platform-ambient, made from its objects: do not edit. Needs kubectl and curl.
set -u

steps=9
runbook='the runbook (npx meshwright runbook platform-ambient)'

usage() {
  cat <<'END'
usage: sh smoke-test.sh [-h]

Tries the stack platform-ambient in the cluster that kubectl points at. Stops with exit code 1 at the first step that fails,
and says what was expected, what was seen, and where to look further. Changes nothing.

  1. the cluster has the namespaces of the stack platform-ambient
  2. pods are ready
  3. istiod is ready, and its mesh config traces as the stack says
  4. Telemetry mesh-default traces 10 % of the requests by provider zipkin
  5. namespaces in ambient mode have ztunnel and a waypoint
  6. https://bookinfo.istio-dxlab.site.example/productpage answers 200 through Istio Gateway istio-system/bookinfo-gateway
  7. inside the mesh deployment/ratings-v1 gets the page "Simple Bookstore App"
  8. the trace of the request is in tempo tempo
  9. the pages of grafana, kiali, prometheus answer

environment:
  KUBECTL  how kubectl is called, e.g. 'kubectl --context lab'
  CURL     how curl is called
  TIMEOUT  seconds that each wait may take, 120 unless told otherwise
  GATEWAY  ADDRESS or ADDRESS:PORT of the gateway, instead of what the cluster says
END
}

case $#:${1:-} in
  0:) ;;
  1:-h | 1:--help)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac

KUBECTL=${KUBECTL:-kubectl}
CURL=${CURL:-curl}
TIMEOUT=${TIMEOUT:-120}
GATEWAY=${GATEWAY:-}
for program in "${KUBECTL%% *}" "${CURL%% *}"; do
  command -v "$program" >/dev/null || {
    printf 'not found: %s\n' "$program" >&2
    exit 2
  }
done
case $TIMEOUT in
  *[!0-9]* | 0*)
    printf 'TIMEOUT is %s: write whole seconds, at least 1\n' "$TIMEOUT" >&2
    exit 2
    ;;
esac

work=$(mktemp -d) || exit 2
forwards=
clean_up() {
  status=$?
  trap - EXIT
  for pid in $forwards; do kill "$pid" 2>/dev/null; done
  for pid in $forwards; do wait "$pid" 2>/dev/null; done
  rm -rf "$work"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

number=0
step() { # title, where the runbook goes on
  number=$((number + 1))
  title=$1
  more=${2:-}
  printf '%s/%s %s ...\n' "$number" "$steps" "$title"
}

note() {
  printf '    %s\n' "$1"
}

fail() { # what was expected, what was seen, a command that tells more
  {
    printf 'failed at step %s of %s: %s\n' "$number" "$steps" "$title"
    printf '  expected: %s\n' "$1"
    printf '  seen:     %s\n' "${2:-nothing}"
    printf '  look at:  %s\n' "$3"
    [ -z "$more" ] || printf '  read:     %s, %s\n' "$runbook" "$more"
  } >&2
  exit 1
}

# Runs kubectl; what it says is kept.
kube() {
  # shellcheck disable=SC2086
  $KUBECTL "$@" </dev/null >"$work/out" 2>"$work/err"
}

# The end of what kubectl said, on one line, without the messages of its libraries.
seen() {
  cat "$work/out" "$work/err" | grep -v '^[EWI][0-9][0-9][0-9][0-9] ' | grep . | tail -n 2 | tr '\n' ' '
}

start_clock() {
  deadline=$(($(date +%s) + TIMEOUT))
}

# Waits a moment, unless the time is over.
again() { # seconds
  [ "$(date +%s)" -lt "$deadline" ] && sleep "$1"
}

namespace() {
  kube get namespace "$1" -o name --request-timeout=20s || fail "namespace $1" "$(seen)" "$KUBECTL get namespaces"
}

# Waits until something is there: operators and Flux take their time.
exists() { # namespace, kind/name
  start_clock
  until kube -n "$1" get "$2" -o name; do
    if ! grep -qi 'not *found' "$work/err" || ! again 2; then
      fail "$2 in namespace $1" "$(seen)" "$KUBECTL -n $1 get ${2%%/*}"
    fi
  done
}

# Waits until all pods of a workload are ready.
workload() { # namespace, kind/name
  exists "$1" "$2"
  kube -n "$1" rollout status "$2" "--timeout=${TIMEOUT}s" ||
    fail "all pods of $2 in namespace $1 ready within $TIMEOUT s" "$(seen)" "$KUBECTL -n $1 describe $2"
}

# Waits for a chart's release by Flux, and for all that it runs: Flux puts these labels on every object.
release() { # namespace and name of the HelmRelease, namespace of its objects
  exists "$1" "helmreleases.helm.toolkit.fluxcd.io/$2"
  kube -n "$1" wait "helmreleases.helm.toolkit.fluxcd.io/$2" --for=condition=Ready "--timeout=${TIMEOUT}s" ||
    fail "release $2 in namespace $1 installed within $TIMEOUT s" "$(seen)" "$KUBECTL -n $1 describe helmreleases.helm.toolkit.fluxcd.io $2"
  kube -n "$3" get deployments,statefulsets,daemonsets -o name \
    -l "helm.toolkit.fluxcd.io/name=$2,helm.toolkit.fluxcd.io/namespace=$1" ||
    fail "what release $2 runs in namespace $3" "$(seen)" "$KUBECTL -n $3 get deployments,statefulsets,daemonsets"
  cat "$work/out" >"$work/running"
  while read -r running; do
    workload "$3" "$running"
  done <"$work/running"
}

istiod() { # namespace
  kube -n "$1" wait deployment -l app=istiod --for=condition=Available "--timeout=${TIMEOUT}s" ||
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
    fail "$1: $2 in ConfigMap $config" "${found:-no $1}" "$KUBECTL -n $config_namespace get configmap $config -o 'jsonpath={.data.mesh}'"
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

telemetry() { # namespace, name, field of its first tracing entry, value
  kube -n "$1" get telemetries.telemetry.istio.io "$2" -o "jsonpath={.spec.tracing[0].$3}" && [ "$(cat "$work/out")" = "$4" ] ||
    fail "$3: $4 in Telemetry $2 of namespace $1" "$(seen)" "$KUBECTL -n $1 get telemetries.telemetry.istio.io $2 -o yaml"
}

ztunnel() { # namespace
  kube -n "$1" rollout status daemonset -l app.kubernetes.io/name=ztunnel "--timeout=${TIMEOUT}s" && grep -q . "$work/out" ||
    fail "a ztunnel on every node, in namespace $1" "$(seen)" "$KUBECTL -n $1 get daemonsets,pods -l app.kubernetes.io/name=ztunnel -o wide"
}

in_ambient() { # namespace
  kube get namespace "$1" -o 'jsonpath={.metadata.labels.istio\.io/dataplane-mode}' && [ "$(cat "$work/out")" = ambient ] ||
    fail "label istio.io/dataplane-mode=ambient of namespace $1" "$(seen)" "$KUBECTL get namespace $1 --show-labels"
}

waypoint() { # namespace, name
  exists "$1" "gateways.gateway.networking.k8s.io/$2"
  kube -n "$1" wait "gateways.gateway.networking.k8s.io/$2" --for=condition=Programmed "--timeout=${TIMEOUT}s" ||
    fail "waypoint $2 in namespace $1 programmed" "$(seen)" "$KUBECTL -n $1 describe gateways.gateway.networking.k8s.io $2"
}

# Forwards a port to a free one here: at becomes 127.0.0.1:PORT.
forwarding=0
forward() { # namespace, kind/name, port
  forwarding=$((forwarding + 1))
  log=$work/forward-$forwarding
  : >"$log"
  # shellcheck disable=SC2086
  $KUBECTL -n "$1" port-forward --address 127.0.0.1 "$2" ":$3" </dev/null >"$log" 2>&1 &
  forwarder=$!
  forwards="$forwards $forwarder"
  start_clock
  while :; do
    at=$(sed -n 's/^Forwarding from \(127\.0\.0\.1:[0-9]*\) .*/\1/p' "$log" | head -n 1)
    [ -z "$at" ] || return 0
    if ! kill -0 "$forwarder" 2>/dev/null || ! again 1; then
      fail "port $3 of $2 in namespace $1, forwarded" "$(grep . "$log" | tail -n 1)" "$KUBECTL -n $1 port-forward $2 :$3"
    fi
  done
}

get() {
  # shellcheck disable=SC2086
  $CURL -sSg --noproxy '*' --connect-timeout 5 --max-time 20 "$@" 2>"$work/err"
}

use() { # ADDRESS or ADDRESS:PORT
  case $1 in
    \[*\]) address=$1 ;;
    \[*\]:*) address=${1%:*} port=${1##*:} ;;
    *:*:*) address=[$1] ;;
    *:*) address=${1%:*} port=${1##*:} ;;
    *) address=$1 ;;
  esac
}

address=

# Sends the request; code becomes its status, 000 for none. The header makes the first proxy trace it, whatever the share of requests is.
id=smoke-$(date +%s)-$$
ask() {
  code=$(get -k --connect-to "::$address:$port" -H "x-client-trace-id: $id" -o "$work/page" -w '%{http_code}' "$url")
  code=${code:-000}
}

# Makes sure of the address and port that the request goes to.
reach() { # what stands there; namespace, kind/name and port that are forwarded where it is out of reach
  use "${GATEWAY:-$address}"
  if [ -z "$GATEWAY" ] && [ $# -gt 1 ] && ! answers; then
    note "address ${address:-none}, port ${port:-none}: out of reach, so a port is forwarded"
    forward "$2" "$3" "$4"
    use "$at"
  fi
  [ -n "$address" ] && [ -n "$port" ] ||
    fail "an address and a port of $1, or GATEWAY=ADDRESS:PORT" "address ${address:-none}, port ${port:-none}" "$KUBECTL get services -A"
  note "at $address:$port"
}

answers() {
  [ -n "$address" ] && [ -n "$port" ] && ask && [ "$code" != 000 ]
}

answers_200() { # where to look
  start_clock
  until ask && [ "$code" = 200 ]; do
    again 2 || fail "200 from $url" "$code $(grep -hs . "$work/err" "$work/page" | head -n 1 | cut -c 1-200)" "$KUBECTL $1"
  done
}

has_title() { # namespace, workload, container, URL, title
  kube -n "$1" exec "$2" -c "$3" -- curl -sS --max-time 20 "$4" ||
    fail "an answer from $4" "$(seen)" "$KUBECTL -n $1 exec $2 -c $3 -- curl -sS $4"
  found=$(tr '\n' ' ' <"$work/out" | sed -n 's/.*<title>\([^<]*\)<\/title>.*/\1/p')
  [ "$found" = "$5" ] || fail "the title $5" "${found:-no title}" "$KUBECTL -n $1 exec $2 -c $3 -- curl -sS $4"
}

# One name or value of JSON on each line.
json_lines() {
  tr -d ' \t\r\n' | tr ',{}[]' '\n\n\n\n\n'
}

# Looks for the trace until it is whole, and asks again meanwhile.
trace_in() { # backend, where to look
  start_clock
  while :; do
    "services_in_$1" | sort -u >"$work/services"
    if grep -Fqx "$service" "$work/services" && [ "$(wc -l <"$work/services")" -ge "$fewest" ] && goes_on; then
      note "spans of $(listed)"
      return 0
    fi
    again 2 || break
    ask
  done
  expected="spans of $service${onward:+ and of one of $onward}, in a trace with the tag guid:x-client-trace-id=$id"
  if [ ! -s "$work/services" ]; then
    fail "$expected" "no such trace in $TIMEOUT s $(grep . "$work/err" | tail -n 1)" "$KUBECTL $2"
  fi
  if grep -Fqx "$service" "$work/services"; then
    more=${whole:-$more}
    fail "$expected" "spans of $(listed) only: the trace headers are not forwarded" 'npx meshwright headers'
  fi
  fail "$expected" "spans of $(listed)" "$KUBECTL $2"
}

listed() {
  tr '\n' ' ' <"$work/services" | sed 's/ $//'
}

goes_on() {
  [ -n "$onward" ] || return 0
  for called in $onward; do
    grep -Fqx "$called" "$work/services" && return 0
  done
  return 1
}

services_in_tempo() {
  get -G "$api/search" --data-urlencode "q={ span.\"guid:x-client-trace-id\" = \"$id\" }" |
    json_lines | sed -n 's/^"traceID":"\([^"]*\)"$/\1/p' | sort -u >"$work/traces"
  while read -r trace; do
    get "$api/v2/traces/$trace" </dev/null
  done <"$work/traces" | json_lines |
    awk -F'"' '$2 == "key" { key = $4 } $2 == "stringValue" && key == "service.name" { print $4; key = "" }'
}

page() { # its name, namespace, service/NAME, port, path
  forward "$2" "$3" "$4"
  start_clock
  until code=$(get -o /dev/null -w '%{http_code}' "http://$at$5") && [ "$code" = 200 ]; do
    again 2 || fail "200 from $5 of $1" "$code $(grep . "$work/err" | tail -n 1)" "$KUBECTL -n $2 describe $3"
  done
  note "$1"
}

step 'the cluster has the namespaces of the stack platform-ambient'
# shellcheck disable=SC2086
context=$($KUBECTL config view --minify -o 'jsonpath={.current-context}' 2>/dev/null)
note "context ${context:-none}"
namespace apps
namespace cert-manager
namespace istio-system
namespace kiali-operator
namespace metallb-system
namespace monitoring
namespace otel-system

step 'pods are ready'
release cert-manager cert-manager cert-manager
release metallb-system metallb metallb-system
release istio-system istio-base istio-system
release istio-system istiod istio-system
release istio-system istio-cni istio-system
release istio-system ztunnel istio-system
release kiali-operator kiali-operator kiali-operator
release otel-system opentelemetry-operator otel-system
release monitoring kube-prometheus-stack monitoring
release monitoring tempo monitoring
release monitoring loki monitoring
release istio-system istio-ingressgateway istio-system
workload apps deployment/nginx
workload apps deployment/details-v1
workload apps deployment/ratings-v1
workload apps deployment/reviews-v1
workload apps deployment/reviews-v2
workload apps deployment/reviews-v3
workload apps deployment/productpage-v1
workload apps deployment/hotrod
workload otel-system deployment/otel-collector
workload apps deployment/waypoint
workload istio-system deployment/kiali
workload monitoring statefulset/prometheus-kube-prometheus-stack-prometheus

step 'istiod is ready, and its mesh config traces as the stack says' '"Why do I see no trace?", 3. Was the proxy told where to send?'
istiod istio-system
mesh_config istio-system istio
provider zipkin zipkin.service otel-collector.otel-system.svc.cluster.local
provider zipkin zipkin.port 9411
setting defaultProviders.tracing.0 zipkin

step 'Telemetry mesh-default traces 10 % of the requests by provider zipkin' '"Why do I see no trace?", 1. Is the request sampled?'
telemetry istio-system mesh-default 'providers[0].name' zipkin
telemetry istio-system mesh-default randomSamplingPercentage 10

step 'namespaces in ambient mode have ztunnel and a waypoint' '"Why do I see no trace?", 2. Are the pods in the mesh, and is there a waypoint?'
ztunnel istio-system
in_ambient apps
waypoint apps waypoint

step 'https://bookinfo.istio-dxlab.site.example/productpage answers 200 through Istio Gateway istio-system/bookinfo-gateway' '"Find a trace"'
url=https://bookinfo.istio-dxlab.site.example/productpage
port=443
[ -n "$GATEWAY" ] || address=10.34.124.115
reach 'Istio Gateway istio-system/bookinfo-gateway' istio-system service/istio-ingressgateway 443
answers_200 '-n istio-system logs deployment/istio-ingressgateway --tail=20'

step 'inside the mesh deployment/ratings-v1 gets the page "Simple Bookstore App"'
has_title apps deployment/ratings-v1 ratings http://productpage:9080/productpage 'Simple Bookstore App'

step 'the trace of the request is in tempo tempo' '"Why do I see no trace?", 3. Was the proxy told where to send?'
forward monitoring statefulset/tempo 3200
api=http://$at/api
service=istio-ingressgateway.istio-system
onward=waypoint.apps
fewest=1
whole='"Why do I see no trace?", 7. There are traces, but each of one hop only?'
trace_in tempo '-n monitoring logs statefulset/tempo --tail=50'

step 'the pages of grafana, kiali, prometheus answer' '"Ways in"'
page grafana monitoring service/kube-prometheus-stack-grafana 80 /api/health
page prometheus monitoring service/kube-prometheus-stack-prometheus 9090 /-/healthy
page kiali istio-system service/kiali 20001 /kiali/healthz

printf '%s\n' 'passed: all 9 steps of the stack platform-ambient'
