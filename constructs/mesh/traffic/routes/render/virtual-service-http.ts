import {
  type VirtualServiceSpecHttp,
  VirtualServiceSpecHttpCorsPolicyUnmatchedPreflights,
  type VirtualServiceSpecHttpMatch,
  VirtualServiceSpecHttpRedirectDerivePort,
} from '../../../../../imports/networking.istio.io.ts';
import { UserError } from '../../../../kit/user-error.ts';
import { istioDuration, milliseconds } from '../../checks.ts';
import { type CheckedHeaders, checkReplacedPrefix } from '../checks/action-checks.ts';
import type { CheckedRule } from '../checks/checked-rules.ts';
import { checkedText, type FlatMatch, type Path, type Text } from '../checks/flat-match.ts';
import { quoted } from '../checks/regex.ts';
import type { Cors, Fault, Redirect, Retries, Rewrite } from '../http-rule.ts';
import type { Place } from '../place.ts';
import type { Target } from '../target.ts';

/** A rule as a VirtualService says it. @internal */
export function virtualServiceHttp(checked: CheckedRule, place: Place): VirtualServiceSpecHttp {
  const { rule, matches, targets, headers, mirror, where } = checked;
  const match = matches.length > 0 ? matches.flatMap(matchRequests) : [{}];
  const withPort = match.map((one) => (place.matchPort === undefined ? one : { ...one, port: place.matchPort }));
  const common = {
    ...(rule.name === undefined ? {} : { name: rule.name }),
    ...(withPort.some((one) => Object.keys(one).length === 0) ? {} : { match: withPort }),
    ...(headers.request || headers.response ? { headers: headersOf(headers) } : {}),
  };
  if (rule.redirect !== undefined) return { ...common, redirect: redirect(rule.redirect, where) };
  if (rule.respond !== undefined) {
    const { status, body } = rule.respond;
    return { ...common, directResponse: { status, ...(body === undefined ? {} : { body: { string: body } }) } };
  }
  const { timeoutSeconds, retries, fault, rewrite, cors } = rule;
  return {
    ...common,
    ...(fault ? { fault: faultOf(fault) } : {}),
    ...(rewrite ? { rewrite: rewriteOf(rewrite, matches, where) } : {}),
    route: targets.map(weighted),
    ...(timeoutSeconds === undefined ? {} : { timeout: duration(timeoutSeconds) }),
    ...(retries === undefined ? {} : { retries: retriesOf(retries) }),
    ...(mirror ? { mirror: destination(mirror), mirrorPercentage: { value: rule.mirror?.percent ?? 100 } } : {}),
    ...(cors ? { corsPolicy: corsPolicy(cors) } : {}),
  };
}

/** A target with its share, as routes of all kinds say it. */
export function weighted(target: Target): { destination: ReturnType<typeof destination>; weight?: number } {
  return { destination: destination(target), ...(target.percent === undefined ? {} : { weight: target.percent }) };
}

function destination({ destination: { host }, version, port }: Target) {
  return { host, ...(version ? { subset: version.version } : {}), port: { number: port } };
}

function headersOf({ request, response }: CheckedHeaders): NonNullable<VirtualServiceSpecHttp['headers']> {
  const operations = ({ set, add, remove }: NonNullable<CheckedHeaders['request']>) => ({
    ...(Object.keys(set).length > 0 ? { set: { ...set } } : {}),
    ...(Object.keys(add).length > 0 ? { add: { ...add } } : {}),
    ...(remove.length > 0 ? { remove: [...remove] } : {}),
  });
  return { ...(request ? { request: operations(request) } : {}), ...(response ? { response: operations(response) } : {}) };
}

function duration(seconds: number): string {
  return istioDuration(milliseconds(seconds, 'a time'));
}

function matchRequests(match: FlatMatch): VirtualServiceSpecHttpMatch[] {
  const { headers, query, without, path, method, from, port } = match;
  const all = {
    ...(headers.length > 0 ? { headers: textsOf(headers) } : {}),
    ...(method ? { method: { exact: method } } : {}),
    ...(query.length > 0 ? { queryParams: textsOf(query) } : {}),
    ...(without.length > 0 ? { withoutHeaders: textsOf(without) } : {}),
    ...(from ? { sourceNamespace: from.namespace } : {}),
    ...(from && Object.keys(from.labels).length > 0 ? { sourceLabels: { ...from.labels } } : {}),
    ...(port === undefined ? {} : { port }),
  };
  return uris(path).map((uri) => ({ ...(uri ? { uri } : {}), ...all }));
}

