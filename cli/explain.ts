import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Json } from '../constructs/kit/json.ts';
import { nearest } from '../constructs/kit/nearest.ts';
import { UserError } from '../constructs/kit/user-error.ts';
import { type Explanation, explain, narrow, type TrafficRequest } from '../constructs/proof/explain/index.ts';
import { items, text } from '../constructs/proof/json-path.ts';
import { modelOf } from '../constructs/proof/model/model.ts';
import type { SourceFile } from '../constructs/proof/read/source.ts';
import { readWorlds } from '../constructs/proof/read/worlds.ts';
import type { World } from '../constructs/proof/types.ts';
import { nearHost, nearNamespace } from './explain-near.ts';
import { explanationText } from './explain-report.ts';
import { pathArgument } from './paths.ts';

interface ExplainOptions {
  readonly host: string;
  readonly port?: number;
  readonly from?: { readonly namespace: string; readonly app?: string };
  readonly gateway?: { readonly namespace: string; readonly name: string };
  readonly method?: string;
  readonly path?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly variant?: string;
  readonly json?: true;
}

/** `meshwright explain PATH...`: what becomes of one request, and why. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('tell what becomes of one request, and why: nothing is sent, and no cluster is asked')
    .argument(...pathArgument)
    .requiredOption('--host <name>', 'the name that the client asks for: reviews, reviews.bookinfo, bookinfo.mesh.test')
    .option('--port <number>', 'the port that it connects to (default: 80)', port)
    .option('--from <namespace/app>', 'the pod that sends it: its workload, or its app label; or a namespace alone', sender)
    .option('--gateway <namespace/name>', 'the gateway at which it arrives from outside', gateway)
    .option('--method <name>', 'GET, POST, ... (default: GET)')
    .option('--path <path>', 'with the query: /productpage?u=normal (default: /)', path)
    .option('--header <name=value>', 'can be repeated', header)
    .option('--variant <name>', 'with this variant of the stack on top')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(run);
}

const help = `
  npx meshwright explain dist/traffic --host reviews --port 9080 \\
    --from bookinfo/productpage --header end-user=jason --variant jason-v2

Exits 0 when there is an answer, also when it is 404 or a refusal, 2 on unusable
input.`;

function run(paths: readonly string[], options: ExplainOptions): void {
  const { header: headers, from, gateway, json, variant, ...rest } = options;
  if (from && gateway)
    throw new UserError('--from and --gateway exclude each other: a request comes from a pod of the mesh, or from outside');
  const request: TrafficRequest = { ...rest, ...(headers && { headers }), ...(from && { from }), ...(gateway && { gateway }) };
  const { answer, hint, notes } = ask(paths, variant, request);
  for (const note of notes) process.stderr.write(`meshwright: ${note}\n`);
  const reasons = hint === undefined ? answer.reasons : [...answer.reasons, hint];
  process.stdout.write(
    json ? `${JSON.stringify({ ...answer, reasons }, null, 2)}\n` : explanationText(request, { ...answer, reasons }),
  );
}

interface Answered {
  readonly answer: Explanation;
  /** What a person may have meant by a host that nobody has. */
  readonly hint: string | undefined;
  readonly notes: readonly string[];
}

/** Reads only what has a say in the answer; all of it when that is not enough to say what is wrong with the question. */
function ask(given: readonly string[], wanted: string | undefined, request: TrafficRequest): Answered {
  const { paths, variant, notes } = variantFolder(given, wanted);
  let texts: readonly SourceFile[] = [];
  const seen = (sources: readonly SourceFile[]) => {
    texts = [...texts, ...sources];
    return narrow(sources, request);
  };
  const all = () => {
    // Standard input can be read only once.
    const stdin = texts.find(({ name }) => name === '<stdin>')?.source;
    return readWorlds(paths, stdin === undefined ? {} : { stdin: () => stdin });
  };
  const world = chosen(
    orElse(() => readWorlds(paths, { narrow: seen }), all),
    variant,
  );
  const answer = orElse(
    () => explain(modelOf(world), request),
    () => explain(modelOf(chosen(all(), variant)), request),
  );
  const near = isUnknown(answer) ? (nearNamespace(texts, request) ?? nearHost(texts, request)) : undefined;
  return { answer, hint: near === undefined ? undefined : `did you mean ${near}?`, notes: [...notes, ...world.notes] };
}

function orElse<T>(first: () => T, second: () => T): T {
  try {
    return first();
  } catch (error) {
    if (error instanceof UserError) return second();
    throw error;
  }
}

function isUnknown({ outcome, matched }: Explanation): boolean {
  return matched === null && ['passthrough', 'blackhole', 'notfound', 'nolistener'].includes(outcome);
}

interface Meant {
  readonly paths: readonly string[];
  readonly variant: string | undefined;
  readonly notes: readonly string[];
}

/** A variant's folder alone means its stack, which lies one folder above, with that variant on top. */
function variantFolder(paths: readonly string[], variant: string | undefined): Meant {
  const [only = '', ...others] = paths;
  const stack = join(only, '..');
  const inventory = join(stack, 'inventory.json');
  const isPlain = others.length > 0 || variant !== undefined || only === '-' || !existsSync(only) || !existsSync(inventory);
  if (isPlain) return { paths, variant, notes: [] };
  const name = basename(resolve(only));
  const layers = items(parsed(inventory), 'layers');
  const isVariant = layers.some((layer) => text(layer, 'name') === name && text(layer, 'variantOf') !== undefined);
  if (!isVariant) return { paths, variant, notes: [] };
  return { paths: [stack], variant: name, notes: [`${only} is a variant: it is read on top of ${stack}`] };
}

/** What is no JSON will be told when it is read as a whole. */
function parsed(file: string): Json | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** One world: of a stack its base, or one of its variants. */
function chosen(worlds: readonly World[], variant: string | undefined): World {
  const bases = worlds.filter((world) => world.variant === undefined);
  const [base, ...others] = bases;
  if (!base) throw new UserError('nothing to read there');
  if (others.length > 0)
    throw new UserError(`there are several stacks, ${bases.map(({ name }) => name).join(', ')}: name one of them`);
  if (variant === undefined) return base;
  const world = worlds.find((one) => one.variant === variant);
  if (world) return world;
  const variants = worlds.flatMap((one) => one.variant ?? []);
  if (variants.length === 0) throw new UserError(`${base.name} has no variants: leave --variant out`);
  const near = nearest(variant, variants);
  throw new UserError(
    `${base.name} has no variant "${variant}": ${near === undefined ? `there are ${variants.join(', ')}` : `did you mean "${near}"?`}`,
  );
}

function port(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
  throw new InvalidArgumentError('allowed is a whole number from 1 to 65535.');
}

function path(text: string): string {
  if (text.startsWith('/')) return text;
  throw new InvalidArgumentError("it must begin with '/'.");
}

function sender(text: string): { namespace: string; app?: string } {
  const [namespace = '', app, ...rest] = text.split('/');
  if (namespace === '' || app === '' || rest.length > 0)
    throw new InvalidArgumentError("allowed is 'namespace/app' or 'namespace'.");
  return { namespace, ...(app === undefined ? {} : { app }) };
}

function gateway(text: string): { namespace: string; name: string } {
  const [namespace = '', name = '', ...rest] = text.split('/');
  if (namespace === '' || name === '' || rest.length > 0) throw new InvalidArgumentError("allowed is 'namespace/name'.");
  return { namespace, name };
}

function header(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^\s*([^\s=:]+)\s*[=:]\s*(.*?)\s*$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("allowed is 'name=value'.");
  return { ...before, [name.toLowerCase()]: value };
}
