import type { Door } from './doors.ts';
import { type Entrance, originOf } from './entrances.ts';
import type { EntryApp, RunbookFacts } from './facts.ts';
import { forward } from './forward.ts';
import { code } from './markdown.ts';

/** What the example request is found by. */
export const MARK = 'find-me-1';

/** How to send the one request that is looked for afterwards. */
export function askFirst({ app }: RunbookFacts): string[] {
  if (!app) return [];
  const { entrance } = app;
  return [
    `Ask something first. The header \`x-client-trace-id\` makes ${traced(app)} trace this very request, whatever the share of requests is, and stands in its span as a tag (Envoy, tracing overview):`,
    code([...addressOf(entrance), request(entrance)]),
    ['It prints 200.', ...untrusted(entrance), ...otherwise(entrance)].join(' '),
  ];
}

function traced({ entrance, dataplane }: EntryApp): string {
  if (entrance.door.proxy) return 'the gateway';
  return dataplane === 'sidecar' ? "the app's proxy" : 'the first proxy';
}

const VARIABLE = '$GATEWAY';

/** Sets the variable, where the stack does not say the address. */
function addressOf({ addresses, door }: Entrance): string[] {
  if (addresses.length > 0) return [];
  return [`GATEWAY=$(${door.ask})`];
}

function request(entrance: Entrance): string {
  const { addresses, scheme, host, path } = entrance;
  const mark = `-o /dev/null -w '%{http_code}\\n' -H 'x-client-trace-id: ${MARK}'`;
  const [address] = addresses;
  const known = address === undefined ? undefined : bracketed(address);
  const port = entrance.port ?? PORT;
  const name = exampleName(host);
  if (scheme === 'https' && name !== undefined) {
    // --resolve takes addresses only; a load balancer may have a name.
    const to =
      known === undefined ? `--connect-to "${name}:${port}:${VARIABLE}:${port}"` : `--resolve '${name}:${port}:${known}'`;
    return `curl -sk ${mark} ${to} '${originOf({ ...entrance, host: name })}${path}'`;
  }
  const header = name === undefined ? '' : `-H 'Host: ${name}' `;
  const usual = port === (scheme === 'https' ? 443 : 80) ? '' : `:${port}`;
  const url = `${scheme}://${known ?? VARIABLE}${usual}${path}`;
  return `curl -s${scheme === 'https' ? 'k' : ''} ${mark} ${header}"${url}"`;
}

const PORT = 'PORT';

/** A name that a pattern takes; undefined for any. */
export function exampleName(host: string): string | undefined {
  return host === '*' ? undefined : host.replace(/^\*/, 'any');
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function untrusted({ scheme }: Entrance): string[] {
  return scheme === 'https' ? ['`-k` trusts any certificate: leave it out where your machine knows the CA.'] : [];
}

function otherwise(entrance: Entrance): string[] {
  const { door, scheme, port, host, addresses } = entrance;
  const through = forwardDoor(door, scheme, port);
  if (!through) return [];
  const { command, at } = through;
  const name = exampleName(host);
  if (scheme === 'https' && name !== undefined) {
    const why =
      addresses.length > 0
        ? `Where that address is out of reach`
        : 'A gateway without an address (a cluster without load balancers)';
    const given = addresses.length > 0 ? '`--resolve`' : '`--connect-to`';
    return [`${why}: \`${command} &\`, and \`--connect-to '${name}:${port}:${at}'\` instead of ${given}.`];
  }
  if (addresses.length > 0) return [`Where that address is out of reach: \`${command} &\`, and \`${at}\` instead of it.`];
  return [`A gateway without an address (a cluster without load balancers) gets one by \`${command} &\` and \`GATEWAY=${at}\`.`];
}

function forwardDoor(
  { service, onNode, proxy }: Door,
  scheme: Entrance['scheme'],
  port: number | undefined,
): ReturnType<typeof forward> | undefined {
  if (!service || !proxy || onNode || port === undefined) return undefined;
  return forward(service, port, scheme === 'https' ? 8443 : 8080);
}