/** Istio compares characters: what is below a path takes two matches. */
function uris(path: Path | undefined): ({ [is: string]: string } | undefined)[] {
  if (!path || (path.is === 'under' && path.value === '/')) return [undefined];
  if (path.is === 'under') return [{ exact: path.value }, { prefix: `${path.value}/` }];
  return [{ [path.is]: path.value }];
}

function textsOf(texts: readonly (readonly [string, Text])[]): Record<string, { [is: string]: string }> {
  return Object.fromEntries(texts.map(([name, { is, value }]) => [name, { [is]: value }]));
}

function redirect(
  given: Redirect<'istio'> | Redirect<'gateway-api'>,
  where: string,
): NonNullable<VirtualServiceSpecHttp['redirect']> {
  const { host, path, prefix, scheme, port, code = 301 } = given;
  // Types keep it out where they know the API.
  if (prefix !== undefined)
    throw new UserError(
      `redirect of ${where} replaces a prefix, which a VirtualService of Istio 1.30 cannot: give a path, or use the Gateway API`,
    );
  return {
    ...(path === undefined ? {} : { uri: path }),
    ...(host === undefined ? {} : { authority: host }),
    ...(scheme === undefined ? {} : { scheme }),
    ...(port === undefined ? {} : { port }),
    // The Gateway API keeps the request's port, Istio by itself the scheme's own.
    ...(port === undefined && scheme === undefined && host !== undefined
      ? { derivePort: VirtualServiceSpecHttpRedirectDerivePort.FROM_UNDERSCORE_REQUEST_UNDERSCORE_PORT }
      : {}),
    redirectCode: code,
  };
}

function rewriteOf(given: Rewrite, matches: readonly FlatMatch[], where: string): NonNullable<VirtualServiceSpecHttp['rewrite']> {
  const { host, path, prefix } = given;
  return {
    ...(host === undefined ? {} : { authority: host }),
    ...(path === undefined ? {} : { uriRegexRewrite: { match: '/.*', rewrite: path } }),
    ...(prefix === undefined ? {} : prefixRewrite(prefix, checkReplacedPrefix(prefix, matches, `rewrite.prefix of ${where}`))),
  };
}

/** `uri` replaces the characters that matched, which for `under` are one more than its path. */
function prefixRewrite(by: string, path: { readonly is: 'under' | 'prefix'; readonly value: string }) {
  if (path.is === 'prefix') return { uri: by };
  const start = `^${quoted(path.value)}`;
  return by === '/'
    ? { uriRegexRewrite: { match: `${start}/?`, rewrite: '/' } }
    : { uriRegexRewrite: { match: start, rewrite: by.replace(/\/+$/, '') } };
}

function faultOf({ delay, abort }: Fault): NonNullable<VirtualServiceSpecHttp['fault']> {
  return {
    ...(delay ? { delay: { fixedDelay: duration(delay.seconds), percentage: { value: delay.percent ?? 100 } } } : {}),
    ...(abort
      ? {
          abort: {
            ...(abort.status === undefined ? { grpcStatus: abort.grpcStatus } : { httpStatus: abort.status }),
            percentage: { value: abort.percent ?? 100 },
          },
        }
      : {}),
  };
}

function retriesOf(retries: Retries | 'none'): NonNullable<VirtualServiceSpecHttp['retries']> {
  if (retries === 'none') return { attempts: 0 };
  const { attempts, perTryTimeoutSeconds, on } = retries;
  return {
    attempts,
    ...(perTryTimeoutSeconds === undefined ? {} : { perTryTimeout: duration(perTryTimeoutSeconds) }),
    ...(on ? { retryOn: on.join(',') } : {}),
  };
}

function corsPolicy(cors: Cors<'istio'> | Cors<'gateway-api'>): NonNullable<VirtualServiceSpecHttp['corsPolicy']> {
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, maxAgeSeconds, allowCredentials } = cors;
  return {
    allowOrigins: allowOrigins.map((origin) => {
      const { is, value } = checkedText(origin, 'origin');
      return { [is]: value };
    }),
    ...(allowMethods ? { allowMethods: [...allowMethods] } : {}),
    ...(allowHeaders ? { allowHeaders: [...allowHeaders] } : {}),
    ...(exposeHeaders ? { exposeHeaders: [...exposeHeaders] } : {}),
    ...(maxAgeSeconds === undefined ? {} : { maxAge: `${maxAgeSeconds}s` }),
    ...(allowCredentials === undefined ? {} : { allowCredentials }),
    // As istiod does for the Gateway API: a preflight of another origin is none of the app's business.
    unmatchedPreflights: VirtualServiceSpecHttpCorsPolicyUnmatchedPreflights.IGNORE,
  };
}
