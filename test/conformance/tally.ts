import pc from 'picocolors';

/** What one check found. A check that could not be made is skipped, never passed. */
export type Outcome =
  | { readonly status: 'passed'; readonly what: string }
  | { readonly status: 'failed'; readonly what: string; readonly reasons: readonly string[] }
  | { readonly status: 'skipped'; readonly what: string; readonly reason: string };

/** Passed when there is no reason against it. */
export function verdict(what: string, reasons: readonly string[]): Outcome {
  return reasons.length === 0 ? { status: 'passed', what } : { status: 'failed', what, reasons };
}

/** A check that could not be made. */
export function skipped(what: string, reason: string): Outcome {
  return { status: 'skipped', what, reason };
}

/** `N passed, N failed, N skipped`. */
export function summary(outcomes: readonly Outcome[]): string {
  const count = (status: Outcome['status']) => outcomes.filter((outcome) => outcome.status === status).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

/** One outcome as text: a line, and one more per reason. */
export function render(outcome: Outcome): string {
  switch (outcome.status) {
    case 'passed':
      return `  ${pc.green('ok')}    ${outcome.what}`;
    case 'failed':
      return [`  ${pc.red('FAIL')}  ${outcome.what}`, ...outcome.reasons.map((reason) => `          ${reason}`)].join('\n');
    case 'skipped':
      return `  ${pc.yellow('skip')}  ${outcome.what}: ${outcome.reason}`;
  }
}
