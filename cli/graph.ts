import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { UserError } from '../constructs/kit/user-error.ts';
import { modelOf } from '../constructs/proof/model/model.ts';
import { toDot, toMermaid, toSvg } from '../constructs/proof/picture/formats/index.ts';
import { pictureOf } from '../constructs/proof/picture/picture.ts';
import type { Picture } from '../constructs/proof/picture/types.ts';
import { readWorlds } from '../constructs/proof/read/worlds.ts';
import { nameOf, oneStack } from './one-stack.ts';
import { pathArgument } from './paths.ts';

const formats = ['svg', 'mermaid', 'dot', 'json'] as const;
type Format = (typeof formats)[number];

/** `meshwright graph PATH...`: mesh, traffic and trace path as one picture. */
export function graphCommand(): Command {
  return new Command('graph')
    .description('draw mesh, traffic and trace path as one picture')
    .argument(...pathArgument)
    .addOption(new Option('--format <form>', 'what is written').choices(formats).default('svg'))
    .option('-o, --output <file>', 'where to, instead of standard output')
    .addHelpText('after', help)
    .action(run);
}

const help = `
  svg      a picture by itself: for a page, for a browser
  mermaid  a flowchart for Markdown
  dot      for Graphviz
  json     nodes, groups and edges, for other programs

One stack at a time: where PATH holds several, it names them. Many services
are drawn as one. Calls between apps are drawn where variables, commands or
arguments of their pods name whom they call.

Exits 0 when the input could be read, 2 when not.`;

const write: Readonly<Record<Format, (picture: Picture) => string | Promise<string>>> = {
  svg: toSvg,
  mermaid: toMermaid,
  dot: toDot,
  json: (picture) => `${JSON.stringify(picture, null, 2)}\n`,
};

async function run(
  paths: readonly string[],
  { format, output }: { readonly format: Format; readonly output?: string },
): Promise<void> {
  const world = oneStack(readWorlds(paths));
  for (const note of world.notes) process.stderr.write(`meshwright: ${note}\n`);
  const picture = pictureOf(modelOf(world), nameOf(world));
  if (picture.nodes.length === 0) throw new UserError(`nothing to draw in ${world.name}: no service, workload or mesh config`);
  const text = await write[format](picture);
  if (output === undefined) process.stdout.write(text);
  else save(output, text);
}

function save(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UserError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
