import type { JsonObject } from '../../../constructs/kit/json.ts';
import { UserError } from '../../../constructs/kit/user-error.ts';
import { explain } from '../../../constructs/proof/explain/explain.ts';
import type { Explanation, TrafficRequest } from '../../../constructs/proof/explain/types.ts';
import { type Model, modelOf } from '../../../constructs/proof/model/model.ts';
import type { World } from '../../../constructs/proof/types.ts';
import type { Cluster } from '../cluster.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { found, gatewaysIn, type Snapshot, sendersOf, snapshot } from './ask-cluster.ts';
import { commandLine, differences, type Named } from './compare.ts';
import { knownReason } from './known.ts';
import { requestsFor } from './requests.ts';

/** What is compared. */
export interface Comparison {
  /** For people. */
  readonly what: string;
  /** What a command line calls it. */
  readonly named: Named;
  readonly world: World;
  /** How many requests at most. */
  readonly most: number;
  /** Only these apps send. @default all that have a proxy */
  readonly apps?: readonly string[];
}

/** What istiod tells the proxies of the rig against what `explain` says of the same objects, for many requests. */
export async function compareTraffic(cluster: Cluster, comparison: Comparison): Promise<Outcome> {
  const { what, named, world, most, apps } = comparison;
  const objects = world.objects.map(({ json }) => json);
  const model = modelOf(world);
  // istiod learns of new objects a moment after the API server: who differs is asked again.
  for (let attempt = 1; ; attempt++) {
    const state = await snapshot(cluster);
    const senders = sendersOf(state).filter(({ app }) => apps === undefined || apps.includes(app));
    const requests = requestsFor(objects, senders, most);
    const { asked, known, reasons } = await askAll(state, model, objects, requests, named);
    const agreed = asked - reasons.length - [...known.values()].reduce((sum, n) => sum + n, 0);
    const aside = known.size === 0 ? '' : ` (known differences: ${[...known].map(([reason, n]) => `${n} ${reason}`).join('; ')})`;
    const line = `explain agrees with istiod: ${what}: ${agreed} of ${asked} requests${aside}`;
    if (asked === 0) return skipped(line, 'nobody to ask');
    if (reasons.length === 0 || attempt === 4) return verdict(line, reasons);
    await new Promise((done) => setTimeout(done, 1500));
  }
}

async function askAll(
  state: Snapshot,
  model: Model,
  objects: readonly JsonObject[],
  requests: readonly TrafficRequest[],
  named: Named,
): Promise<{ readonly asked: number; readonly known: ReadonlyMap<string, number>; readonly reasons: string[] }> {
  const gateways = gatewaysIn(objects);
  const reasons: string[] = [];
  const known = new Map<string, number>();
  let asked = 0;
  for (const request of requests) {
    const real = await found(state, request, gateways);
    if (!real) continue;
    asked++;
    const explained = explainOrError(model, request);
    const list =
      typeof explained === 'string'
        ? [{ field: 'explain', istiod: real.outcome, explain: explained }]
        : differences(real, explained);
    if (list.length === 0) continue;
    const reason = typeof explained === 'string' ? undefined : knownReason(real, explained, list);
    if (reason !== undefined) known.set(reason, (known.get(reason) ?? 0) + 1);
    else
      reasons.push(
        `${commandLine(named, request)}: ${list.map((one) => `${one.field}: istiod ${one.istiod}, explain ${one.explain}`).join('; ')}`,
      );
  }
  return { asked, known, reasons };
}

function explainOrError(model: Model, request: TrafficRequest): Explanation | string {
  try {
    return explain(model, request);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}
