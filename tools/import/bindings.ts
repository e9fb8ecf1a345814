import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { isObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';
import type { CutCrd } from './cut.ts';

/**
 * Runs `cdk8s import` on the cut definitions: one TypeScript file per API group in `out`.
 * All groups go through one call: starting the CLI costs more than most groups do.
 *
 * @param scratch an empty folder for the CLI's input.
 * @throws UserError with the CLI's own words when it fails.
 */
export async function writeBindings(
  crds: readonly CutCrd[],
  folders: { readonly scratch: string; readonly out: string },
  progress: (line: string) => void,
): Promise<void> {
  writeFileSync(
    join(folders.scratch, 'crds.yaml'),
    crds.map((crd) => `---\n${stringify(manifestOf(crd), stringifyOptions)}`).join(''),
  );
  const args = [cliPath(), 'import', 'crds.yaml', '--no-save', '--language', 'typescript', '--output', folders.out];
  const env = { ...process.env, CDK8S_CHECK_UPGRADE: 'false', CI: '1', LC_ALL: 'C' };
  const child = spawn(process.execPath, args, { cwd: folders.scratch, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const groups = new Set(crds.map(({ group }) => group));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (groups.has(line)) progress(`bindings ${line}.ts`);
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const status = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (status !== 0) throw new UserError(`cdk8s import failed (exit ${status}): ${lastLine(said)}`);
  for (const name of readdirSync(folders.out)) {
    const file = join(folders.out, name);
    writeFileSync(file, withoutComments(readFileSync(file, 'utf8')));
  }
}

/** Without prose in the schemas, every doc comment is an empty frame: a third of the file. The first line stays. */
function withoutComments(code: string): string {
  return code.replace(/^ *\/\*[\s\S]*?\*\/\n/gm, '').replace(/\n{3,}/g, '\n\n');
}

// References between equal parts would be spelled as YAML anchors, which the CLI caps; long lines stay whole.
const stringifyOptions = { aliasDuplicateObjects: false, lineWidth: 0 } as const;

function manifestOf({ group, kind, plural, scope, version, schema }: CutCrd) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, plural },
      scope,
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

function cliPath(): string {
  const file = createRequire(import.meta.url).resolve('cdk8s-cli/package.json');
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const bin = isObject(content) && isObject(content.bin) ? content.bin.cdk8s : undefined;
  if (typeof bin !== 'string') throw new UserError('cdk8s-cli has no command cdk8s: run npm ci');
  return join(dirname(file), bin);
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  return lines.find((line) => line.includes('Error')) ?? lines.at(-1) ?? 'it said nothing';
}
