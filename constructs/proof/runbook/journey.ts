import { type TraceHeader, traceHeaders } from '../../kit/trace-headers.ts';
import { fields, items } from '../json-path.ts';
import type { Hop } from '../model/spans/hops.ts';
import { traceSequence } from '../picture/index.ts';
import { meshTelemetry, type RunbookFacts } from './facts.ts';
import { code, listed, table } from './markdown.ts';
import { headerSetOf } from './tracer.ts';

/** The section that follows one request through the stack's own proxies and tells who makes which span of what. Empty where nothing is traced. */
export function journeySection(facts: RunbookFacts): string {
  const { first, model } = facts;
  if (!first) return '';
  const drawn = traceSequence(model);
  return [
    '## How a request becomes a trace',
    ...(drawn === undefined ? [] : [code([drawn.trimEnd()], 'mermaid')]),
    ...spans(facts, first),
    ...headers(first),
    ...forwarding(facts, first),
    ...sampling(facts, first),
  ].join('\n\n');
}

/** Who makes spans, in the order of the request. */
function spans({ app, ambient }: RunbookFacts, first: Hop): string[] {
  const made = madeBy(first);
  const gateway = app?.entrance.door.proxy;
  const waypoint = app?.waypoint;
  const own = `\`${app?.spanName ?? 'APP.NAMESPACE'}\``;
  const isAmbient = app?.dataplane === 'ambient';
  const rows = [
    ...(gateway ? [[`\`${gateway.spanName}\``, 'the gateway', made.gateway]] : []),
    ...(isAmbient && waypoint
      ? [[`\`${waypoint.name}.${waypoint.namespace}\``, 'the waypoint, for each call to a service that uses it', made.waypoint]]
      : []),
    ...(isAmbient
      ? []
      : [
          [own, "the app's sidecar, on the way in", made.inbound],
          [own, 'the same sidecar, for each call that the app makes', made.outbound],
          ['the name of the called', 'the sidecar of the called service', `${made.inbound}; and so on`],
        ]),
  ];
  const ztunnel = ambient.length > 0 ? ' ztunnel makes none: it passes bytes on and reads no requests.' : '';
  return [
    `Proxies make the spans, apps need no library.${ztunnel}`,
    ...(rows.length > 0 ? [table(['in the trace as', 'made by', 'spans'], rows)] : []),
  ];
}

/** Istio 1.30, pilot/pkg/networking/core/tracing.go: a second span for the way out has SkyWalking in every proxy, gateways with a provider. */
function madeBy({ from, protocol }: Hop): Readonly<Record<'gateway' | 'waypoint' | 'inbound' | 'outbound', string>> {
  if (protocol === 'skywalking') {
    const pair = 'an entry span and an exit span';
    return { gateway: pair, waypoint: pair, inbound: pair, outbound: pair };
  }
  const one = 'one span for the request';
  const pair = 'a server span for the request that came, a client span for the one that it sends on';
  return { gateway: from.is === 'tracer' ? one : pair, waypoint: one, inbound: 'a server span', outbound: 'a client span' };
}

const CARRIES: Readonly<Record<string, string>> = {
  traceparent: "trace id, id of the sender's span, sampled or not: `00-TRACE-SPAN-01`",
  tracestate: 'what vendors add; passed on as it came',
  'x-b3-traceid': 'trace id',
  'x-b3-spanid': "id of the sender's span",
  'x-b3-parentspanid': "the parent of the sender's span",
  'x-b3-sampled': 'sampled (`1`) or not (`0`)',
  'x-b3-flags': '`1`: debug, sampled in any case',
  sw8: "sampled or not, trace id, the sender's segment and number of its span, its service, instance and endpoint",
  'x-datadog-trace-id': 'trace id',
  'x-datadog-parent-id': "id of the sender's span",
  'x-datadog-sampling-priority': 'sampled (above 0) or not',
  'x-request-id': 'no part of the trace: it ties access logs together, and the share of sampled requests is drawn from it',
};

function headers(first: Hop): string[] {
  const set = traceHeaders[headerSetOf(first)];
  const all: readonly TraceHeader[] = set.headers;
  const rows = all.map(({ name, comes }) => [`\`${name}\``, CARRIES[name] ?? '', comes === 'always' ? '' : 'sometimes']);
  return [
    `Each proxy reads the trace from the request's headers (extracts), makes its span a child of the span named there, and writes its own span's id in its place (injects). The headers of ${first.what}:`,
    table(
      ['header', 'carries', 'comes'],
      rows.map(([name = '', what = '', comes = '']) => [name, what, comes || 'always']),
    ),
  ];
}

function forwarding({ app }: RunbookFacts, first: Hop): string[] {
  const name = app ? `\`${app.service.name}\`` : 'the app';
  return [
    `Between a request that comes in and the calls made because of it stands the app, and no proxy knows that they belong together: ${name} must copy these headers from the one to the others, or each call begins a trace of its own. \`npx meshwright headers --provider ${headerSetOf(first)}\` prints the list.`,
  ];
}

function sampling(facts: RunbookFacts, first: Hop): string[] {
  const { sampling: percent, app } = facts;
  const where = app?.entrance.door.proxy ? `the gateway \`${app.entrance.door.proxy.deployment}\`` : 'the first proxy';
  return [
    [
      `Whether a request is traced is decided once, by ${where}: ${percent} % of those that come without a trace (${decidedBy(facts, first)}). All others follow what the headers say; spans of a request that is not sampled are not sent.`,
      ...later(facts),
    ].join(' '),
  ];
}

/** Istio 1.30: Telemetry, then `defaultConfig.tracing.sampling`, then istiod's own default. */
function decidedBy({ model }: RunbookFacts, first: Hop): string {
  const [mesh] = model.meshConfigs;
  const root = meshTelemetry(model);
  if (root?.entries[0]?.share && first.from.is === 'provider')
    return `Telemetry \`${root.object.namespace}/${root.object.name}\``;
  return Object.keys(fields(mesh?.value, 'defaultConfig', 'tracing')).includes('sampling')
    ? '`defaultConfig.tracing.sampling`, of which a proxy learns when it starts'
    : "istiod's own default";
}

/** What collectors throw away afterwards. */
function later({ collectors }: RunbookFacts): string[] {
  return collectors.flatMap(({ name, config }) => {
    const pipelines = Object.entries(fields(config?.value, 'service', 'pipelines')).filter(
      ([id]) => id.split('/')[0] === 'traces',
    );
    const samplers = pipelines
      .flatMap(([, pipeline]) => items(pipeline, 'processors'))
      .filter((one) => typeof one === 'string' && /^(tail_sampling|probabilistic_sampler)(\/|$)/.test(one));
    return samplers.length > 0
      ? [
          `The collector \`${name}\` keeps only part of what arrives (${listed([...new Set(samplers.map((one) => `\`${one}\``))])}).`,
        ]
      : [];
  });
}
