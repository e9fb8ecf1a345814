/**
 * A mistake of the person who wrote the program or called the command line: shown as one message, never as a stack trace.
 *
 * The message says what was given, what is allowed, where, and what to do; lower case, no full stop.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}
