import { nearest } from '../../kit/nearest.ts';
import { UserError } from '../../kit/user-error.ts';

/** What an object's numbers are stored in: int32. */
const most = 2_147_483_647;

/** A year: more is a mistake of units. */
const longest = 31_536_000;

/** What the Gateway API can spell: five digits of seconds. */
const longestOfRoutes = 99_999;

/**
 * Checks a count.
 *
 * @throws UserError when it is not a whole number from `least` to `greatest`
 */
export function whole<N extends number | undefined>(value: N, what: string, least = 1, greatest = most): N {
  if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= greatest)) {
    throw new UserError(
      `${what} is ${value}: allowed is a whole number from ${least}${greatest === most ? '' : ` to ${greatest}`}`,
    );
  }
  return value;
}

/**
 * A time in whole milliseconds.
 *
 * @param greatest in seconds. @default what both APIs can spell
 * @throws UserError when istiod would refuse it: below 1 ms or finer than that (ValidateDuration)
 */
export function milliseconds(seconds: number, what: string, greatest = longestOfRoutes): number {
  const ms = Math.round(seconds * 1000);
  if (!(ms >= 1 && seconds <= greatest) || Math.abs(ms - seconds * 1000) > 1e-6)
    throw new UserError(`${what} is ${seconds}: allowed are 0.001 to ${greatest} seconds, in whole milliseconds`);
  return ms;
}

/**
 * A time of up to a year as Istio spells it.
 *
 * @throws UserError as {@link milliseconds}
 */
export function duration(seconds: number, what: string): string {
  return istioDuration(milliseconds(seconds, what, longest));
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

/** The nearest of the known names as the end of a message, `: did you mean "v2"?`; '' when none is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? '' : `: did you mean ${JSON.stringify(near)}?`;
}

/** An object without the keys whose value is undefined. */
export function defined<T extends object>(fields: T): { readonly [K in keyof T]: Exclude<T[K], undefined> } {
  // Object.fromEntries forgets the keys' types.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** @throws UserError when a place is misspelt, or longer than the CRD allows */
export function checkLocality(locality: string, where: string): void {
  if (locality.length > 2048 || !/^[^/*\s]+(\/[^/*\s]+){0,2}$/.test(locality))
    throw new UserError(
      `locality of ${where} is ${JSON.stringify(locality.slice(0, 80))}: allowed are region, region/zone and region/zone/subzone`,
    );
}
