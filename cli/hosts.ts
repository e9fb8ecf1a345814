import { isIP } from 'node:net';
import { Command, Option } from 'commander';
import { type HostClaim, hostClashes, hostsOf } from '../constructs/proof/hosts/index.ts';
import { modelOf } from '../constructs/proof/model/model.ts';
import { readWorlds } from '../constructs/proof/read/worlds.ts';
import { oneStack } from './one-stack.ts';
import { pathArgument } from './paths.ts';

const formats = ['table', 'hosts', 'dns', 'json'] as const;

/** `meshwright hosts PATH...`: every name under which something is reached from outside, and where it must lead. */
export function hostsCommand(): Command {
  return new Command('hosts')
    .description('list the names under which something is reached from outside, with their addresses')
    .argument(...pathArgument)
    .addOption(new Option('--format <form>', 'how they are printed').choices(formats).default('table'))
    .addHelpText('after', help)
    .action(run);
}

const help = `
  table   for people
  hosts   lines for /etc/hosts: ADDRESS NAME
  dns     entries of a DNS zone file: NAME. IN A ADDRESS
  json    with the object that says so, its file and line

One stack at a time: where PATH holds several, it names them.

Names that hosts or dns cannot tell are told on standard error: without an
address, any name (*), and, in /etc/hosts, wildcards.

Exits 0 when the input could be read, 2 when not.`;

function run(paths: readonly string[], { format }: { readonly format: (typeof formats)[number] }): void {
  const world = oneStack(readWorlds(paths));
  const model = modelOf(world);
  const hosts = hostsOf(model);
  for (const note of world.notes) tell(note);
  if (hosts.length === 0) tell(`nothing in ${world.name} is reached from outside by a name`);
  for (const { host, claims } of hostClashes(model)) {
    const sides = claims.map((one) => `${one.at.object.id} at ${one.addresses.join(', ')}`).join(' and ');
    tell(`${host} is claimed by ${sides}: it can lead to one address alone`);
  }
  if (format === 'json') process.stdout.write(`${JSON.stringify(hosts.map(asJson), null, 2)}\n`);
  else if (format === 'table') process.stdout.write(table(hosts));
  else process.stdout.write(lines(hosts, format));
}

function table(hosts: readonly HostClaim[]): string {
  const rows = hosts.map((one) => [one.host, one.addresses.join(', ') || 'unknown', one.by, one.at.object.id]);
  if (rows.length === 0) return '';
  const all = [['HOST', 'ADDRESS', 'BY', 'OBJECT'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => `${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}\n`).join('');
}

/** One line for each address of a name; each once, whoever claims it. */
function lines(hosts: readonly HostClaim[], format: 'hosts' | 'dns'): string {
  const found = new Set<string>();
  const known = new Set(hosts.filter((one) => one.addresses.length > 0).map((one) => one.host));
  const told = new Set<string>();
  for (const { host, addresses, at } of hosts) {
    const why =
      host === '*'
        ? 'takes any name'
        : format === 'hosts' && host.includes('*')
          ? 'is a wildcard, which /etc/hosts does not know: list its names yourself'
          : addresses.length === 0 && !known.has(host)
            ? 'has no address that the input says'
            : undefined;
    if (why === undefined)
      for (const address of addresses)
        found.add(format === 'hosts' ? `${address} ${host}` : `${host}. IN ${isIP(address) === 6 ? 'AAAA' : 'A'} ${address}`);
    else if (!told.has(`${host} ${why}`)) tell(`${host} of ${at.object.id} ${why}`);
    told.add(`${host} ${why}`);
  }
  return [...found].map((line) => `${line}\n`).join('');
}

function asJson({ host, addresses, by, at }: HostClaim) {
  return { host, addresses, by, object: at.object.id, field: at.field, file: at.object.origin.file, line: at.line() ?? null };
}

function tell(note: string): void {
  process.stderr.write(`meshwright: ${note}\n`);
}
