import { type LeftOut, quoted, type Step } from './step.ts';

/** The whole script: what it takes, the functions that its steps call, and the steps. */
export function script(stack: string, parts: readonly (Step | LeftOut)[], functions: readonly string[]): string {
  const steps = parts.flatMap((one) => ('leftOut' in one ? [] : [one]));
  const leftOut = parts.flatMap((one) => ('leftOut' in one ? [one.leftOut] : []));
  const help = [
    'usage: sh smoke-test.sh [-h]',
    '',
    `Tries the stack ${stack} in the cluster that kubectl points at. Stops with exit code 1 at the first step that fails,`,
    'and says what was expected, what was seen, and where to look further. Changes nothing.',
    '',
    ...steps.map(({ title }, i) => `  ${i + 1}. ${title}`),
    ...leftOut.map((one) => `  left out: ${one}`),
    '',
    'environment:',
    "  KUBECTL  how kubectl is called, e.g. 'kubectl --context lab'",
    '  CURL     how curl is called',
    '  TIMEOUT  seconds that each wait may take, 120 unless told otherwise',
    '  GATEWAY  ADDRESS or ADDRESS:PORT of the gateway, instead of what the cluster says',
  ];
  const sections = [
    [
      '#!/bin/sh',
      `# Smoke test of the stack ${stack}, made from its objects: do not edit. Needs kubectl and curl.`,
      'set -u',
      '',
      `steps=${steps.length}`,
      `runbook=${quoted(`the runbook (npx meshwright runbook ${stack})`)}`,
      '',
      'usage() {',
      "  cat <<'END'",
      ...help,
      'END',
      '}',
    ].join('\n'),
    BEGIN,
    FRAME,
    ...functions,
    ...leftOut.map((one) => `printf '%s\\n' ${quoted(`left out: ${one}`)}`),
    ...steps.map(({ title, more, lines }) =>
      [`step ${quoted(title)}${more === undefined ? '' : ` ${quoted(more)}`}`, ...lines].join('\n'),
    ),
    `printf '%s\\n' ${quoted(`passed: all ${steps.length} steps of the stack ${stack}`)}`,
  ];
  return `${sections.map((one) => one.trim()).join('\n\n')}\n`;
}

const BEGIN = String.raw`
case $#:${'$'}{1:-} in
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

KUBECTL=${'$'}{KUBECTL:-kubectl}
CURL=${'$'}{CURL:-curl}
TIMEOUT=${'$'}{TIMEOUT:-120}
GATEWAY=${'$'}{GATEWAY:-}
for program in "${'$'}{KUBECTL%% *}" "${'$'}{CURL%% *}"; do
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
`;

const FRAME = String.raw`
number=0
step() { # title, where the runbook goes on
  number=$((number + 1))
  title=$1
  more=${'$'}{2:-}
  printf '%s/%s %s ...\n' "$number" "$steps" "$title"
}

note() {
  printf '    %s\n' "$1"
}

fail() { # what was expected, what was seen, a command that tells more
  {
    printf 'failed at step %s of %s: %s\n' "$number" "$steps" "$title"
    printf '  expected: %s\n' "$1"
    printf '  seen:     %s\n' "${'$'}{2:-nothing}"
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
`;

/** Asks programs in the cluster by forwarded ports that are free here. */
export const FORWARD = String.raw`
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
`;
