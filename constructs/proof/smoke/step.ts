/** One step of a smoke test. */
export interface Step {
  /** What holds when it passes: `pods are ready`. */
  readonly title: string;
  /** Where the stack's runbook goes on when it fails: {@link whyAt}; undefined where it does not. */
  readonly more: string | undefined;
  /** Commands of the script. */
  readonly lines: readonly string[];
}

/** What a smoke test of the stack cannot try, and why: `the traces: nothing is traced`. */
export interface LeftOut {
  readonly leftOut: string;
}

/** A call in the script, each word quoted where the shell would read it otherwise. */
export function call(name: string, ...words: readonly (string | number)[]): string {
  return [name, ...words.map((word) => quoted(`${word}`))].join(' ');
}

/** A word as POSIX shells take it literally. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
