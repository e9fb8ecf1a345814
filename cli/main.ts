#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { isObject } from '../constructs/kit/json.ts';
import { UserError } from '../constructs/kit/user-error.ts';
import { checkCommand } from './check.ts';
import { explainCommand } from './explain.ts';
import { headersCommand } from './headers.ts';
import { profilesCommand } from './profiles.ts';

/** Exit code when nothing could be checked: a bad flag, no such path, unreadable YAML, a bug of this program. */
const UNUSABLE = 2;

const program = new Command('meshwright')
  .description('Checks and explains Istio meshes written as YAML')
  .version(version())
  // An option behind a subcommand is the subcommand's.
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({ outputError: (message, write) => write(oneLine(message)) })
  .addCommand(checkCommand())
  .addCommand(explainCommand())
  .addCommand(headersCommand())
  .addCommand(profilesCommand());
for (const command of program.commands) command.copyInheritedSettings(program);

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
