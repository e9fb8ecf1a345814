import type { Json } from '../../kit/json.ts';
import { rememberText } from '../../kit/remember.ts';

/** A JSON text as data, undefined where it is none. Remembered: several readers ask for the same dashboard. What it gives is shared. */
export const readJson = rememberText((source): Json | undefined => {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
});
