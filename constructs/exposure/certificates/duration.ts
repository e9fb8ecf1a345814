import { UserError } from '../../kit/user-error.ts';

/**
 * Checks how long a certificate is good for, as Go spells durations. cert-manager refuses less than an hour (cert-manager 1.21,
 * Certificate.spec.duration).
 *
 * @throws UserError when it is none, or too short
 */
export function checkDuration(duration: string, of: string): void {
  const [, hours, minutes = '0'] = /^(\d{1,6})h(?:(\d{1,2})m)?$/.exec(duration) ?? [];
  if (hours !== undefined && Number(hours) * 60 + Number(minutes) >= 60) return;
  throw new UserError(
    `duration of the ${of} is ${JSON.stringify(duration)}: allowed are hours, with minutes or without, one hour at least: '2160h', '36h30m'`,
  );
}
