import { synthesize } from './constructs/index.ts';
import { jaeger } from './stacks/jaeger.ts';

synthesize((app) => {
  jaeger(app);
});
