import { synthesize } from './constructs/index.ts';
import { allStacks } from './stacks/index.ts';

synthesize(allStacks);
