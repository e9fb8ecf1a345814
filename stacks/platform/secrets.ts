import { ExternalSecret, type Layer, type SecretKey } from '../../constructs/index.ts';
import type { PlatformSite } from './site.ts';

/** The admin's password of Grafana, out of the site's store. */
export function grafanaPassword(layer: Layer, { secrets }: PlatformSite): SecretKey {
  const secret = new ExternalSecret(layer, 'grafana-admin', {
    store: { kind: 'ClusterSecretStore', name: secrets.store },
    keys: { password: { key: secrets.grafanaAdmin, property: 'password' } },
  });
  return secret.key('password');
}

/** Who may open Prometheus, which asks nobody by itself. */
export function prometheusUsers(layer: Layer, { secrets }: PlatformSite): SecretKey {
  const secret = new ExternalSecret(layer, 'prometheus-users', {
    store: { kind: 'ClusterSecretStore', name: secrets.store },
    keys: { users: { key: secrets.prometheusUsers, property: 'users' } },
  });
  return secret.key('users');
}

/** What namespaces need to pull from the mirror: one Secret in each. */
export function mirrorLogin(layers: readonly Layer[], { mirror, secrets }: PlatformSite): void {
  if (!mirror) return;
  for (const layer of layers) {
    new ExternalSecret(layer, mirror.pullSecret, {
      type: 'kubernetes.io/dockerconfigjson',
      store: { kind: 'ClusterSecretStore', name: secrets.store },
      keys: { '.dockerconfigjson': { key: secrets.mirrorLogin, property: 'dockerconfigjson' } },
    });
  }
}
