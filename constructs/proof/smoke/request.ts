import { exampleName } from '../runbook/ask.ts';
import { nodePortOf } from '../runbook/doors.ts';
import { type Entrance, originOf } from '../runbook/entrances.ts';
import type { RunbookFacts } from '../runbook/facts.ts';
import { BOOKINFO_TITLE, callerOf, isBookinfo } from './bookinfo.ts';
import { call, type LeftOut, quoted, type Step } from './step.ts';

/** Whether the entry app answers through its gateway. */
export function requestStep(facts: RunbookFacts): Step | LeftOut {
  const { app } = facts;
  if (!app) return { leftOut: 'a request from outside: nothing in the mesh is published' };
  const { entrance } = app;
  const { door, addresses, scheme, path, port } = entrance;
  const url = `${originOf({ ...entrance, host: exampleName(entrance.host) ?? 'localhost', port: port ?? usual(scheme) })}${path}`;
  const [address] = addresses;
  const forwarded = forwardable(entrance);
  const named = address === undefined ? door.ask.replace(/^kubectl /, '') : undefined;
  const logs = door.proxy && `-n ${door.proxy.namespace} logs deployment/${door.proxy.deployment} --tail=20`;
  const words = door.words.replaceAll('`', '');
  return {
    title: `${url} answers 200 through ${words}`,
    more: '"Find a trace"',
    lines: [
      `url=${quoted(url)}`,
      `port=${port ?? ''}`,
      // shellcheck cannot know that KUBECTL may hold arguments.
      ...(named === undefined ? [] : ['# shellcheck disable=SC2086']),
      `[ -n "$GATEWAY" ] || address=${named === undefined ? quoted(address ?? '') : `$($KUBECTL ${named} 2>/dev/null </dev/null)`}`,
      call('reach', words, ...(forwarded ? [forwarded.namespace, `service/${forwarded.name}`, forwarded.port] : [])),
      call('answers_200', logs ?? named ?? `-n ${app.service.namespace} get pods`),
    ],
  };
}

function usual(scheme: Entrance['scheme']): number {
  return scheme === 'https' ? 443 : 80;
}

/** The port of a gateway's Service that leads where the entrance does; undefined where that is no proxy of the mesh. */
function forwardable({ door, port, scheme }: Entrance): { namespace: string; name: string; port: number } | undefined {
  const { service, proxy, onNode } = door;
  if (!service || !proxy) return undefined;
  const { namespace, name, ports } = service;
  if (!onNode) return port === undefined ? undefined : { namespace, name, port };
  const numbers = ports === 'unknown' ? [] : ports.map((one) => one.number);
  const own = numbers.find((one) => port !== undefined && nodePortOf(service, one)?.port === port);
  const found = own ?? numbers.find((one) => one === usual(scheme));
  return found === undefined ? undefined : { namespace, name, port: found };
}

/** Whether the page of Bookinfo has its title when another pod of the mesh asks for it; nothing for other apps. */
export function titleStep({ model, app }: RunbookFacts): (Step | LeftOut)[] {
  if (!app || !isBookinfo(app)) return [];
  const { service } = app;
  const what = "the page's title from inside the mesh";
  if (model.kind('AuthorizationPolicy').length > 0)
    return [{ leftOut: `${what}: AuthorizationPolicies of the stack say who may ask ${service.name}` }];
  const caller = callerOf(model, app);
  const [port] = service.ports === 'unknown' ? [] : service.ports;
  if (!caller || !port) return [{ leftOut: `${what}: no pod of namespace ${service.namespace} has curl` }];
  const url = `http://${service.name}:${port.number}/productpage`;
  return [
    {
      title: `inside the mesh ${caller.target} gets the page "${BOOKINFO_TITLE}"`,
      more: undefined,
      lines: [call('has_title', service.namespace, caller.target, caller.container, url, BOOKINFO_TITLE)],
    },
  ];
}

export const REQUEST = String.raw`
use() { # ADDRESS or ADDRESS:PORT
  case $1 in
    \[*\]) address=$1 ;;
    \[*\]:*) address=${'$'}{1%:*} port=${'$'}{1##*:} ;;
    *:*:*) address=[$1] ;;
    *:*) address=${'$'}{1%:*} port=${'$'}{1##*:} ;;
    *) address=$1 ;;
  esac
}

address=

# Sends the request; code becomes its status, 000 for none. The header makes the first proxy trace it, whatever the share of requests is.
id=smoke-$(date +%s)-$$
ask() {
  code=$(get -k --connect-to "::$address:$port" -H "x-client-trace-id: $id" -o "$work/page" -w '%{http_code}' "$url")
  code=${'$'}{code:-000}
}

# Makes sure of the address and port that the request goes to.
reach() { # what stands there; namespace, kind/name and port that are forwarded where it is out of reach
  use "${'$'}{GATEWAY:-$address}"
  if [ -z "$GATEWAY" ] && [ $# -gt 1 ] && ! answers; then
    note "address ${'$'}{address:-none}, port ${'$'}{port:-none}: out of reach, so a port is forwarded"
    forward "$2" "$3" "$4"
    use "$at"
  fi
  [ -n "$address" ] && [ -n "$port" ] ||
    fail "an address and a port of $1, or GATEWAY=ADDRESS:PORT" "address ${'$'}{address:-none}, port ${'$'}{port:-none}" "$KUBECTL get services -A"
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
`;

export const TITLE_INSIDE = String.raw`
has_title() { # namespace, workload, container, URL, title
  kube -n "$1" exec "$2" -c "$3" -- curl -sS --max-time 20 "$4" ||
    fail "an answer from $4" "$(seen)" "$KUBECTL -n $1 exec $2 -c $3 -- curl -sS $4"
  found=$(tr '\n' ' ' <"$work/out" | sed -n 's/.*<title>\([^<]*\)<\/title>.*/\1/p')
  [ "$found" = "$5" ] || fail "the title $5" "${'$'}{found:-no title}" "$KUBECTL -n $1 exec $2 -c $3 -- curl -sS $4"
}
`;
