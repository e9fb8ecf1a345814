import type { SecretKey } from '../../kit/capabilities.ts';
import { checkSecretKey } from '../../kit/secret-key.ts';
import { UserError } from '../../kit/user-error.ts';
import type { PublishOptions } from '../pages.ts';

/** How a page is published by an ingress controller. */
export interface IngressPublishOptions extends PublishOptions {
  /**
   * Asks for a name and a password (HTTP basic auth) before anything reaches the page: for pages that ask nobody, as Prometheus. A key of an existing
   * Secret in the page's namespace holds lines `NAME:HASH` as `htpasswd` writes them; the key must be `users` for Traefik and `auth` for nginx. Not for
   * pages with logins of their own, which would not see theirs.
   *
   * @default whoever reaches the ingress reaches the page
   */
  readonly login?: SecretKey;
}

/**
 * Checks a page's login.
 *
 * @param key the key of the Secret that the controller reads
 * @param redirect whether plain requests are sent to https
 * @throws UserError when the Secret's name or key is malformed or not the controller's, or the password would be sent in plain text
 * @internal
 */
export function checkLogin(login: SecretKey, key: string, redirect: 'on' | 'off' | undefined, where: string): void {
  checkSecretKey(login, `login of ${where}`);
  if (login.key !== key)
    throw new UserError(
      `login of ${where} names key '${login.key}' of secret '${login.secret}': the controller reads key '${key}'`,
    );
  if (redirect !== 'on') {
    throw new UserError(
      `login of ${where} would send the password in plain text: publish it with tls, and leave its redirect on`,
    );
  }
}
