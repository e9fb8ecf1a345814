import type { MeshApp } from '../constructs/index.ts';
import { jaeger } from './jaeger.ts';
import { jaegerLegacy } from './jaeger-legacy.ts';
import { platform } from './platform.ts';
import { skywalking } from './skywalking.ts';
import { tempo } from './tempo.ts';
import { tempoOperator } from './tempo-operator.ts';
import { traffic } from './traffic.ts';
import { zipkin } from './zipkin.ts';

/** The stacks of dist/, in one app. */
export function allStacks(app: MeshApp): void {
  jaeger(app);
  jaegerLegacy(app);
  zipkin(app);
  skywalking(app);
  tempo(app);
  tempoOperator(app);
  traffic(app);
  platform(app);
  platform(app, { name: 'platform-ambient', dataplane: 'ambient' });
}
