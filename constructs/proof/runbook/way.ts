import type { Hop, PathEnd } from '../model/spans/hops.ts';
import { authority, deployName, type RunbookFacts } from './facts.ts';

const ENDS: Readonly<Record<PathEnd, string>> = {
  stored: 'and are kept there',
  dropped: 'and are only written to its log: nobody keeps them',
  outside: 'and leave what this stack shows',
  broken: 'and are lost there',
  loop: 'and come back to where they were: a circle',
};

/** The section that tells which way spans go, hop by hop, and who reads them. */
export function waySection(facts: RunbookFacts): string {
  const { model, paths, sampling, first } = facts;
  if (!first) return '## The way of a span\n\nThis stack sends no spans: its mesh config names no tracing provider.';
  const ways = paths.map(({ hops, end }) => {
    const steps = hops.map(
      (hop, i) =>
        `${i + 1}. ${sender(hop)} send${hop.from.is === 'program' ? 's' : ''} to \`${authority(hop)}\` by ${hop.protocol}${taker(hop)}`,
    );
    return `${steps.join('\n')}\n\nThere they arrive ${ENDS[end]}.`;
  });
  const readers = [...model.dataSources, ...model.kialiBackends].map(({ what, url }) => `- ${what}: \`${url}\``);
  return [
    '## The way of a span',
    `Of 100 requests that begin at a proxy, ${sampling} leave${sampling === 1 ? 's' : ''} a trace${howMany(sampling)}.`,
    ...ambientSpans(facts),
    ...ways,
    ...(readers.length > 0 ? ['Who reads:', readers.join('\n')] : []),
  ].join('\n\n');
}

/** ztunnel works below HTTP (istio#55843): who makes spans instead. */
function ambientSpans({ ambient, app }: RunbookFacts): string[] {
  if (ambient.length === 0) return [];
  const where = ambient.map((namespace) => `\`${namespace}\``).join(', ');
  const waypoint = app?.waypoint;
  const names = [app?.entrance.door.proxy?.spanName, waypoint && `${waypoint.name}.${waypoint.namespace}`].filter(
    (name) => name !== undefined,
  );
  const listed = names.length > 0 ? ` (in traces: ${names.map((name) => `\`${name}\``).join(', ')})` : '';
  return [
    `Ambient mode (namespace ${where}): ztunnel sees no requests, so only gateways and waypoints make spans${listed}, one for each that a request passes. Gateways go past the waypoints, unless the Service or its namespace has the label \`istio.io/ingress-use-waypoint: "true"\`.`,
  ];
}

function howMany(sampling: number): string {
  if (sampling >= 100) return '';
  return sampling <= 0 ? ': none at all' : `: send at least ${Math.ceil(300 / sampling)} before you look for one`;
}

function sender({ from, what }: Hop): string {
  if (from.is === 'provider') return `Proxies (${what})`;
  if (from.is === 'tracer') return `Proxies (${what} in their bootstrap)`;
  return from.is === 'agents' ? `Agents (${what})` : `\`${deployName(from.program)}\` (${what})`;
}

function taker({ program, containerPort }: Hop): string {
  return program ? `, where \`${deployName(program)}\` listens${containerPort === undefined ? '' : ` at ${containerPort}`}` : '';
}
