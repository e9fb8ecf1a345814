import { at } from '../../json-path.ts';
import type { MeshConfig, Provider, ProviderRef } from '../../model/mesh/mesh-config.ts';
import type { Model } from '../../model/model.ts';
import { providerProtocol } from '../../model/spans/hops.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const cannotTrace: Rule = {
  code: 'TRC010',
  title: 'tracing is left to a provider that makes no spans',
  severity: 'error',
  run: (model) => {
    const refs = [...model.telemetries.flatMap((one) => one.providers), ...model.meshConfigs.flatMap((mesh) => mesh.defaults)];
    return [
      ...refs.filter((ref) => ref.signal === 'tracing').flatMap((ref) => refFault(model, ref) ?? []),
      ...model.meshConfigs.flatMap((mesh) => deadTracers(model, mesh)),
    ];
  },
  docs: {
    cause:
      'A Telemetry or `defaultProviders.tracing` names a provider whose type reports something else (access logs, metrics, authorization), or a tracer that Istio has dropped: opencensus (1.25), lightstep (1.27), stackdriver. Istio then makes no spans at all. The demo profile has a trap: its provider `otel` reports access logs, `otel-tracing` spans.',
    fix: 'Name a provider of type opentelemetry, zipkin, skywalking or datadog.',
    example:
      'extensionProviders:\n- name: otel\n  envoyOtelAls: {service: otel.observability.svc.cluster.local, port: 4317}\ndefaultProviders:\n  tracing: [otel]   # access logs only',
  },
};

// Istio 1.30: what the types that send no spans are for.
const DOES: ReadonlyMap<string, string> = new Map([
  ['prometheus', 'reports metrics, not spans'],
  ['stackdriver', 'reports metrics and logs, not spans'],
  ['lightstep', 'makes no spans any more (gone since Istio 1.27)'],
  ['opencensus', 'makes no spans any more (gone since Istio 1.25)'],
  ...['envoyFileAccessLog', 'envoyOtelAls', 'envoyHttpAls', 'envoyTcpAls'].map(
    (type) => [type, 'reports access logs, not spans'] as const,
  ),
  ...['envoyExtAuthzHttp', 'envoyExtAuthzGrpc'].map((type) => [type, 'asks for authorization and reports nothing'] as const),
  ['sds', 'hands out secrets and reports nothing'],
]);
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ['prometheus', 'prometheus'],
  ['stackdriver', 'stackdriver'],
  ['envoy', 'envoyFileAccessLog'],
  ['otel', 'envoyOtelAls'],
]);

function refFault(model: Model, { name, at: spot }: ProviderRef): Fault | undefined {
  const named = model.meshConfigs.flatMap((mesh) => mesh.providers.filter((one) => one.name === name));
  const builtIn = model.meshConfigs.some((mesh) => mesh.builtIn.includes(name)) ? BUILT_IN.get(name) : undefined;
  const types = named.length > 0 ? named.map((one) => one.type) : builtIn === undefined ? [] : [builtIn];
  const [type] = types;
  const does = type === undefined ? undefined : DOES.get(type);
  if (type === undefined || does === undefined || !types.every((one) => DOES.has(one))) return undefined;
  const tracers = tracersOf(model.meshConfigs.flatMap((mesh) => mesh.providers));
  return {
    at: spot,
    message: `tracing provider "${name}" is of type ${type}, which ${does}`,
    hint:
      tracers.length === 0
        ? 'define a provider of type opentelemetry, zipkin, skywalking or datadog, and name that'
        : `name one that traces: ${tracers.join(', ')}`,
    cause: `type of provider ${name}`,
  };
}

function tracersOf(providers: readonly Provider[]): string[] {
  return [...new Set(providers.filter((one) => providerProtocol(one) !== undefined).map((one) => one.name))].sort();
}

const DEAD_TRACERS = ['lightstep', 'stackdriver', 'openCensusAgent'];

function deadTracers(model: Model, mesh: MeshConfig): Fault[] {
  // Beside a provider the legacy tracer has no effect.
  const rival = (one: ProviderRef) => one.signal === 'tracing';
  if (mesh.defaults.some(rival) || model.telemetries.some((one) => one.wide && one.providers.some(rival))) return [];
  return DEAD_TRACERS.filter((type) => at(mesh.value, 'defaultConfig', 'tracing', type) !== undefined).map((type) => ({
    at: mesh.spot(['defaultConfig', 'tracing', type]),
    message: `the tracer ${type} is gone from Istio: no spans are made`,
    hint: 'define a provider of type opentelemetry under extensionProviders and name it in a Telemetry',
  }));
}
