import type { Telemetry } from '../../model/mesh/telemetry.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { showsMeshConfig } from '../providers/names.ts';
import { meshWide, rootNamespaces } from './scopes.ts';

export const noProvider: Rule = {
  code: 'TRC087',
  title: 'a Telemetry for tracing, and no provider',
  severity: 'error',
  run: (model) => {
    const byDefault = model.meshConfigs.some(({ defaults }) => defaults.some(({ signal }) => signal === 'tracing'));
    if (!showsMeshConfig(model) || byDefault) return [];
    return model.telemetries.flatMap((one) => fault(model, one));
  },
  docs: {
    cause:
      'A tracing entry without a provider takes that of the wider scope: the namespace, the mesh, `defaultProviders.tracing`. Where none names one, tracing is off for all it holds for, and a legacy tracer address does not stand in: the entry takes its place. Nothing reports it.',
    fix: 'Name the provider in the entry, or under `defaultProviders.tracing` of the mesh config.',
    example:
      'kind: Telemetry\nspec:\n  tracing:\n  - randomSamplingPercentage: 10   # and no providers here, no default, none mesh-wide',
  },
};

function fault(model: Model, telemetry: Telemetry): Fault[] {
  const { object, entries } = telemetry;
  const asking = entries.find(({ off }) => off !== true);
  if (!asking || entries.some(({ providers }) => providers.length > 0)) return [];
  const wider = [
    ...meshWide(model),
    ...model.telemetries.filter(
      (one) => one.wide && one.object.namespace === object.namespace && !rootNamespaces(model).has(object.namespace),
    ),
  ];
  if (wider.some((one) => one.entries.some(({ providers }) => providers.length > 0))) return [];
  const legacy = model.meshConfigs.find((mesh) => mesh.legacy)?.legacy;
  const [known] = model.meshConfigs.flatMap(({ providers }) => providers.filter(({ type }) => TRACERS.has(type)));
  return [
    {
      at: asking.at,
      message: `names no provider, and no wider scope does: tracing is off here${legacy ? `, the ${legacy.type} address "${legacy.address}" is not used` : ''}`,
      hint: known
        ? `add providers: [{name: ${known.name}}]`
        : 'define a provider under extensionProviders of the mesh config and name it',
    },
  ];
}

const TRACERS = new Set(['opentelemetry', 'zipkin', 'skywalking', 'datadog']);
