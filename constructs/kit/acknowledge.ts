import type { IConstruct } from 'constructs';
import { UserError } from './user-error.ts';

/** A finding that a person has looked at and accepts. */
export interface Acknowledgement {
  readonly code: string;
  /** Why it is fine here: for the next reader. */
  readonly reason: string;
  /** The construct under which the finding is accepted. */
  readonly path: string;
}

const key = 'meshwright:acknowledge';

/**
 * Accepts findings of one code for everything inside a construct: they no longer stop the synth.
 *
 * @param scope the construct the finding names, or any around it (a Layer, a Stack, the app)
 * @param code the finding's code, e.g. 'TRC002'
 * @param reason why it is fine; required
 * @throws UserError when the reason is empty
 */
export function acknowledge(scope: IConstruct, code: string, reason: string): void {
  if (reason.trim() === '')
    throw new UserError(`acknowledging ${code} at '${scope.node.path}' needs a reason: say why the finding is fine here`);
  scope.node.addMetadata(key, { code, reason, path: scope.node.path } satisfies Acknowledgement);
}

/** Every acknowledgement inside a construct. */
export function acknowledgementsIn(root: IConstruct): Acknowledgement[] {
  return root.node.findAll().flatMap((c) => c.node.metadata.filter((m) => m.type === key).map((m): Acknowledgement => m.data));
}
