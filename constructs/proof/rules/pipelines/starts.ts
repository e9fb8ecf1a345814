import { remember } from '../../../kit/remember.ts';
import type { Pipelines } from '../../model/spans/components.ts';
import type { Program } from '../../model/spans/programs.ts';
import { absentFaults } from './trc017-absent-component.ts';
import { shapeFaults } from './trc019-shape.ts';
import { connectorFaults } from './trc020-connector.ts';
import { cycleFaults } from './trc021-cycle.ts';
import { settingFaults } from './trc022-missing-setting.ts';
import { unknownFaults } from './trc023-unknown-component.ts';
import { removedFaults } from './trc024-removed-component.ts';
import { signalFaults } from './trc028-signal.ts';

/**
 * Whether a program's configuration lets it start, as far as the input shows. One that does not start is told so; that nothing
 * listens at its ports either is no second fault.
 */
export const starts: (program: Program) => boolean = remember(
  (program) => program.pipelines === undefined || isSound(program, program.pipelines),
);

function isSound(program: Program, pipelines: Pipelines): boolean {
  const faults = [absentFaults, shapeFaults, connectorFaults, cycleFaults, settingFaults, signalFaults].some(
    (check) => check(pipelines).length > 0,
  );
  // What is only likely to be missing from the image keeps nothing else back.
  return !faults && ![...unknownFaults(program), ...removedFaults(program)].some((fault) => fault.severity !== 'warning');
}
