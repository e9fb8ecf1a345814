import type { Model } from '../model/model.ts';
import { factsOf } from '../runbook/facts.ts';
import { FORWARD, script } from './frame.ts';
import { AMBIENT, membersStep, PROXIED } from './members.ts';
import { MESH, meshStep, NO_TELEMETRY, TELEMETRY, telemetryStep } from './mesh.ts';
import { PAGE, pagesStep } from './pages.ts';
import { clusterStep, PODS, podsStep } from './pods.ts';
import { REQUEST, requestStep, TITLE_INSIDE, titleStep } from './request.ts';
import { askedOf, TRACE, traceSteps } from './trace.ts';

/**
 * A POSIX shell script that tries a stack in a real cluster, by its own names: pods are ready, the mesh has the tracing settings, proxies are
 * there, the app answers through its gateway, and its trace is found in the backend. It stops at the first step that fails, with exit code 1,
 * and says where it stopped, what was expected and seen, and where to look. It needs kubectl and curl, and changes nothing.
 *
 * @param stack the stack's name, as `dist/NAME`
 */
export function smokeTest(model: Model, stack: string): string {
  const facts = factsOf(model, stack);
  const parts = [
    clusterStep(facts),
    podsStep(facts),
    meshStep(facts),
    telemetryStep(facts),
    membersStep(facts),
    requestStep(facts),
    ...titleStep(facts),
    ...traceSteps(facts),
    ...pagesStep(facts),
  ];
  const calls = new Set(parts.flatMap((one) => ('lines' in one ? one.lines.map((line) => line.trim().split(' ')[0]) : [])));
  const needed = (functions: string, ...names: readonly string[]) => (names.some((name) => calls.has(name)) ? [functions] : []);
  return script(stack, parts, [
    PODS,
    ...needed(MESH, 'istiod'),
    ...needed(TELEMETRY, 'telemetry'),
    ...needed(NO_TELEMETRY, 'no_telemetry'),
    ...needed(PROXIED, 'proxied'),
    ...needed(AMBIENT, 'ztunnel'),
    ...needed(FORWARD, 'forward', 'page', 'answers_200'),
    ...needed(REQUEST, 'answers_200'),
    ...needed(TITLE_INSIDE, 'has_title'),
    ...(calls.has('trace_in') ? [TRACE, ...askedOf(facts)] : []),
    ...needed(PAGE, 'page'),
  ]);
}
