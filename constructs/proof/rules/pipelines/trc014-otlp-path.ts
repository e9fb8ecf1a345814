import { text } from '../../json-path.ts';
import type { Provider } from '../../model/mesh/mesh-config.ts';
import type { Hop } from '../../model/spans/hops.ts';
import type { Program } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { hopSeverity } from './hop-faults.ts';

export const otlpPath: Rule = {
  code: 'TRC014',
  title: 'spans are posted to a path that takes none',
  severity: 'error',
  run: (model) => {
    const severity = hopSeverity(model);
    return model.hops.all.flatMap((hop) => {
      const fault = providerFault(hop) ?? exporterFault(hop) ?? agentsFault(hop);
      return fault ? [{ ...fault, severity: severity(hop) }] : [];
    });
  },
  docs: {
    cause:
      'The http block of an opentelemetry provider has no default path: receivers take spans at /v1/traces only. The other way round an otlp_http exporter, and the agents of an Instrumentation, add /v1/traces to their endpoint by themselves, and a zipkin exporter wants the whole URL, with /api/v2/spans; so does the path of a zipkin provider in front of Zipkin itself. Anything else is answered with 404.',
    fix: 'Provider: `http.path: /v1/traces`. Exporter otlp_http: endpoint without a path. Exporter zipkin: endpoint with /api/v2/spans.',
    example:
      'opentelemetry:\n  service: otel-collector.observability.svc.cluster.local\n  port: 4318\n  http: {}   # add path: /v1/traces',
  },
};

const TRACES = '/v1/traces';
const SPANS = '/api/v2/spans';

function providerFault({ from, program, what }: Hop): Fault | undefined {
  if (from.is !== 'provider') return undefined;
  if (from.provider.type === 'zipkin' && program?.is === 'zipkin') return zipkinFault(from.provider, program, what);
  if (from.provider.type !== 'opentelemetry') return undefined;
  const { settings, at: spot } = from.provider;
  const path = text(settings, 'http', 'path');
  // The schema of the mesh config tells a block without a path. What a program that is not shown listens for is its own business.
  if (path === undefined || path === TRACES || program?.config === undefined) return undefined;
  if (JSON.stringify(program.config.value).includes('traces_url_path')) return undefined;
  const message = `${what} posts spans to path "${path}", but ${program.object.id} takes them at ${TRACES}`;
  return { at: spot, message, hint: `set http.path to ${TRACES}` };
}

/** Zipkin itself is particular; the receivers of collectors take Zipkin spans at any path. */
function zipkinFault({ settings, at: spot }: Provider, { object }: Program, what: string): Fault | undefined {
  const path = text(settings, 'path');
  if (path === undefined || path.endsWith(SPANS)) return undefined;
  return {
    at: spot,
    message: `${what} posts spans to path "${path}", but ${object.id} takes them at ${SPANS}`,
    hint: `set path to ${SPANS}, or leave it out`,
  };
}

function agentsFault({ from, what, protocol }: Hop): Fault | undefined {
  if (from.is !== 'agents' || protocol !== 'otlp-http') return undefined;
  const { path, isBase, at: spot } = from.agents;
  if (!isBase || !path?.replace(/\/+$/, '').endsWith(TRACES)) return undefined;
  const message = `${what} adds ${TRACES} to its endpoint by itself, and the endpoint has it already`;
  return { at: spot, message, hint: `take ${TRACES} off the endpoint` };
}

function exporterFault({ from, what, host, port }: Hop): Fault | undefined {
  if (from.is !== 'program') return undefined;
  const { type, path, at: spot } = from.exporter;
  const base = path?.replace(/\/+$/, '') ?? '';
  if (type === 'zipkin' && base === '')
    return {
      at: spot,
      message: `${what} posts spans to ${host}:${port} without a path`,
      hint: 'add /api/v2/spans to the endpoint',
    };
  if (type === 'otlp_http' && base.endsWith(TRACES) && !spot.field.endsWith('traces_endpoint'))
    return {
      at: spot,
      message: `${what} adds ${TRACES} to its endpoint by itself, and the endpoint has it already`,
      hint: `take ${TRACES} off the endpoint, or call the setting traces_endpoint`,
    };
  return undefined;
}
