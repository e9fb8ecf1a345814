import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pid } from 'node:process';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The command line as one file for Node. */
    cli: string;
  }
}

/** Bundles the command line once for all tests: a loader takes longer for its hundreds of files than most commands take. */
export async function setup(project: TestProject): Promise<() => void> {
  const root = resolve(import.meta.dirname, '../..');
  const outfile = resolve(root, `.cache/test-cli-${pid}.js`);
  await build({
    entryPoints: [resolve(root, 'cli/main.ts')],
    ...{ outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm', logLevel: 'warning' },
  });
  project.provide('cli', outfile);
  return () => rmSync(outfile, { force: true });
}
