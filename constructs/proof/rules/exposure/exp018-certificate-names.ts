import { certificatesBySecret } from '../../model/exposure/certificates.ts';
import { tlsUsersOf } from '../../model/exposure/tls-users.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { areApart } from './clash.ts';

export const certificateNames: Rule = {
  code: 'EXP018',
  title: 'a certificate that is not for the host',
  severity: 'error',
  run: (model) =>
    tlsUsersOf(model).flatMap(({ object, secret, namespaces, hosts }) =>
      namespaces.slice(0, 1).flatMap((namespace) => {
        const made = certificatesBySecret(model).get(`${namespace}/${secret}`) ?? [];
        const [certificate] = made;
        // Two for one Secret are told by themselves.
        if (!certificate || made.length > 1 || certificate.open || certificate.names.length === 0) return [];
        const apart = areApart(model, certificate.object, object);
        return hosts.flatMap(({ host, at }): Fault[] =>
          !isName(host) || certificate.names.some((name) => covers(name, host))
            ? []
            : [
                {
                  at,
                  message: `${certificate.object.id} is for ${certificate.names.slice(0, 3).join(', ')}, not for ${host}`,
                  hint: `add ${host} to its dnsNames`,
                  ...(apart ? { severity: 'warning' } : {}),
                  cause: `names of ${certificate.object.id} ${host}`,
                },
              ],
        );
      }),
    ),
  docs: {
    cause:
      'A host is served with the Secret of a Certificate of the input, whose `dnsNames` do not take it in: browsers refuse it, and clients fail. A wildcard takes in one label: `*.site.example` is for `shop.site.example`, not for `site.example` nor `a.shop.site.example`.',
    fix: 'Add the host to the Certificate’s dnsNames, or use another Secret.',
    example:
      'kind: Certificate\nspec: {secretName: shop-tls, dnsNames: [www.site.example]}   # the Ingress shows it for shop.site.example',
  },
};

function isName(host: string): boolean {
  return host.includes('.') && !/[${}]/.test(host);
}

/** Whether a DNS name of a certificate is for a host. */
export function covers(name: string, host: string): boolean {
  // Of a wildcard some host may be meant, and not each of them.
  if (name === host || (host.startsWith('*.') && name.endsWith(host.slice(1)))) return true;
  return name.startsWith('*.') && !host.startsWith('*') && host.slice(host.indexOf('.')) === name.slice(1);
}
