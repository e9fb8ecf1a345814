import { synthesize } from './constructs/index.ts';
import { jaeger } from './stacks/jaeger.ts';
import { jaegerLegacy } from './stacks/jaeger-legacy.ts';
import { platform } from './stacks/platform.ts';
import { skywalking } from './stacks/skywalking.ts';
import { tempo } from './stacks/tempo.ts';
import { tempoOperator } from './stacks/tempo-operator.ts';
import { traffic } from './stacks/traffic.ts';
import { zipkin } from './stacks/zipkin.ts';

synthesize((app) => {
  jaeger(app);
  jaegerLegacy(app);
  zipkin(app);
  skywalking(app);
  tempo(app);
  tempoOperator(app);
  traffic(app);
  platform(app);
  platform(app, { name: 'platform-ambient', dataplane: 'ambient' });
});
