import { remember } from '../../../kit/remember.ts';
import { items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Match } from '../../model/reach/label-selector.ts';
import { pathOf } from '../http/match.ts';
import type { ArrivingRequest } from './authorization-values.ts';

/** Where the requests of a mesh may carry a token: headers in lower case, and query parameters. */
export interface TokenPlaces {
  readonly headers: readonly string[];
  readonly params: readonly string[];
}

/** `Authorization` and `access_token` by default; what RequestAuthentications name beside them (`fromHeaders`, `fromParams`, `fromCookies`). */
export const tokenPlaces: (model: Model) => TokenPlaces = remember((model) => {
  const rules = model
    .kind('RequestAuthentication')
    .filter(({ group }) => group === 'security.istio.io')
    .flatMap(({ json }) => items(json, 'spec', 'jwtRules'));
  const named = rules.flatMap((rule) => items(rule, 'fromHeaders').flatMap((one) => text(one, 'name')?.toLowerCase() ?? []));
  const params = rules.flatMap((rule) => items(rule, 'fromParams').flatMap((one) => (typeof one === 'string' ? [one] : [])));
  const cookies = rules.some((rule) => items(rule, 'fromCookies').length > 0) ? ['cookie'] : [];
  return { headers: ['authorization', ...named, ...cookies], params: ['access_token', ...params] };
});

/** A token cannot be checked here; without one there is no principal of the request. */
export function tokenSays({ request, tokens }: { readonly request: ArrivingRequest; readonly tokens: TokenPlaces }): Match {
  const path = request.path ?? '';
  const query = new URLSearchParams(path.slice(pathOf(path).length).replace(/^\?/, ''));
  return tokens.headers.some((one) => request.headers.has(one)) || tokens.params.some((one) => query.has(one)) ? 'maybe' : 'no';
}
