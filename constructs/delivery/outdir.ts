import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { isObject } from '../kit/json.ts';

/** Where a synth writes. */
export interface Output {
  /** The folder that is published whole, with kustomizations and inventory; undefined when only `objects` is asked for. */
  readonly publish?: string;
  /**
   * A folder that gets the cluster objects only: what the cdk8s CLI asked for. `one-file` for its `--stdout`, which pipes all files at
   * once and so mixes those above 64 KiB.
   */
  readonly objects?: { readonly folder: string; readonly as: 'tree' | 'one-file' };
}

/**
 * Where to write under plain `tsx main.ts` and under `cdk8s synth`.
 *
 * The cdk8s CLI (2.207) deletes its output folder before it starts the program, and fails when the folder is not there afterwards. So
 * `output` in cdk8s.yaml is a scratch folder: for it, the real output is published as always, and the scratch folder gets a copy of the
 * cluster objects for the CLI to list. Any other folder (`cdk8s synth -o DIR`, `--stdout`) gets the cluster objects, and nothing else is written.
 *
 * @param target the folder that a plain run publishes
 * @param asked what the CLI asks for, `CDK8S_OUTDIR`
 */
export function outputOf(target: string, asked = process.env.CDK8S_OUTDIR): Output {
  if (!asked || resolve(asked) === resolve(target)) return { publish: target };
  const scratch = scratchFolder();
  const objects = { folder: asked, as: isForStdout(asked) ? 'one-file' : 'tree' } as const;
  return scratch !== undefined && resolve(asked) === resolve(scratch) ? { publish: target, objects } : { objects };
}

/** For `--stdout` the CLI makes a folder `cdk8s-XXXXXX` where the system keeps temporary files. */
function isForStdout(folder: string): boolean {
  return dirname(resolve(folder)) === resolve(tmpdir()) && basename(folder).startsWith('cdk8s-');
}

/** `output` of the cdk8s.yaml in the working folder, where the CLI is run; undefined when there is none. */
function scratchFolder(): string | undefined {
  let text: string;
  try {
    text = readFileSync('cdk8s.yaml', 'utf8');
  } catch {
    return undefined;
  }
  const config: unknown = parse(text);
  return isObject(config) && typeof config.output === 'string' ? config.output : undefined;
}
