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
export function waySection({ model, paths, sampling, first }: RunbookFacts): string {
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
    ...ways,
    ...(readers.length > 0 ? ['Who reads:', readers.join('\n')] : []),
  ].join('\n\n');
}

function howMany(sampling: number): string {
  if (sampling >= 100) return '';
  return sampling <= 0 ? ': none at all' : `: send at least ${Math.ceil(300 / sampling)} before you look for one`;
}

function sender({ from, what }: Hop): string {
  if (from.is === 'provider') return `Proxies (${what})`;
  return from.is === 'tracer' ? `Proxies (${what} in their bootstrap)` : `\`${deployName(from.program)}\` (${what})`;
}

function taker({ program, containerPort }: Hop): string {
  return program ? `, where \`${deployName(program)}\` listens${containerPort === undefined ? '' : ` at ${containerPort}`}` : '';
}
