import { MeshApp } from '../constructs/index.ts';
import { allStacks } from '../stacks/index.ts';

/** An app with the stacks of main.ts, traffic with all its variants, with the proof or without. */
export function appOfAllStacks(outdir: string, proof: 'stop' | 'skip'): MeshApp {
  const app = new MeshApp({ outdir, proof });
  allStacks(app);
  return app;
}
