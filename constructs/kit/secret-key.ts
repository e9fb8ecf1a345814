import type { SecretKey } from './capabilities.ts';
import { checkDnsSubdomain } from './layer.ts';
import { UserError } from './user-error.ts';

/**
 * Checks the name of a Secret and of its key, as Kubernetes allows them: a pod that asks for another one never starts.
 *
 * @param what who reads it, for messages
 * @throws UserError when no Secret or key can be called so
 * @internal
 */
export function checkSecretKey({ secret, key }: SecretKey, what: string): void {
  checkDnsSubdomain(secret, `secret of ${what}`);
  if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key)) {
    throw new UserError(
      `key ${JSON.stringify(key)} of secret '${secret}' of ${what}: allowed are letters, digits, '-', '_' and '.', 253 at most`,
    );
  }
}
