import { Lazy } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { Telemetry as TelemetryObject, type TelemetrySpec } from '../../imports/telemetry.istio.io.ts';
import { type HeadSampling, namespaceOf, UserError } from '../kit/index.ts';
import { byCodeUnit } from '../kit/json.ts';
import { stackOf } from '../kit/stack-of.ts';
import { type AccessLogRequests, accessLogging } from './access-log.ts';
import { type MetricOverride, metricsOf } from './metrics.ts';
import { type SpanSettings, tracingEntry } from './spans.ts';

/** Whom a Telemetry object is for. */
export interface TelemetryTarget {
  readonly name: string;
  readonly namespace: string;
  /** @default every workload of the namespace */
  readonly selector?: Readonly<Record<string, string>> | undefined;
  /** The mesh itself is the target: there is no wider scope, whose 'off' would have to be taken back. */
  readonly widest?: boolean;
}

/** What a Telemetry object says, part by part. */
export interface TelemetryParts {
  /** The share of requests; `default`: Istio's, said so that the provider is named. */
  readonly tracing?: HeadSampling | 'default' | undefined;
  readonly spans?: SpanSettings | undefined;
  readonly accessLog?: { readonly log: 'off' | AccessLogRequests; readonly provider: string } | undefined;
  readonly metrics?: readonly MetricOverride[] | undefined;
  readonly reportingIntervalSeconds?: number | undefined;
}

interface Shared {
  readonly target: TelemetryTarget;
  readonly where: string;
  parts: TelemetryParts;
  readonly saidBy: Map<string, string>;
}

// By stack, then by namespace and name: layers of two stacks never meet.
const known = new WeakMap<IConstruct, Map<string, Shared>>();

/**
 * Says something about a target. All that is said of one target goes into one object, whoever says it: of two Telemetry objects for a
 * whole namespace Istio reads the older one alone (Istio 1.30, Telemetry API).
 *
 * @param scope where the object stands when this is the first to say something of the target
 * @param provider the mesh's tracing provider; needed for `tracing` and `spans`
 * @throws UserError when nothing is said, a part was said of this target before, or the name belongs to another selector
 */
export function sayOfTelemetry(
  scope: Construct,
  target: TelemetryTarget,
  parts: TelemetryParts,
  provider: string | undefined,
): void {
  const said = Object.entries(parts).flatMap(([part, value]) => (value === undefined ? [] : [part]));
  if (said.length === 0) {
    throw new UserError(
      `telemetry '${scope.node.path}' says nothing: set at least one of tracing, spans, accessLog, metrics, reportingIntervalSeconds`,
    );
  }
  const shared = sharedOf(scope, target, provider);
  for (const part of said) {
    const other = shared.saidBy.get(part);
    if (other !== undefined) {
      throw new UserError(
        `'${scope.node.path}' sets ${part} for ${describe(target)}, which '${other}' has set already: istio reads one Telemetry for it, say it in one place`,
      );
    }
    shared.saidBy.set(part, scope.node.path);
  }
  shared.parts = { ...shared.parts, ...Object.fromEntries(said.map((part) => [part, parts[part as keyof TelemetryParts]])) };
  // A mistake is told where it is made, not at synth.
  render({ ...shared, where: scope.node.path, parts }, provider);
}

function sharedOf(scope: Construct, target: TelemetryTarget, provider: string | undefined): Shared {
  const stack = stackOf(scope);
  const objects = known.get(stack) ?? new Map<string, Shared>();
  known.set(stack, objects);
  const key = `${target.namespace}/${target.name}`;
  const there = objects.get(key);
  if (there) {
    if (JSON.stringify(sorted(there.target.selector)) === JSON.stringify(sorted(target.selector))) return there;
    throw new UserError(
      `'${scope.node.path}' and '${there.where}' would both make Telemetry '${target.name}' in namespace '${target.namespace}', for different workloads: give one workload another name`,
    );
  }
  const made: Shared = { target, where: scope.node.path, parts: {}, saidBy: new Map() };
  objects.set(key, made);
  new TelemetryObject(scope, 'telemetry', {
    metadata: { name: target.name, namespace: target.namespace },
    spec: Lazy.any({ produce: () => render(made, provider) }),
  });
  return made;
}

function render({ target, parts, where }: Shared, provider: string | undefined): TelemetrySpec {
  const { tracing, spans, accessLog, metrics, reportingIntervalSeconds } = parts;
  const head = tracing === 'default' ? undefined : tracing;
  const entry = provider && (tracing !== undefined || spans) ? tracingEntry(provider, head, spans, where) : undefined;
  // Istio reads field by field: a share alone would leave a wider 'off' in force.
  const on = !target.widest && typeof head === 'number' ? { disableSpanReporting: false } : {};
  return {
    ...scopeOf(target),
    ...(entry ? { tracing: [{ ...entry, ...on }] } : {}),
    ...(accessLog ? { accessLogging: [accessLogging(accessLog.log, accessLog.provider, where)] } : {}),
    ...metricsOf(metrics, reportingIntervalSeconds, where),
  };
}

/** A waypoint, or a gateway of the Gateway API, is named by its Gateway: no selector reaches a waypoint (Istio 1.30, targetRefs). */
function scopeOf({ selector }: TelemetryTarget): Pick<TelemetrySpec, 'selector' | 'targetRefs'> {
  if (!selector) return {};
  const gateway = selector['gateway.networking.k8s.io/gateway-name'];
  if (gateway === undefined) return { selector: { matchLabels: { ...selector } } };
  return { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: gateway }] };
}

function sorted(selector: Readonly<Record<string, string>> = {}): [string, string][] {
  return Object.entries(selector).sort(([a], [b]) => byCodeUnit(a, b));
}

function describe({ name, namespace, selector, widest }: TelemetryTarget): string {
  if (widest) return 'the whole mesh';
  return selector ? `workload '${namespace}/${name}'` : `namespace '${namespace}'`;
}

/** The target of a namespace: the whole mesh when it is the mesh's root namespace. */
export function namespaceTarget(scope: IConstruct & Construct, rootNamespace: string): TelemetryTarget {
  const namespace = namespaceOf(scope);
  return namespace === rootNamespace
    ? { name: 'mesh-default', namespace, widest: true }
    : { name: 'namespace-default', namespace };
}
