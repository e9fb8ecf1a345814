import type { Model } from '../../model/model.ts';
import type { ProgramKind } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { type Api, type Query, queriesOf, type Reached, reach } from './queries.ts';

export const queryType: Rule = {
  code: 'TRC060',
  title: 'a page asks a program for an API that it does not have',
  severity: 'error',
  run: (model) => [
    ...queriesOf(model).flatMap((query) => mismatch(query, reach(model, query)) ?? []),
    ...unreadableProviders(model),
  ],
  docs: {
    cause:
      'The type of a Grafana data source, or `tracing.provider` of Kiali, is another than the program behind its URL: jaeger for a Tempo, tempo for a Jaeger, zipkin for a Jaeger that only takes Zipkin spans, a collector, which answers no queries at all. Every query fails. Kiali reads Jaeger and Tempo, nothing else.',
    fix: 'Set the type (the provider) to what stands behind the URL, or correct the URL.',
    example: 'datasources:\n- {name: Traces, type: jaeger, url: "http://tempo.observability:3200"}   # a Tempo: type tempo',
  },
};

const NAMES: Readonly<Record<ProgramKind, string>> = {
  collector: 'an OpenTelemetry collector',
  jaeger: 'a Jaeger',
  tempo: 'a Tempo',
  zipkin: 'a Zipkin',
  skywalking: 'a SkyWalking OAP',
};

function mismatch(query: Query, reached: Reached | undefined): Fault | undefined {
  if (!reached) return undefined;
  const { program, prometheus, service } = reached;
  const { what, at, api } = query;
  const place = service ? service.id : query.url;
  if (prometheus) {
    if (api === 'prometheus' || api === 'loki') return undefined;
    return { at, message: `${what} asks for ${api}, but ${place} is a Prometheus`, hint: 'correct the address, or the type' };
  }
  // SkyWalking answers like Prometheus, Loki and Zipkin, on ports of its own.
  if (!program || program.is === api || (program.is === 'skywalking' && api !== 'jaeger')) return undefined;
  return { at, message: `${what} asks for ${api}, but ${place} is ${NAMES[program.is]}`, hint: advice(query, api, program.is) };
}

function advice({ by }: Query, api: Api, is: ProgramKind): string {
  if (is === 'collector') return 'a collector answers no queries: name the backend that it exports to';
  const traces = api === 'jaeger' || api === 'tempo' || api === 'zipkin';
  if (!traces) return 'correct the address';
  if (by === 'grafana') return is === 'skywalking' ? 'Grafana cannot read SkyWalking by this type' : `set type: ${is}`;
  return is === 'jaeger' || is === 'tempo'
    ? `set provider: ${is}`
    : 'Kiali reads Jaeger and Tempo only: set tracing.enabled: false';
}

/** Providers that Kiali does not have. In a custom resource the schema tells (OBJ005). */
function unreadableProviders(model: Model): Fault[] {
  return model.kialis.flatMap(({ config, tracing }) => {
    const { enabled, provider, providerAt } = tracing;
    if (enabled !== true || provider === 'jaeger' || provider === 'tempo' || config.object.kind === 'Kiali') return [];
    return [
      {
        at: providerAt,
        message: `Kiali cannot read traces from "${provider}"`,
        hint: 'set provider to jaeger or tempo, or tracing.enabled: false',
      },
    ];
  });
}
