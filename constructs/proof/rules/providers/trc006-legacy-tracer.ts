import type { MeshConfig } from '../../model/mesh/mesh-config.ts';
import type { Telemetry } from '../../model/mesh/telemetry.ts';
import type { Model } from '../../model/model.ts';
import { addressOf } from '../../model/pages/backends.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { missingPort, missingService } from '../lookup.ts';

export const legacyTracer: Rule = {
  code: 'TRC006',
  title: 'the legacy tracer address leads nowhere, or has no effect',
  severity: 'error',
  run: (model) => model.meshConfigs.flatMap((mesh) => legacyFault(model, mesh) ?? []),
  docs: {
    cause:
      'The address under `defaultConfig.tracing` names a Service or port that is not there. Or it stands beside a tracing Telemetry or default tracing provider for the whole mesh, which take its place: the address then has no effect (a warning).',
    fix: 'Correct the address, or choose one way: a provider with a Telemetry, or the address alone.',
    example: 'defaultConfig:\n  tracing:\n    zipkin: {address: "jaeger-collector.istio-system:9412"}   # the Service has 9411',
  },
};

function legacyFault(model: Model, { legacy, defaults, rootNamespace }: MeshConfig): Fault | undefined {
  if (!legacy) return undefined;
  const { type, address: written, at } = legacy;
  const telemetry = model.telemetries.find((one) => one.wide && one.object.namespace === rootNamespace && takesOver(one));
  const rival = defaults.find((ref) => ref.signal === 'tracing') ? 'defaultProviders.tracing' : telemetry?.object.id;
  if (rival !== undefined) {
    const message = `the ${type} address "${written}" has no effect: ${rival} takes its place`;
    return { at, severity: 'warning', message, hint: `remove the address, or remove ${rival}` };
  }
  const address = addressOf(written);
  // A name without a dot means the namespace of each pod that calls it.
  if (!address?.host.includes('.')) return undefined;
  const found = model.services.find(address.host, rootNamespace);
  const what = `${type} address`;
  if (found.is === 'missing') return missingService(model, { host: address.host, namespace: rootNamespace, at, what }, found);
  return found.is === 'service' ? missingPort(found.service, address.port, { at, what }) : undefined;
}

/** A Telemetry that asks for spans and names no provider is a fault of its own (TRC087). */
function takesOver({ entries }: Telemetry): boolean {
  return entries.some(({ off, providers }) => off === true || providers.length > 0);
}
