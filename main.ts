import { synthesize } from './constructs/index.ts';
import { jaeger } from './stacks/jaeger.ts';
import { jaegerLegacy } from './stacks/jaeger-legacy.ts';

synthesize((app) => {
  jaeger(app);
  jaegerLegacy(app);
});
