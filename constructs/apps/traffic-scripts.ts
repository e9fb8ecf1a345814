// POSIX sh, for BusyBox and dash alike. No `${...}`: Flux would substitute it.

/** $1 URL, $2 Host header or nothing, $3 a number. The header becomes the arguments of `request`. */
const prepare = `
url=$1 host=$2 count=$3
set --
if [ -n "$host" ]; then set -- -H "Host: $host"; fi
request() { curl -gfsS -o /dev/null --max-time 10 "$@" "$url"; }
sent=0 failed=0
`.trimStart();

/** Asks for ever, $3 seconds apart. Every failure is told; success is silent. */
export const endlessLoop = `${prepare}
echo "asking $url (Host: $host) every $count s"
while true; do
  sent=$((sent + 1))
  if ! request "$@"; then
    failed=$((failed + 1))
    echo "$failed of $sent requests failed"
  fi
  sleep "$count"
done
`;

/** Asks $3 times; exit 1 when none succeeds. */
export const numberOfRequests = `${prepare}
while [ "$sent" -lt "$count" ]; do
  sent=$((sent + 1))
  request "$@" || failed=$((failed + 1))
done
echo "$sent requests to $url (Host: $host): $((sent - failed)) answered, $failed failed"
[ "$failed" -lt "$sent" ]
`;
