import type { TrafficLab } from '../traffic.ts';
import { entering } from './entering.ts';
import { extending } from './extending.ts';
import { failing } from './failing.ts';
import { guarding } from './guarding.ts';
import { routing } from './routing.ts';
import { sending } from './sending.ts';

/** Every tour of the tutorials through one lab: each a variant that stands alone on top of it. */
export function tours(lab: TrafficLab): void {
  routing(lab);
  failing(lab);
  guarding(lab);
  entering(lab);
  extending(lab);
  sending(lab);
}
