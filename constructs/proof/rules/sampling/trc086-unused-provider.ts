import type { MeshConfig } from '../../model/mesh/mesh-config.ts';
import type { TracingEntry } from '../../model/mesh/telemetry.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const unusedProvider: Rule = {
  code: 'TRC086',
  title: 'a tracing provider that is named but not used',
  severity: 'warning',
  run: (model) => [
    ...model.telemetries.flatMap(({ entries }) => [
      ...entries.flatMap(({ providers }) => afterFirst(providers)),
      ...entries.flatMap((entry, i) => replaced(entry, entries.slice(i + 1))),
    ]),
    ...model.meshConfigs.flatMap(({ defaults }: MeshConfig) => afterFirst(defaults.filter(({ signal }) => signal === 'tracing'))),
  ],
  docs: {
    cause:
      'A proxy has one tracer. Of several providers in a tracing entry, or in `defaultProviders.tracing`, Istio takes the first; of several entries for the same side of a request, the last that names one.',
    fix: 'Name one provider, and let a collector behind it send to several backends.',
    example: 'tracing:\n- providers: [{name: otel}, {name: zipkin}]   # zipkin gets nothing',
  },
};

function afterFirst(refs: TracingEntry['providers']): Fault[] {
  const [first, ...rest] = refs;
  return rest
    .filter(({ name }) => name !== first?.name)
    .map(({ name, at }) => ({
      at,
      message: `provider "${name}" gets no spans: Istio takes the first alone, "${first?.name}"`,
      hint: 'name one provider, and let a collector send to several backends',
    }));
}

/** An entry whose provider later entries take away, on every side of a request that it is for. */
function replaced({ mode, providers: [first] }: TracingEntry, later: readonly TracingEntry[]): Fault[] {
  if (!first) return [];
  const naming = later.filter(({ providers }) => providers.length > 0);
  const taken = naming.some((one) => one.mode === 'CLIENT_AND_SERVER' || one.mode === mode);
  const halves = ['CLIENT', 'SERVER'].every((half) => naming.some((one) => one.mode === half));
  const by = naming.at(-1)?.providers[0];
  if (!(taken || halves) || !by || by.name === first.name) return [];
  const message = `provider "${first.name}" gets no spans: a later entry for the same side of requests names "${by.name}"`;
  return [{ at: first.at, message, hint: 'keep one entry, or give them match.mode CLIENT and SERVER' }];
}
