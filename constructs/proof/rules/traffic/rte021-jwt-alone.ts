import type { Json } from '../../../kit/json.ts';
import { items, text } from '../../json-path.ts';
import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';

export const jwtAlone: Rule = {
  code: 'RTE021',
  title: 'tokens are checked, but nobody must have one',
  severity: 'info',
  run: (model) => {
    const checked = model.kind('RequestAuthentication').filter((one) => items(one.json, 'spec', 'jwtRules').length > 0);
    if (checked.length === 0) return [];
    const asked = model
      .kind('AuthorizationPolicy')
      .some(
        (policy) =>
          items(policy.json, 'spec', 'rules').some(asksForToken) || text(policy.json, 'spec', 'provider', 'name') !== undefined,
      );
    // Routes by claim ask as well.
    const routed = model.kind('VirtualService').some((one) => JSON.stringify(one.json).includes('@request.auth'));
    if (asked || routed) return [];
    return checked.map((object) => ({
      at: spotOf(object, ['spec', 'jwtRules']),
      message: 'refuses wrong tokens only: requests without a token pass',
      hint: 'add an AuthorizationPolicy that asks for one: from: [{source: {requestPrincipals: ["*"]}}]',
      cause: 'tokens that nobody must have',
    }));
  },
  docs: {
    cause:
      'A RequestAuthentication refuses requests whose token is wrong. One without any token passes, unless an AuthorizationPolicy asks for `requestPrincipals` or a claim.',
    fix: 'Add an AuthorizationPolicy that asks for a token.',
    example:
      'kind: RequestAuthentication   # and no AuthorizationPolicy with requestPrincipals\nspec: {jwtRules: [{issuer: idp.mesh.test}]}',
  },
};

function asksForToken(rule: Json): boolean {
  return (
    items(rule, 'from').some((from) =>
      ['requestPrincipals', 'notRequestPrincipals'].some((key) => items(from, 'source', key).length > 0),
    ) || items(rule, 'when').some((when) => text(when, 'key')?.startsWith('request.auth') === true)
  );
}
