export { type ExistingLoki, Loki, type LokiProps } from './loki.ts';
export { LokiRelease, type LokiReleaseProps } from './release.ts';
