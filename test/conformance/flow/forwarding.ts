import { forwardedHeaders, type TraceHeaderSetName, traceHeaders, userHeaders } from '../../../constructs/kit/trace-headers.ts';
import { type Outcome, verdict } from '../tally.ts';
import type { ProxyTracer } from './provider.ts';
import type { Walk } from './walk.ts';

/** Whether services without spans of their own copied the tracer's headers, hop by hop, until the last. */
export function copied(walk: Walk, { propagation }: Pick<ProxyTracer, 'propagation'>): Outcome {
  const last = walk.arrived.get(walk.services.at(-1) ?? '') ?? {};
  const names = traceHeaders[propagation].headers.filter(({ name }) => last[name] !== undefined).map(({ name }) => name);
  return verdict(`${names.join(', ')} at the last hop, each copied as it came, none made up`, copyProblems(walk, propagation));
}

/** All that an app may forward for a trace's sake; a client's own user agent is no fault. */
const known = forwardedHeaders('all', 'a chain').filter((name) => !userHeaders.includes(name));

/**
 * What services did to trace headers other than to copy what came with a value. Empty when every header of the set came to each service,
 * the last one included.
 */
export function copyProblems(
  { services, arrived, sent }: Pick<Walk, 'services' | 'arrived' | 'sent'>,
  set: TraceHeaderSetName,
): string[] {
  const { headers } = traceHeaders[set];
  return services.flatMap((service, i) => {
    const got = arrived.get(service);
    if (!got) return [`${service} was never called`];
    const absent = headers
      .filter(({ name, comes }) => comes === 'always' && !got[name])
      .map(({ name }) => `${name} did not arrive at ${service}`);
    if (i === services.length - 1) return absent;
    const next = sent.get(service);
    if (!next) return [...absent, `${service} called nobody`];
    const changed = known
      .filter((name) => (got[name] || undefined) !== next[name])
      .map((name) => `${service} got ${name} ${told(got[name])}, and sent ${told(next[name])}`);
    return [...absent, ...changed];
  });
}

function told(value: string | readonly string[] | undefined): string {
  return value === undefined ? 'not at all' : JSON.stringify(value);
}
