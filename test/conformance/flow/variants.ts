import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Interrupted } from '../run.ts';
import type { Stack } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { copied } from './forwarding.ts';
import { headersCheck } from './headers-check.ts';
import { joinedTraces } from './joined-traces.ts';
import { arrival } from './outcomes.ts';
import { propagations } from './propagation.ts';
import { prepare } from './variant.ts';
import { type Service, walk } from './walk.ts';

/** The chain's service written for one framework each, in the order they call each other. */
const VARIANTS = ['fastapi', 'flask', 'node-otel'] as const;

/**
 * Runs the header chain's variants as their Dockerfiles say, from their package managers, on loopback and with stand-ins for Envoy around
 * them: whether their own spans join those of the mesh in a real Jaeger, and whether they copy the headers of tracers that have no
 * propagator in their SDKs.
 *
 * @param jaeger the stack whose Jaeger takes the spans; undefined when it is not there
 */
export async function variants(jaeger: Stack | undefined): Promise<Outcome[]> {
  const what = `a chain of ${VARIANTS.join(', ')}`;
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-variants-'));
  try {
    const prepared = await Promise.all(VARIANTS.map((name) => prepare(name, scratch)));
    const outcomes = prepared.flatMap((one) => ('outcome' in one ? [one.outcome] : []));
    const ready = prepared.flatMap((one) => ('service' in one ? [one.service] : []));
    if (ready.length < VARIANTS.length) outcomes.push(skipped(what, 'not all of its services are installed'));
    else outcomes.push(...(await copying(ready.map((start) => start({})))), ...(await joinedTraces(ready, jaeger, scratch)));
    for (const start of ready) outcomes.push(...(await headersCheck(start({}))));
    return outcomes;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return [verdict(what, [error instanceof Error ? error.message : String(error)])];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Tracers whose headers no SDK writes: the apps make no spans, and copy. */
async function copying(services: readonly Service[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const propagation of ['skywalking', 'datadog'] as const) {
    const walked = await walk(services, propagations[propagation]);
    outcomes.push(arrival(walked, { propagation }), copied(walked, { propagation }));
  }
  return outcomes;
}
