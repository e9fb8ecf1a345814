import { distance } from 'fastest-levenshtein';
import { byCodeUnit } from '../kit/json.ts';

/**
 * The known name that a person most likely meant: one letter off in three to five, two in up to eleven, three in longer names; two
 * letters that changed places count as one. Undefined when none is near, and for names of one or two letters, to which all are.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const allowed = name.length < 3 ? 0 : name.length < 6 ? 1 : name.length < 12 ? 2 : 3;
  const ranked = [...known]
    .filter((candidate) => candidate !== name)
    .map((candidate) => ({ candidate, off: distance(name, candidate) - (hasSameLetters(name, candidate) ? 1 : 0) }))
    .filter(({ off }) => off <= allowed && allowed > 0)
    .sort((a, b) => a.off - b.off || byCodeUnit(a.candidate, b.candidate));
  return ranked[0]?.candidate;
}

function hasSameLetters(a: string, b: string): boolean {
  return a.length === b.length && [...a].sort().join() === [...b].sort().join();
}

/** A hint: the nearest name if there is one, else the known names, else what to do instead. */
export function suggest(name: string, known: Iterable<string>, otherwise: string): string {
  const all = [...new Set(known)].sort(byCodeUnit);
  const near = nearest(name, all);
  if (near !== undefined) return `did you mean "${near}"?`;
  if (all.length === 0) return otherwise;
  const shown = all.slice(0, 5).join(', ');
  return `${otherwise}; there is ${shown}${all.length > 5 ? ` and ${all.length - 5} more` : ''}`;
}
