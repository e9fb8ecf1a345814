import { nearest } from '../../../kit/nearest.ts';
import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { certificatesOf } from '../../model/exposure/certificates.ts';
import { type TlsUser, tlsUsersOf } from '../../model/exposure/tls-users.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { namesLike } from '../flux/missing.ts';
import { secretNames } from '../flux/secrets.ts';
import { areApart } from './clash.ts';
import { covers } from './exp018-certificate-names.ts';

export const tlsSecret: Rule = {
  code: 'EXP017',
  title: 'a certificate that is not where it is used',
  severity: 'error',
  run: (model) => tlsUsersOf(model).flatMap((user) => faultOf(model, user) ?? []),
  docs: {
    cause:
      'A Gateway (`credentialName`), a listener (`certificateRefs`) or an Ingress (`secretName`) names a Secret that a Certificate of the input makes in another namespace, or one of nearly that name; or a Certificate for the host writes a Secret that nobody uses. Istio’s gateway reads the Secret in the namespace of its own pods, whatever that of the Gateway; an Ingress and the Gateway API in their own. Visitors get no TLS, or the controller’s own certificate.',
    fix: 'Move the Certificate to the namespace where it is read; correct the name.',
    example:
      'kind: Certificate\nmetadata: {name: shop, namespace: shop}   # the pods of the gateway are in istio-system\nspec: {secretName: shop-tls}\n---\nkind: Gateway\nspec: {servers: [{tls: {mode: SIMPLE, credentialName: shop-tls}}]}',
  },
};

function faultOf(model: Model, { object, secret, at, namespaces, annotated, hosts }: TlsUser): Fault | undefined {
  const [home] = namespaces;
  if (home === undefined || annotated) return undefined;
  // Istio looks for NAME-cacert beside it.
  if (namespaces.some((namespace) => setOf(secretNames(model, namespace)).has(secret))) return undefined;
  const { bySecret, unread } = certificates(model);
  const others = bySecret.get(secret) ?? [];
  const [other] = others;
  if (other) {
    if (others.some(({ copied }) => copied) || isCopied(model)) return undefined;
    return {
      at,
      message: `Secret ${secret} is read in namespace ${home}, and ${other.object.id} makes it in ${other.namespace}`,
      hint: `move the Certificate to namespace ${home}`,
      cause: `certificate ${other.object.id} ${home}`,
      // Of two environments one may make it by hand.
      ...(others.every((one) => areApart(model, one.object, object)) ? { severity: 'warning' } : {}),
    };
  }
  // What somebody else shows is no other's slip.
  const idle = unread.filter((one) => namespaces.includes(one.namespace));
  const meant = idle.find(({ names }) => hosts.some(({ host }) => names.some((name) => covers(name, host))));
  const made = idle.map((one) => one.secret);
  const near = nearest(secret, namesLike(secret, made)) ?? meant?.secret;
  if (near === undefined) return undefined;
  const message = `there is no Secret ${secret} in namespace ${home}, and a Certificate makes ${near}`;
  return { at, message, hint: `did you mean "${near}"?`, cause: `secret ${home}/${secret}` };
}

const setOf = remember((names: readonly string[]): ReadonlySet<string> => new Set(names));

const certificates = remember((model: Model) => {
  const used = new Set(tlsUsersOf(model).map((one) => one.secret));
  const all = certificatesOf(model);
  return { bySecret: groupBy(all, ({ secret }) => secret), unread: all.filter(({ secret }) => !used.has(secret)) };
});

/** Whether somebody copies Secrets between namespaces by rules of their own. */
function isCopied(model: Model): boolean {
  const { length } = [...model.kind('ClusterExternalSecret'), ...model.kind('PushSecret')];
  return length > 0 || model.kind('ClusterPolicy').some(({ group }) => group === 'kyverno.io');
}
