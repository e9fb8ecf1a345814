import { isVersion } from '../../../../kit/destination.ts';
import { checkPort } from '../../../../kit/endpoint.ts';
import { UserError } from '../../../../kit/user-error.ts';
import { checkHeaderValue, checkHostName, checkPath, checkPercent, headerName, milliseconds } from '../../checks.ts';
import { shownTarget } from '../../names.ts';
import type { AnyHttpRule, Cors, Fault, HeaderChanges, Mirror, Redirect, Retries, Rewrite } from '../http-rule.ts';
import type { Target } from '../target.ts';
import { checkedText, type FlatMatch } from './flat-match.ts';

/** Header changes with lower-case names. */
export interface CheckedHeaders {
  readonly request?: Required<HeaderChanges>;
  readonly response?: Required<HeaderChanges>;
}

/** @throws UserError when a header cannot be changed */
export function checkedHeaders(headers: AnyHttpRule['headers'], where: string): CheckedHeaders {
  const of = (changes: HeaderChanges | undefined, side: string) => {
    if (!changes) return undefined;
    const what = `${side} headers of ${where}`;
    const { set = {}, add = {}, remove = [] } = changes;
    const values = (given: Readonly<Record<string, string>>) =>
      Object.entries(given).map(([name, value]): [string, string] => {
        checkHeaderValue(value, `'${name}' in ${what}`);
        return [changeable(name, what), value];
      });
    const all = { set: values(set), add: values(add), remove: remove.map((name) => changeable(name, what)) };
    for (const names of [all.set.map(([name]) => name), all.add.map(([name]) => name), all.remove]) {
      const twice = names.find((name, i) => names.indexOf(name) !== i);
      if (twice !== undefined) throw new UserError(`${what} name '${twice}' twice: upper and lower case are the same in headers`);
    }
    if (all.set.length + all.add.length + all.remove.length === 0) throw new UserError(`${what} change nothing: leave them out`);
    return { set: Object.fromEntries(all.set), add: Object.fromEntries(all.add), remove: all.remove };
  };
  const request = of(headers?.request, 'request');
  const response = of(headers?.response, 'response');
  return { ...(request ? { request } : {}), ...(response ? { response } : {}) };
}

function changeable(name: string, what: string): string {
  const lower = headerName(name, what);
  if (lower === 'host') throw new UserError(`${what} change 'host': use rewrite: { host } instead`);
  return lower;
}

/** @throws UserError when istiod would refuse it, or the timeout ends before the tries do */
export function checkRetries(retries: Retries | 'none' | undefined, timeout: number | undefined, where: string): void {
  if (retries === undefined || retries === 'none') return;
  const { attempts, perTryTimeoutSeconds, on } = retries;
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 1000)
    throw new UserError(
      `attempts of ${where} is ${attempts}: allowed are whole numbers from 1 to 1000; for none, give retries: 'none'`,
    );
  const status = on?.find((one) => typeof one === 'number' && !(Number.isInteger(one) && one >= 400 && one <= 511));
  if (status !== undefined) throw new UserError(`${where} retries on status ${status}: allowed are those of errors, 400 to 511`);
  if (on && on.length === 0) throw new UserError(`${where} has an empty list of errors to retry on: leave 'on' out for Istio's`);
  if (perTryTimeoutSeconds === undefined) return;
  milliseconds(perTryTimeoutSeconds, `perTryTimeoutSeconds of ${where}`);
  if (timeout !== undefined && timeout < attempts * perTryTimeoutSeconds) {
    throw new UserError(
      `${where} ends after ${timeout} s, before its ${attempts} retries of ${perTryTimeoutSeconds} s: ` +
        `give timeoutSeconds ${attempts * perTryTimeoutSeconds} or more, or fewer attempts`,
    );
  }
}

/** @throws UserError when a share, time or status is out of range, or nothing is said */
export function checkFault(fault: Fault | undefined, where: string): void {
  if (!fault) return;
  const { delay, abort } = fault;
  if (!delay && !abort) throw new UserError(`fault of ${where} is empty: give it a delay or an abort`);
  if (delay) {
    milliseconds(delay.seconds, `delay of ${where}`);
    checkPercent(delay.percent ?? 100, `percent of the delay of ${where}`);
  }
  if (abort) {
    checkPercent(abort.percent ?? 100, `percent of the abort of ${where}`);
    if ((abort.status === undefined) === (abort.grpcStatus === undefined))
      throw new UserError(`abort of ${where} needs one of status and grpcStatus`);
    if (abort.status !== undefined) checkStatus(abort.status, `abort of ${where}`);
  }
}

/** @throws UserError outside of what istiod takes */
export function checkStatus(status: number, what: string): void {
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new UserError(`status of ${what} is ${status}: allowed are 200 to 599`);
}

/** @throws UserError when copies go where the requests themselves go */
export function checkMirror(mirror: Mirror | undefined, targets: readonly Target[], where: string): void {
  if (!mirror) return;
  checkPercent(mirror.percent ?? 100, `percent of the mirror of ${where}`);
  const copy = isVersion(mirror.to) ? { destination: mirror.to.of, version: mirror.to } : { destination: mirror.to };
  const [only, ...others] = targets;
  if (
    only &&
    others.length === 0 &&
    only.destination.host === copy.destination.host &&
    only.version?.version === copy.version?.version
  )
    throw new UserError(
      `${where} mirrors to ${shownTarget(mirror.to)}, where its requests go already: mirror to another version`,
    );
}

