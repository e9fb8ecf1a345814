#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { isObject } from '../constructs/kit/json.ts';
import { UserError } from '../constructs/kit/user-error.ts';

/** Exit code when nothing could be checked: a bad flag, no such path, unreadable YAML, a bug of this program. */
const UNUSABLE = 2;

// A reader that has seen enough, as `head`, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

/** Only the one that is asked for is loaded: the rules of the proof alone take a fifth of a second. Help needs all of them. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('./check.ts')).checkCommand(),
  explain: async () => (await import('./explain.ts')).explainCommand(),
  headers: async () => (await import('./headers.ts')).headersCommand(),
  images: async () => (await import('./images.ts')).imagesCommand(),
  hosts: async () => (await import('./hosts.ts')).hostsCommand(),
  graph: async () => (await import('./graph.ts')).graphCommand(),
  runbook: async () => (await import('./runbook.ts')).runbookCommand(),
  profiles: async () => (await import('./profiles.ts')).profilesCommand(),
};

const program = new Command('meshwright')
  .description('Checks and explains Istio meshes written as YAML')
  .version(version())
  // An option behind a subcommand is the subcommand's.
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({ outputError: (message, write) => write(oneLine(message)) });
const asked = process.argv[2];
for (const [name, load] of Object.entries(commands)) {
  const isOther = asked !== undefined && asked !== name && Object.hasOwn(commands, asked);
  if (!isOther) program.addCommand((await load()).copyInheritedSettings(program));
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : UNUSABLE;
  else if (error instanceof UserError) {
    process.stderr.write(oneLine(error.message));
    process.exitCode = UNUSABLE;
  } else {
    // A bug: Node's own exit status for it would be 1, as for findings.
    console.error(error);
    process.exitCode = UNUSABLE;
  }
}

/** The version in package.json, which lies above this file in the sources and in lib/ alike. */
function version(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (isObject(manifest) && manifest.name === 'meshwright') return String(manifest.version);
    } catch {}
  }
  return 'unknown';
}

function oneLine(message: string): string {
  return `meshwright: ${message
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ')}\n`;
}
