import { distance } from 'fastest-levenshtein';
import { byCodeUnit } from './json.ts';
import { remember } from './remember.ts';

/** Names to choose from: a list or set that changes no more. */
type Names = readonly string[] | ReadonlySet<string>;

/**
 * The known name that a person most likely meant: one letter off in three to five, two in up to eleven, three in longer names; two
 * letters that changed places count as one. Undefined when none is near, and for names of one or two letters, to which all are.
 */
export function nearest(name: string, known: Names): string | undefined {
  const allowed = name.length < 3 ? 0 : name.length < 6 ? 1 : name.length < 12 ? 2 : 3;
  if (allowed === 0) return undefined;
  const letters = lettersOf(name);
  let best: { readonly candidate: string; readonly off: number } | undefined;
  for (const { candidate, letters: others } of lettersIn(known)) {
    // They are sorted: of those that are equally near, the first is it.
    const most = best ? best.off - 1 : allowed;
    if (most === 0) break;
    // Most names are too different in length or letters to need a comparison.
    if (Math.abs(candidate.length - name.length) > most || candidate === name) continue;
    if (bits(letters ^ others) > 2 * most) continue;
    const off = distance(name, candidate) - (letters === others && hasSameLetters(name, candidate) ? 1 : 0);
    if (off <= most) best = { candidate, off };
  }
  return best?.candidate;
}

/** A hint: the nearest name if there is one, else the known names, else what to do instead. */
export function suggest(name: string, known: Names, otherwise: string): string {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  const all = sorted(known);
  if (all.length === 0) return otherwise;
  const shown = all.slice(0, 5).join(', ');
  return `${otherwise}; there is ${shown}${all.length > 5 ? ` and ${all.length - 5} more` : ''}`;
}

const sorted = remember((known: Names) => [...new Set(known)].sort(byCodeUnit));
const lettersIn = remember((known: Names) => sorted(known).map((candidate) => ({ candidate, letters: lettersOf(candidate) })));

/** Which letters a name has, a bit for each: one letter off changes at most two of them. */
function lettersOf(name: string): number {
  let letters = 0;
  for (let i = 0; i < name.length; i++) letters |= 1 << (name.charCodeAt(i) & 31);
  return letters;
}

/** How many bits are set, counted side by side: in twos, in fours, in bytes. */
function bits(letters: number): number {
  const twos = letters - ((letters >>> 1) & 0x55555555);
  const fours = (twos & 0x33333333) + ((twos >>> 2) & 0x33333333);
  return (((fours + (fours >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

function hasSameLetters(a: string, b: string): boolean {
  return a.length === b.length && [...a].sort().join() === [...b].sort().join();
}
