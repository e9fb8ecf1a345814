import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// Bundles the program and runs it in this process: a loader takes longer for two hundred files than the whole synth.
const outfile = '.cache/main.js';
const bundled = build({
  entryPoints: ['main.ts'],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  sourcemap: true,
  // The sources lie beside it: a stack trace needs their lines alone.
  sourcesContent: false,
  logLevel: 'warning',
});
// esbuild works in a process of its own: meanwhile this one loads what every bundle asks for.
await Promise.all([bundled, import('cdk8s'), import('cdk8s-plus-27'), import('yaml'), import('@marcbachmann/cel-js')]);
process.setSourceMapsEnabled(true);
await import(pathToFileURL(outfile).href);
