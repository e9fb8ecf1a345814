import { isTraceHeaderSetName, traceHeaders } from '../../../kit/trace-headers.ts';
import { text } from '../../json-path.ts';
import type { Provider } from '../../model/mesh/mesh-config.ts';
import type { Model } from '../../model/model.ts';
import { reachOf } from '../../model/reach/reach.ts';
import { type Container, containersOf } from '../../model/spans/containers.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const forwardedHeaders: Rule = {
  code: 'TRC007',
  title: "an app does not forward the headers of the mesh's tracer",
  severity: 'error',
  run: (model) => {
    const tracers = tracersOf(model);
    if (tracers.length === 0 || tracers.some(({ sets }) => sets.length === 0)) return [];
    const { namespaces } = reachOf(model);
    return model.workloads.flatMap((workload) => {
      const { plane } = namespaces.pods(workload);
      if (plane !== 'sidecar' && plane !== 'ambient') return [];
      return containersOf(workload).flatMap((container) => faultOf(container, tracers) ?? []);
    });
  },
  docs: {
    cause:
      "The app says by FORWARD_HEADERS which headers it copies to the service that it calls (UPSTREAM), as the header chain and its variants do, and the list lacks those of the tracer that the mesh uses. Each of its calls then begins a trace of its own: traces of one hop. Apps that make their own spans by OpenTelemetry (OTEL_EXPORTER_OTLP_ENDPOINT) are not looked at, nor are apps that do not say what they forward: call those by 'meshwright headers check'.",
    fix: "Add the headers: 'meshwright headers --provider NAME' prints them. `new HeaderChain(...)` forwards those of every tracer unless told otherwise.",
    example:
      '- {name: FORWARD_HEADERS, value: "x-request-id,x-b3-traceid,x-b3-spanid,x-b3-sampled"}   # the mesh\'s provider is opentelemetry: traceparent',
  },
};

/** A tracer that the mesh uses. */
interface Tracer {
  readonly what: string;
  /** The sets of headers of which one is enough; none for a tracer that is not known. */
  readonly sets: readonly (readonly string[])[];
}

function tracersOf(model: Model): Tracer[] {
  const refs = [
    ...model.telemetries.flatMap((telemetry) => telemetry.providers),
    ...model.meshConfigs.flatMap((mesh) => mesh.defaults),
  ];
  const names = new Set(refs.filter(({ signal }) => signal === 'tracing').map(({ name }) => name));
  if (names.size === 0)
    return model.meshConfigs.flatMap(({ legacy }) => (legacy ? [tracer(legacy.type, `legacy ${legacy.type}`)] : []));
  const defined = model.meshConfigs.flatMap((mesh) => mesh.providers);
  return [...names].map((name) => {
    const provider = defined.find((one) => one.name === name);
    return provider ? tracer(formatOf(provider), `provider "${name}"`) : { what: name, sets: [] };
  });
}

function formatOf({ type, settings }: Provider): string {
  const both = type === 'zipkin' && text(settings, 'traceContextOption') === 'USE_B3_WITH_W3C_PROPAGATION';
  return both ? 'zipkin-b3-w3c' : type;
}

function tracer(format: string, what: string): Tracer {
  // With both, Envoy goes on with either.
  const names = format === 'zipkin-b3-w3c' ? ['b3', 'w3c'] : [format];
  return { what, sets: names.filter(isTraceHeaderSetName).map(neededBy) };
}

/** Without x-request-id the trace still holds together. */
function neededBy(name: keyof typeof traceHeaders): string[] {
  return traceHeaders[name].headers.flatMap((header) =>
    header.comes === 'always' && header.name !== 'x-request-id' ? [header.name] : [],
  );
}

function faultOf({ env, envOpen }: Container, tracers: readonly Tracer[]): Fault | undefined {
  const list = env.get('FORWARD_HEADERS');
  const makesSpans = envOpen || env.has('OTEL_EXPORTER_OTLP_ENDPOINT') || env.has('OTEL_PROPAGATORS');
  if (list?.value === undefined || makesSpans || !env.has('UPSTREAM')) return undefined;
  const forwarded = new Set(list.value.toLowerCase().split(/[\s,]+/));
  const isWhole = (set: readonly string[]) => set.every((name) => forwarded.has(name));
  // Which tracer is this workload's is not asked: one that is served is enough.
  if (tracers.some(({ sets }) => sets.some(isWhole))) return undefined;
  const what = tracers[0]?.what;
  const missing = tracers[0]?.sets[0]?.filter((name) => !forwarded.has(name)) ?? [];
  return {
    at: list.at,
    message: `FORWARD_HEADERS lacks ${missing.join(', ')} of ${what}: each call of this app begins a trace of its own`,
    hint: `add ${missing.join(', ')}`,
    cause: `forwards ${list.value}`,
  };
}
