import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelOf, readWorlds } from '../../../constructs/proof/index.ts';
import { accessLogHops } from '../../../constructs/proof/model/logs/access-logs.ts';
import { collectorBuilds } from '../collector-builds.ts';
import type { Stack } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { accessLog, startLogStore, withLogs } from './access-logs.ts';
import { chainOf } from './chain.ts';
import { findsPrograms } from './dashboards.ts';
import { copied } from './forwarding.ts';
import { freePorts, loopback } from './loopback.ts';
import { spanMetrics, startPrometheus } from './metrics.ts';
import { arrival, stored, turnsRed } from './outcomes.ts';
import { canRun, type Started, startPrograms } from './programs.ts';
import { child, propagations } from './propagation.ts';
import { proxyTracer } from './provider.ts';
import { walk } from './walk.ts';

/** More than any stack has programs times ports. */
const PORTS = 120;

/**
 * Lets real spans flow: starts the backends, collectors and Prometheus of the stack from the very configurations it publishes, addresses
 * moved to loopback; runs its chain of small services, as deployed, with a stand-in for Envoy before and behind each; and looks for the
 * trace in the backend, for the programs in its dashboards, and for a line of access log where it keeps its logs.
 */
export async function flow(stack: Stack): Promise<Outcome[]> {
  const what = 'a trace through the chain';
  const [world] = readWorlds([stack.folder]);
  const tracer = stack.mesh && proxyTracer(stack.mesh);
  if (!world || !tracer) return [skipped(what, 'the stack sends no spans')];
  const chain = chainOf(stack);
  const model = modelOf(world);
  const chainless = skipped(what, 'the stack has no chain of services');
  if (!chain && accessLogHops(model).length === 0) return [chainless];
  const builds = await collectorBuilds();
  const folder = mkdtempSync(join(tmpdir(), 'conformance-flow-'));
  const started: Started = { running: [], backends: [], collectors: [], left: [] };
  try {
    const [prometheusPort = 0, logs = 0, logsGrpc = 0, ...free] = await freePorts(PORTS);
    const runs = (id: string) => model.programs.all.some((one) => one.object.id === id && canRun(one, builds));
    const map = withLogs(loopback(model, free, runs), model, logs);
    const logStore = await startLogStore(stack, folder, [logs, logsGrpc]);
    started.running.push(logStore);
    await startPrograms(model, map, builds, folder, started);
    if (!chain) return [chainless, ...(await accessLog(model, map, logStore, started))];
    const programs = [...started.collectors, ...started.backends.filter(({ standIn }) => !standIn).map(({ program }) => program)];
    const prometheus = await startPrometheus(model, programs, { map, folder, port: prometheusPort });
    if (prometheus) started.running.push(prometheus);
    const propagation = propagations[tracer.propagation];
    const walked = await walk(chain, propagation);
    const outcomes = [arrival(walked, tracer), copied(walked, tracer), ...(await stored(walked, tracer, map, started))];
    const [carrier = ''] = Object.keys(propagation.write(child()));
    outcomes.push(turnsRed(await walk(chain, propagation, carrier), carrier, tracer));
    if (prometheus && tracer.protocol) outcomes.push(await spanMetrics(model, prometheus, walked.services));
    if (prometheus) outcomes.push(...(await findsPrograms(model, programs, prometheus)));
    outcomes.push(...(await accessLog(model, map, logStore, started)));
    return [...started.left.map((left) => skipped(what, left)), ...outcomes];
  } catch (error) {
    return [verdict(what, [error instanceof Error ? error.message : String(error)])];
  } finally {
    for (const one of started.running.reverse()) await one.stop();
    rmSync(folder, { recursive: true });
  }
}
