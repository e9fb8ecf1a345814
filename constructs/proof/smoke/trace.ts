import { at, fields, items } from '../json-path.ts';
import type { Program } from '../model/spans/programs.ts';
import { basePath, deployName, type RunbookFacts } from '../runbook/facts.ts';
import { whyAt } from '../runbook/why.ts';
import { calledByPage, isBookinfo } from './bookinfo.ts';
import { call, type LeftOut, quoted, type Step } from './step.ts';

/** Where a backend's query API is: its container port, and the path of its API. */
const QUERY: Readonly<Record<Exclude<Program['is'], 'collector'>, { readonly port: number; readonly path: string }>> = {
  jaeger: { port: 16686, path: '/api' },
  tempo: { port: 3200, path: '/api' },
  zipkin: { port: 9411, path: '/api/v2' },
  skywalking: { port: 12800, path: '/graphql' },
};

/** Whether each backend of the stack has the trace of the request, with the spans that it must have. */
export function traceSteps(facts: RunbookFacts): (Step | LeftOut)[] {
  const { app, first, backends } = facts;
  // Who traces nothing, or publishes nothing, was told so.
  if (!app || !first) return [];
  if (backends.length === 0)
    return [{ leftOut: 'the trace of the request: spans leave the stack, and who keeps them is not in it' }];
  return backends.map((program) => traceStep(facts, program));
}

function traceStep(facts: RunbookFacts, program: Program): Step | LeftOut {
  const { is, name, namespace, config, object } = program;
  const title = `the trace of the request is in ${is} ${name}`;
  if (is === 'collector' || !facts.app) return { leftOut: title };
  if (object.kind === 'ConfigMap') return { leftOut: `${title}: the stack shows its configuration alone` };
  if (at(config?.value, 'multitenancy_enabled') === true)
    return { leftOut: `${title}: it asks whose traces they are (multitenancy_enabled)` };
  const sampledOut = facts.collectors.find(dropsTraces);
  if (sampledOut) return { leftOut: `${title}: ${deployName(sampledOut)} keeps a part of the traces only` };
  const { app } = facts;
  const { port, path } = QUERY[is];
  const onward = isBookinfo(app) ? calledOf(facts, app.spanName) : [];
  const fewest = app.entrance.door.proxy && app.dataplane === 'sidecar' ? 2 : 1;
  const whole = whyAt(facts, 'whole');
  return {
    title,
    more: whyAt(facts, 'told'),
    lines: [
      call('forward', namespace, deployName(program), port),
      `api=http://$at${basePath(program)}${path}`,
      `service=${quoted(app.spanName)}`,
      `onward=${quoted(onward.join(' '))}`,
      `fewest=${fewest}`,
      ...(whole === undefined ? [] : [`whole=${quoted(whole)}`]),
      call('trace_in', is, `-n ${namespace} logs ${deployName(program)} --tail=50`),
    ],
  };
}

/** Spans of which one stands in a whole trace of Bookinfo's page; in ambient mode the waypoint makes them. */
function calledOf({ app, model }: RunbookFacts, first: string): readonly string[] {
  if (!app) return [];
  if (app.dataplane === 'sidecar') return calledByPage(model, app);
  const waypoint = app.waypoint && `${app.waypoint.name}.${app.waypoint.namespace}`;
  return waypoint !== undefined && waypoint !== first ? [waypoint] : [];
}

/** Processors of a collector that drop traces on purpose. */
const DROP = /^(tail_sampling|probabilistic_sampler)(\/|$)/;

function dropsTraces({ config }: Program): boolean {
  return Object.entries(fields(config?.value, 'service', 'pipelines')).some(
    ([name, pipeline]) =>
      /^traces(\/|$)/.test(name) && items(pipeline, 'processors').some((one) => typeof one === 'string' && DROP.test(one)),
  );
}

/** The function that asks a backend for the services of the trace. */
export function askedOf({ backends }: RunbookFacts): readonly string[] {
  return [...new Set(backends.flatMap(({ is }) => (is === 'collector' ? [] : [ASK[is]])))];
}

