import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../constructs/kit/user-error.ts';
import { modelOf } from '../constructs/proof/model/model.ts';
import { toSvg } from '../constructs/proof/picture/formats/index.ts';
import { pictureOf } from '../constructs/proof/picture/picture.ts';
import { readWorlds } from '../constructs/proof/read/worlds.ts';
import { runbook } from '../constructs/proof/runbook/index.ts';
import { nameOf, oneStack } from './one-stack.ts';
import { pathArgument } from './paths.ts';

/** `meshwright runbook PATH...`: how to open, ask, mend and remove one stack, as a page. */
export function runbookCommand(): Command {
  return new Command('runbook')
    .description('write the runbook of a stack: its pages, queries, traces, what must restart, removal')
    .argument(...pathArgument)
    .option(
      '-o, --output <folder>',
      'write STACK.md there, and its picture STACK.svg, instead of the page alone to standard output',
    )
    .addHelpText('after', help)
    .action(run);
}

const help = `
One stack at a time: where PATH holds several, it names them. Every name in
the page is one of the stack's own.

Exits 0 when the input could be read, 2 when not.`;

async function run(paths: readonly string[], { output }: { readonly output?: string }): Promise<void> {
  const world = oneStack(readWorlds(paths));
  for (const note of world.notes) process.stderr.write(`meshwright: ${note}\n`);
  const model = modelOf(world);
  const name = nameOf(world);
  const page = runbook(model, name);
  if (output === undefined) {
    process.stdout.write(page);
    return;
  }
  save(output, { [`${name}.md`]: page, [`${name}.svg`]: await toSvg(pictureOf(model, name)) });
}

function save(folder: string, files: Readonly<Record<string, string>>): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  } catch (error) {
    throw new UserError(`${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
