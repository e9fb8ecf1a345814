import { inProduction } from './in-production.ts';
import { lostTraces } from './memory.ts';

export const memory = inProduction({
  code: 'PRD001',
  title: 'traces that go with their pod',
  severity: 'error',
  run: (model) =>
    model.programs.all.flatMap((program) =>
      lostTraces(program).map(({ at, how, hint }) => ({
        at,
        message: `${program.name} keeps its traces ${how}: they go with the pod`,
        hint,
      })),
    ),
  docs: {
    cause:
      'The backend keeps traces in memory, or on a disk that is the pod’s own: Jaeger with the memory store, an ephemeral badger or none configured; Zipkin without STORAGE_TYPE; SkyWalking 9 without SW_STORAGE; Tempo with local blocks on an emptyDir. Every restart loses them.',
    fix: 'Give the backend a store of its own, or a persistent volume.',
    example: 'extensions:\n  jaeger_storage: {backends: {main: {memory: {max_traces: 100000}}}}',
  },
});
