import { MeshApp } from '../constructs/index.ts';
import { jaeger } from '../stacks/jaeger.ts';
import { jaegerLegacy } from '../stacks/jaeger-legacy.ts';
import { skywalking } from '../stacks/skywalking.ts';
import { tempo } from '../stacks/tempo.ts';
import { tempoOperator } from '../stacks/tempo-operator.ts';
import { traffic } from '../stacks/traffic.ts';
import { zipkin } from '../stacks/zipkin.ts';

/** The stacks of main.ts, traffic with all its variants, with the proof or without. */
export function sevenStacks(outdir: string, proof: 'stop' | 'skip'): MeshApp {
  const app = new MeshApp({ outdir, proof });
  for (const stack of [jaeger, jaegerLegacy, zipkin, skywalking, tempo, tempoOperator, traffic]) stack(app);
  return app;
}
