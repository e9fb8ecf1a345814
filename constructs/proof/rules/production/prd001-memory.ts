import type { Fault } from '../../types.ts';
import { lostInBanyandb } from './banyandb.ts';
import { lostInJaegerReleases } from './chart-memory.ts';
import { inProduction } from './in-production.ts';
import { lostLogs } from './loki.ts';
import { type Lost, lostTraces } from './memory.ts';

export const memory = inProduction({
  code: 'PRD001',
  title: 'traces or logs that go with their pod',
  severity: 'error',
  run: (model) => [
    ...model.programs.all.flatMap((program) => lostTraces(program).map((lost) => fault(program.name, lost))),
    ...lostInBanyandb(model).map((lost) => fault(lost.workload.name, lost)),
    ...lostInJaegerReleases(model).map((lost) => fault(lost.name, lost)),
    ...lostLogs(model),
  ],
  docs: {
    cause:
      'The backend keeps traces in memory, or on a disk that is the pod’s own: Jaeger with the memory store, an ephemeral badger or none configured; Zipkin without STORAGE_TYPE; SkyWalking 9 without SW_STORAGE; its BanyanDB on an emptyDir; Tempo with local blocks on an emptyDir, or a release of its chart without `persistence`; a release of Jaeger’s chart with `storage.type: memory`; Loki with files on an emptyDir, or a release of its chart with `storage.type: filesystem` and `singleBinary.persistence` off. Every restart loses them.',
    fix: 'Give the backend a store of its own, or a persistent volume.',
    example: 'extensions:\n  jaeger_storage: {backends: {main: {memory: {max_traces: 100000}}}}',
  },
});

function fault(name: string, { at, how, hint }: Lost): Fault {
  return { at, message: `${name} keeps its traces ${how}: they go with the pod`, hint };
}
