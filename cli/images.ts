import { Command, Option } from 'commander';
import { byCodeUnit } from '../constructs/kit/json.ts';
import { UserError } from '../constructs/kit/user-error.ts';
import { type Needed, neededBy } from '../constructs/ledger.ts';
import { broken } from './broken.ts';
import { copyScript } from './images-copy.ts';
import { pathArgument } from './paths.ts';

interface ImagesOptions {
  readonly format: 'list' | 'skopeo' | 'json';
  readonly mirror?: string;
}

/** `meshwright images PATH...`: what must be pulled, and the commands that copy it into a registry of the site. */
export function imagesCommand(): Command {
  return new Command('images')
    .description('list the images and charts that YAML pulls, or print the commands that copy them: nothing is pulled')
    .argument(...pathArgument)
    .addOption(
      new Option('--format <format>', 'what is pulled and by whom, commands for a shell, or JSON')
        .choices(['list', 'skopeo', 'json'])
        .default('list'),
    )
    .option('--mirror <registry>', 'where to copy to: harbor.site.example/mesh (default: what inventory.json says)')
    .addHelpText('after', help)
    .action(run);
}

const help = `
  list    images and charts by who uses them; what comes from a mirror goes by
          its public name
  skopeo  commands for sh that copy it all: with skopeo, and Helm for charts
  json    with the names in the mirror

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
  process.stdout.write(format === 'json' ? asJson(needed) : format === 'skopeo' ? copyScript(needed) : list(needed));
}

function asJson({ images, charts }: Needed): string {
  return `${JSON.stringify({ images, charts }, null, 2)}\n`;
}

/** Each thing once, under all who use it. Copies in a mirror go by the public name, since the mirror's is as long again. */
function list({ images, charts, mirrors }: Needed): string {
  const lines = [
    ...images.map(({ image, upstream = image, usedBy }) => ({ line: upstream, isCopied: upstream !== image, usedBy })),
    ...charts.map(({ chart, version, source, upstream = source, usedBy }) => ({
      line: `chart ${chart} ${version} of ${upstream}`,
      isCopied: upstream !== source,
      usedBy,
    })),
  ].map(({ line, isCopied, usedBy }) => ({
    line: isCopied || mirrors.length === 0 ? line : `${line}  (not mirrored)`,
    users: usedBy.join(', '),
  }));
  if (lines.length === 0) return 'nothing is pulled\n';
  const byUsers = new Map<string, Set<string>>();
  for (const { line, users } of lines) byUsers.set(users, (byUsers.get(users) ?? new Set()).add(line));
  const groups = [...byUsers].sort(([a], [b]) => byCodeUnit(a, b));
  return [
    ...(mirrors.length > 0
      ? [...broken('mirror: ', mirrors.join(', ')), 'what comes from there goes by its public name', '']
      : []),
    ...groups.flatMap(([users, found]) => [...broken('', users), ...[...found].map((line) => `  ${line}`)]),
    '',
  ].join('\n');
}
