import { UserError } from '../../kit/user-error.ts';

/**
 * A time in whole milliseconds.
 *
 * @throws UserError when istiod would refuse it: below 1 ms or finer than that (ValidateDuration)
 */
export function milliseconds(seconds: number, what: string): number {
  const ms = Math.round(seconds * 1000);
  if (!(ms >= 1 && ms <= 99_999_000) || Math.abs(ms - seconds * 1000) > 1e-6)
    throw new UserError(`${what} is ${seconds}: allowed are 0.001 to 99999 seconds, in whole milliseconds`);
  return ms;
}

/** As Istio spells it: '0.5s'. */
export function istioDuration(ms: number): string {
  return `${ms / 1000}s`;
}

/** As the Gateway API spells it, which knows no fractions: '1s500ms'. */
export function gatewayDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const rest = ms % 1000;
  return `${seconds > 0 ? `${seconds}s` : ''}${rest > 0 ? `${rest}ms` : ''}`;
}

/**
 * Checks a share of requests.
 *
 * @throws UserError outside 0.0001 to 100, the smallest that Envoy tells apart
 */
export function checkPercent(percent: number, what: string): void {
  if (!(percent >= 0.0001 && percent <= 100))
    throw new UserError(`${what} is ${percent}: allowed are 0.0001 to 100 percent; for none, leave it out`);
}

/**
 * The name of a header as Envoy sees it: in lower case.
 *
 * @throws UserError when it is no header's name
 */
export function headerName(name: string, what: string): string {
  if (!/^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}$/.test(name))
    throw new UserError(
      `${what} names header ${JSON.stringify(name)}: allowed are letters, digits and !#$%&'*+-.^_\`|~, 256 at most`,
    );
  return name.toLowerCase();
}

/**
 * Checks the value that a header is given.
 *
 * @throws UserError when it is empty, holds control characters or a '%' that begins no variable of Envoy
 */
export function checkHeaderValue(value: string, what: string): void {
  if (value === '' || value.length > 4096)
    throw new UserError(`${what} has a value of ${value.length} characters: allowed are 1 to 4096`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
    throw new UserError(`${what} has the value ${JSON.stringify(value)}: control characters are not allowed`);
  if (!/^([^%]|%%|%[A-Z][A-Z0-9_]*(\([^()%]*\))?(:\d+)?%)*$/.test(value))
    throw new UserError(
      `${what} has the value ${JSON.stringify(value)}: Envoy reads '%NAME%' as a variable, write '%%' for a percent sign`,
    );
}

/**
 * Checks a path that requests have or get.
 *
 * @throws UserError when it does not begin with '/', or holds what a path cannot
 */
export function checkPath(path: string, what: string): void {
  if (!/^\/([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2}){0,1023}$/.test(path) || /(^|\/)\.{1,2}(\/|$)/.test(path))
    throw new UserError(
      `${what} is ${JSON.stringify(path)}: allowed is a path that begins with '/', without query, '#', blanks, and parts '.' and '..'`,
    );
}

/**
 * Checks the name of a host, without port.
 *
 * @throws UserError when it is none
 */
export function checkHostName(host: string, what: string): void {
  if (host.length > 253 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(host))
    throw new UserError(`${what} is ${JSON.stringify(host)}: allowed is a lower-case DNS name without scheme, port and path`);
}
