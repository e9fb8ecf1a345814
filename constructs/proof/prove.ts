import { byCodeUnit } from '../kit/json.ts';
import { groupBy } from './group-by.ts';
import { type Model, modelOf } from './model/model.ts';
import { rules } from './rules/index.ts';
import type { Fault, Finding, Severity, World } from './types.ts';

/**
 * Proves a world: runs every rule over its model.
 *
 * @returns the findings, each fault once and at its cause, sorted by file, construct path, object and place; empty when all is well
 */
export function prove(world: World): Finding[] {
  return proveModel(modelOf(world));
}

/** As {@link prove}, for a model that is there already. */
export function proveModel(model: Model): Finding[] {
  const raised = rules.flatMap((rule) =>
    rule.run(model).map((fault) => ({ code: rule.code, severity: fault.severity ?? rule.severity, fault })),
  );
  const findings = [...groupBy(raised, (one) => one.fault.cause ?? one)].map(([, together]) => finding(worstFirst(together)));
  return findings.sort(compareFindings);
}

interface Raised {
  readonly code: string;
  readonly severity: Severity;
  readonly fault: Fault;
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

function worstFirst(together: readonly Raised[]): readonly Raised[] {
  return [...together].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

/** Makes one finding of all faults that have the same cause: it stands at the first, the others are named. */
function finding(together: readonly Raised[]): Finding {
  const [first] = together;
  if (!first) throw new Error('a group of faults is never empty');
  const { at, message, hint } = first.fault;
  const others = [...new Set(together.map((one) => one.fault.at.object.id))].filter((id) => id !== at.object.id).sort(byCodeUnit);
  const also =
    others.length === 0
      ? ''
      : ` (also ${others.slice(0, 3).join(', ')}${others.length > 3 ? ` and ${others.length - 3} more` : ''})`;
  const { file, construct } = at.object.origin;
  const line = at.line();
  return {
    code: first.code,
    severity: first.severity,
    object: at.object.id,
    file,
    ...(line === undefined ? {} : { line }),
    path: construct,
    message: readable(`${at.field === '' ? '' : `${at.field}: `}${message}${also}`),
    hint: readable(hint),
  };
}

const MOST_LETTERS = 2000;

/** Names and values may be of any length; what is said of them is for people. */
function readable(text: string): string {
  return text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS)}...`;
}

/** The order of findings: by file, construct path, object, line, code and words. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    byCodeUnit(a.file ?? '', b.file ?? '') ||
    byCodeUnit(a.path ?? '', b.path ?? '') ||
    byCodeUnit(a.object, b.object) ||
    (a.line ?? 0) - (b.line ?? 0) ||
    byCodeUnit(a.code, b.code) ||
    byCodeUnit(a.message, b.message)
  );
}
