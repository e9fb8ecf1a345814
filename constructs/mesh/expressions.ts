import { celProblem } from '../kit/cel.ts';
import { UserError } from '../kit/index.ts';

/** Which side of a request: the proxy that sends it, or the one that takes it. */
export type Reporter = 'client' | 'server';

/** As Istio spells it. */
export function reporterMode(reporter: Reporter): 'CLIENT' | 'SERVER' {
  return reporter === 'client' ? 'CLIENT' : 'SERVER';
}

/**
 * Checks a CEL expression that proxies evaluate.
 *
 * @throws UserError when it cannot be read, or names an attribute that no proxy knows
 */
export function checkCel(expression: string, where: 'filter' | 'metric', what: string): void {
  const problem = celProblem(expression, where);
  if (!problem) return;
  throw new UserError(
    problem.is === 'syntax'
      ? `${what} is ${JSON.stringify(expression)}, which is no CEL expression: ${problem.message}`
      : `${what} is ${JSON.stringify(expression)}, but a proxy has ${problem.message}`,
  );
}
