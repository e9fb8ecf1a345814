import { Command, Option } from 'commander';
import { UserError } from '../constructs/kit/user-error.ts';
import { type Needed, neededBy } from '../constructs/ledger.ts';
import { copyScript } from './images-copy.ts';

interface ImagesOptions {
  readonly format: 'list' | 'skopeo' | 'json';
  readonly mirror?: string;
}

/** `meshwright images PATH...`: what must be pulled, and the commands that copy it into a registry of the site. */
export function imagesCommand(): Command {
  return new Command('images')
    .description('list the images and charts that YAML pulls, or print the commands that copy them: nothing is pulled')
    .argument('<path...>', 'files, folders, names of stacks under dist/, or -')
    .addOption(
      new Option('--format <format>', 'a table, commands for a shell, or JSON')
        .choices(['list', 'skopeo', 'json'])
        .default('list'),
    )
    .option('--mirror <registry>', 'where to copy to: harbor.site.example/mesh (default: what inventory.json says)')
    .addHelpText('after', help)
    .action(run);
}

const help = `
  npx meshwright images platform --format skopeo | sh

Exits 0, also where a chart's images are not known, which stderr tells; 2 on
unusable input.`;

function run(paths: readonly string[], { format, mirror }: ImagesOptions): void {
  const needed = neededBy(paths, mirror);
  for (const note of needed.notes) process.stderr.write(`meshwright: ${note}\n`);
  const isCopied = mirror !== undefined || [...needed.images, ...needed.charts].some(({ upstream }) => upstream !== undefined);
  if (format === 'skopeo' && !isCopied)
    throw new UserError(
      `${paths.join(', ')} has no mirror to copy to: give one with --mirror harbor.site.example/mesh, or to the Stack in the program`,
    );
  process.stdout.write(format === 'json' ? asJson(needed) : format === 'skopeo' ? copyScript(needed) : table(needed));
}

function asJson({ images, charts }: Needed): string {
  return `${JSON.stringify({ images, charts }, null, 2)}\n`;
}

function table({ images, charts }: Needed): string {
  const rows = [
    ...images.map(({ image, upstream = '', usedBy }) => [...parts(image), upstream, usedBy.join(', ')]),
    ...charts.map(({ chart, version, source, upstream = source, usedBy }) => [
      `chart ${chart}`,
      version,
      upstream,
      usedBy.join(', '),
    ]),
  ];
  if (rows.length === 0) return 'nothing is pulled\n';
  const all = [['IMAGE OR CHART', 'VERSION', 'FROM', 'USED BY'], ...rows];
  // Where all is pulled from where its name says, nothing is to be told of it.
  const columns = [0, 1, 2, 3].filter((column) => column !== 2 || rows.some((row) => row[column] !== ''));
  const widths = columns.map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => columns.map((column, i) => (row[column] ?? '').padEnd(widths[i] ?? 0)).join('  ');
  return all.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** A name without its version, and the version: the tag, else the digest. */
function parts(image: string): [name: string, version: string] {
  const [tagged = image, digest] = image.split('@');
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  return colon === -1 ? [tagged, digest ?? '-'] : [tagged.slice(0, colon), tagged.slice(colon + 1)];
}
