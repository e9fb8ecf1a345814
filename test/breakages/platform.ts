import type { Breakage } from '../support/breakage.ts';
import { ambientBreakages } from './platform-ambient.ts';
import { chartBreakages, fluxBreakages } from './platform-flux.ts';
import { careBreakages, objectBreakages, secretBreakages } from './platform-rest.ts';
import { monitorBreakages, pageBreakages, spanBreakages } from './platform-watching.ts';
import { addressBreakages, certificateBreakages, doorBreakages, strictBreakages } from './platform-ways-in.ts';

/** The platform of operators and charts, with sidecars or ambient. */
export function platformBreakages(stack: string, dataplane: 'sidecar' | 'ambient'): Breakage[] {
  return [
    ...fluxBreakages(stack),
    ...chartBreakages(),
    ...addressBreakages(),
    ...certificateBreakages(),
    ...doorBreakages(stack),
    ...strictBreakages(),
    ...monitorBreakages(),
    ...pageBreakages(),
    ...spanBreakages(),
    ...secretBreakages(),
    ...careBreakages(),
    ...objectBreakages(dataplane),
    ...(dataplane === 'ambient' ? ambientBreakages() : []),
  ];
}
