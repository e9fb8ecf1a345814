import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { createColors } from 'picocolors';
import { UserError } from '../constructs/kit/user-error.ts';
import {
  type Acknowledged,
  applyAcknowledgements,
  countFindings,
  type Finding,
  formatFindings,
  prove,
  readAcknowledgements,
  readWorlds,
  type World,
} from '../constructs/proof/index.ts';
import { pathArgument } from './paths.ts';

interface CheckOptions {
  readonly json?: true;
  readonly acknowledge?: string;
  readonly purpose?: 'lab' | 'production';
}

/** `meshwright check PATH...`: proves YAML, whoever wrote it. */
export function checkCommand(): Command {
  return new Command('check')
    .description('check YAML files or folders, stacks by name, or standard input (-)')
    .argument(...pathArgument)
    .option('--json', 'print the findings as JSON')
    .addOption(
      new Option(
        '--purpose <purpose>',
        'what it is for: production may not do what a lab may (default: what inventory.json says)',
      ).choices(['lab', 'production']),
    )
    .option('--acknowledge <file>', 'YAML list of {code, reason, object} of findings that are fine')
    .addHelpText(
      'after',
      '\nExits 0 when clean (warnings allowed), 1 on findings of severity error, 2 on\nunusable input or a crash.',
    )
    .action((paths: string[], options: CheckOptions) => check(paths, options));
}

function check(paths: readonly string[], options: CheckOptions): void {
  const acknowledged = options.acknowledge === undefined ? [] : acknowledgementsIn(options.acknowledge);
  const worlds = readWorlds(paths, options.purpose ? { purpose: options.purpose } : {});
  for (const note of new Set(worlds.flatMap((world) => world.notes))) process.stderr.write(`meshwright: ${note}\n`);
  const findings = applyAcknowledgements(proveAll(worlds), acknowledged);
  const objects = new Set(worlds.flatMap((world) => world.objects)).size;
  process.stdout.write(options.json ? `${JSON.stringify({ findings }, null, 2)}\n` : report(findings, objects));
  if (findings.some((finding) => finding.severity === 'error')) process.exitCode = 1;
}

/** A stack is proven by itself and with each of its variants: what is said twice is said once, and what it accepts holds for all of them. */
function proveAll(worlds: readonly World[]): Finding[] {
  return [...new Set(worlds.map((world) => world.acknowledged))].flatMap((accepted) => {
    const findings = worlds.filter((world) => world.acknowledged === accepted).flatMap((world) => prove(world));
    const distinct = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
    return applyAcknowledgements([...distinct.values()], accepted);
  });
}

function acknowledgementsIn(file: string): Acknowledged[] {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch {
    throw new UserError(`cannot read ${file}: --acknowledge names a YAML file with a list of {code, reason, object}`);
  }
  return readAcknowledgements(source, file);
}

/** On a terminal, or when asked to; picocolors by itself also colours the logs of a CI system. */
function isColourful(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  return !NO_COLOR && (Boolean(FORCE_COLOR) || process.stdout.isTTY === true);
}

/** What is said for people: the findings, and the counts at the end. */
function report(findings: readonly Finding[], objects: number): string {
  const listed = findings.length === 0 ? '' : `${formatFindings(findings, createColors(isColourful()))}\n\n`;
  return `${listed}${countFindings(findings)} in ${objects} object${objects === 1 ? '' : 's'}\n`;
}