/** The rest of a path after `under` or `prefix` can be kept only when all matches name the same. */
export function checkReplacedPrefix(
  replacement: string,
  matches: readonly FlatMatch[],
  what: string,
): { is: 'under' | 'prefix'; value: string } {
  checkPath(replacement, what);
  const [first] = matches;
  const path = first?.path;
  if (
    !path ||
    (path.is !== 'under' && path.is !== 'prefix') ||
    matches.some(({ path: other }) => other?.is !== path.is || other.value !== path.value)
  )
    throw new UserError(
      `${what} replaces what the path begins with, so every match must name the same path by 'under' or 'prefix'`,
    );
  if (path.is === 'under' && path.value === '/')
    throw new UserError(`${what} replaces '/', which every path begins with: give 'under' the part to replace`);
  // Envoy joins the two as they are: '/api' -> '/' makes '//x' of '/api/x'.
  if (path.is === 'prefix' && path.value.endsWith('/') !== replacement.endsWith('/'))
    throw new UserError(
      `${what} is ${JSON.stringify(replacement)} for prefix ${JSON.stringify(path.value)}: only one of them ends with '/', ` +
        `so slashes would be doubled or lost; match { under: ${JSON.stringify(path.value.replace(/\/$/, '') || '/')} } instead`,
    );
  return { is: path.is, value: path.value };
}

/** @throws UserError when nothing is rewritten, or to something that is no path or host */
export function checkRewrite(rewrite: Rewrite | undefined, matches: readonly FlatMatch[], where: string): void {
  if (!rewrite) return;
  const { host, path, prefix } = rewrite;
  if (path !== undefined && prefix !== undefined)
    throw new UserError(`rewrite of ${where} has path and prefix: give one of them`);
  if (host === undefined && path === undefined && prefix === undefined)
    throw new UserError(`rewrite of ${where} is empty: give it a path, prefix or host`);
  if (host !== undefined) checkHostName(host, `rewrite.host of ${where}`);
  if (path !== undefined) checkPath(path, `rewrite.path of ${where}`);
  if (prefix !== undefined) checkReplacedPrefix(prefix, matches, `rewrite.prefix of ${where}`);
}

/** @throws UserError when the redirect says nothing, or something that is no address */
export function checkRedirect(
  redirect: Redirect<'istio'> | Redirect<'gateway-api'>,
  matches: readonly FlatMatch[],
  where: string,
): void {
  const { host, path, prefix, scheme, port, code } = redirect;
  const what = `redirect of ${where}`;
  if (path !== undefined && prefix !== undefined) throw new UserError(`${what} has path and prefix: give one of them`);
  if ([host, path, prefix, scheme, port].every((one) => one === undefined))
    throw new UserError(`${what} leads back to where the request came from: give it a host, path, scheme or port`);
  if (host !== undefined) checkHostName(host, `host of the ${what}`);
  if (path !== undefined) checkPath(path, `path of the ${what}`);
  if (prefix !== undefined) checkReplacedPrefix(prefix, matches, `prefix of the ${what}`);
  if (port !== undefined) checkPort(port, `the ${what}`);
  if (code !== undefined && ![301, 302, 303, 307, 308].includes(code))
    throw new UserError(`code of the ${what} is ${code}: allowed are 301, 302, 303, 307 and 308`);
}

/** @throws UserError when an origin, header or age is none */
export function checkCors(cors: Cors<'istio'> | Cors<'gateway-api'> | undefined, where: string): void {
  if (!cors) return;
  const what = `cors of ${where}`;
  if (cors.allowOrigins.length === 0) throw new UserError(`${what} allows no origin: name one, or leave cors out`);
  for (const origin of cors.allowOrigins) {
    const { is, value } = checkedText(origin, `origin in ${what}`);
    if (is === 'exact' && !/^https?:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?$/.test(value))
      throw new UserError(
        `origin in ${what} is ${JSON.stringify(value)}: allowed is a scheme and a host, 'https://shop.mesh.test'`,
      );
  }
  for (const name of [...(cors.allowHeaders ?? []), ...(cors.exposeHeaders ?? [])]) headerName(name, what);
  for (const list of [cors.allowOrigins, cors.allowMethods ?? [], cors.allowHeaders ?? [], cors.exposeHeaders ?? []]) {
    const all = list.map((one) => JSON.stringify(one));
    const twice = all.find((one, i) => all.indexOf(one) !== i);
    if (twice !== undefined) throw new UserError(`${what} says ${twice} twice: once is enough`);
    // Gateway API 1.6, HTTPCORSFilter.
    if (list.length > 64) throw new UserError(`${what} has a list of ${list.length}: allowed are 64 at most`);
  }
  const { maxAgeSeconds: age } = cors;
  if (age !== undefined && !(Number.isInteger(age) && age >= 1 && age <= 86_400))
    throw new UserError(`maxAgeSeconds of ${what} is ${age}: allowed are whole seconds from 1 to 86400`);
}
