import type { TrafficLab } from '../traffic.ts';
import { entering } from './entering.ts';
import { failing } from './failing.ts';
import { guarding } from './guarding.ts';
import { routing } from './routing.ts';

/** Every tour of the tutorials through one lab: each a variant that stands alone on top of it. */
export function tours(lab: TrafficLab): void {
  routing(lab);
  failing(lab);
  guarding(lab);
  entering(lab);
}
