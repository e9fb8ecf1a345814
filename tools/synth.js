import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// Bundles the program and runs it in this process: a loader takes longer for two hundred files than the whole synth.
const outfile = '.cache/main.js';
await build({
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
process.setSourceMapsEnabled(true);
await import(pathToFileURL(outfile).href);