export const TRACE = String.raw`
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
  expected="spans of $service${'$'}{onward:+ and of one of $onward}, in a trace with the tag guid:x-client-trace-id=$id"
  if [ ! -s "$work/services" ]; then
    fail "$expected" "no such trace in $TIMEOUT s $(grep . "$work/err" | tail -n 1)" "$KUBECTL $2"
  fi
  if grep -Fqx "$service" "$work/services"; then
    more=${'$'}{whole:-$more}
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
`;

/** From the answers of Jaeger 2 (`/api/traces`), Tempo 3 (`/api/search`, `/api/v2/traces`), Zipkin 3 (`/api/v2/traces`) and OAP 10 (GraphQL). */
const ASK: Readonly<Record<Exclude<Program['is'], 'collector'>, string>> = {
  jaeger: String.raw`
services_in_jaeger() {
  get -G "$api/traces" --data-urlencode "service=$service" --data-urlencode "tags={\"guid:x-client-trace-id\":\"$id\"}" |
    json_lines | sed -n 's/^"serviceName":"\([^"]*\)"$/\1/p'
}
`,
  tempo: String.raw`
services_in_tempo() {
  get -G "$api/search" --data-urlencode "q={ span.\"guid:x-client-trace-id\" = \"$id\" }" |
    json_lines | sed -n 's/^"traceID":"\([^"]*\)"$/\1/p' | sort -u >"$work/traces"
  while read -r trace; do
    get "$api/v2/traces/$trace" </dev/null
  done <"$work/traces" | json_lines |
    awk -F'"' '$2 == "key" { key = $4 } $2 == "stringValue" && key == "service.name" { print $4; key = "" }'
}
`,
  zipkin: `
services_in_zipkin() {
  get -G "$api/traces" --data-urlencode "annotationQuery=guid:x-client-trace-id=$id" |
    json_lines | awk -F'"' '
      $2 == "localEndpoint" { here = 1 }
      $2 == "remoteEndpoint" { here = 0 }
      $2 == "serviceName" && here { print $4; here = 0 }'
}
`,
  skywalking: String.raw`
# Tags of spans are not indexed: the newest traces since the test began, of which the one with the tag counts.
since=$(date -u '+%Y-%m-%d %H')
spans='spans { traceId serviceCode tags { key value } }'
services_in_skywalking() {
  duration="{\"start\":\"$since\",\"end\":\"$(date -u '+%Y-%m-%d %H')\",\"step\":\"HOUR\"}"
  condition="{\"queryDuration\":$duration,\"traceState\":\"ALL\",\"queryOrder\":\"BY_START_TIME\",\"paging\":{\"pageNum\":1,\"pageSize\":50}}"
  # Of BanyanDB whole traces; of other storages their ids.
  graphql "query(\$condition: TraceQueryCondition) { queryTraces(condition: \$condition) { traces { $spans } } }" "\"condition\":$condition" >"$work/traces"
  if ! grep -q '"traceId"' "$work/traces"; then
    graphql 'query($condition: TraceQueryCondition) { queryBasicTraces(condition: $condition) { traces { traceIds } } }' "\"condition\":$condition" |
      json_lines | awk -F'"' '$2 == "traceIds" { list = 1; next } NF > 3 { list = 0 } list && NF == 3 { print $2 }' | sort -u >"$work/ids"
    while read -r trace; do
      graphql "query(\$id: ID!) { queryTrace(traceId: \$id) { $spans } }" "\"id\":\"$trace\"" </dev/null
    done <"$work/ids" >"$work/traces"
  fi
  json_lines <"$work/traces" | awk -F'"' -v id="$id" '
    $2 == "traceId" { trace = $4 }
    $2 == "serviceCode" { services[trace] = services[trace] $4 "\n" }
    $2 == "value" && $4 == id { mine[trace] = 1 }
    END { for (trace in mine) printf "%s", services[trace] }'
}

graphql() { # query, variables
  get -H 'content-type: application/json' --data "{\"query\":\"$1\",\"variables\":{$2}}" "$api"
}
`,
};
