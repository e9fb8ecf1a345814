import { closest, distance } from 'fastest-levenshtein';
import { byCodeUnit } from '../kit/json.ts';

/** The known name that a person most likely meant: one letter off in three, two in up to eleven, three in longer names. Undefined when none is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const names = [...known].filter((candidate) => candidate !== name).sort(byCodeUnit);
  if (names.length === 0) return undefined;
  const best = closest(name, names);
  const allowed = name.length < 4 ? 1 : name.length < 12 ? 2 : 3;
  return distance(name, best) <= allowed ? best : undefined;
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
