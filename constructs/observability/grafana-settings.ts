import type { EnvValue, SecretKey } from '../kit/index.ts';

/** What people who are not logged in may do. */
export type AnonymousRole = 'Viewer' | 'Editor' | 'Admin';

/**
 * Who gets in. You can pass:
 * - `{ anonymous: 'Viewer' }`: everybody, without a login; there is no admin user then, and no password;
 * - `{ adminPassword: { secret, key } }`: only who logs in; the user is `admin`, the password comes from an existing Secret;
 * - both: everybody may look, and an admin may log in.
 */
export type GrafanaAccess =
  | { readonly anonymous: AnonymousRole; readonly adminPassword?: SecretKey }
  | { readonly anonymous?: never; readonly adminPassword: SecretKey };

/** Grafana's settings as environment variables, `GF_SECTION_KEY` (Grafana 13). */
export function grafanaSettings(access: GrafanaAccess): Record<string, EnvValue> {
  return { ...quiet, ...anonymous(access.anonymous), ...admin(access.adminPassword) };
}

/** Nothing leaves the cluster, and nothing is fetched: the image brings every plugin that is used. */
const quiet: Record<string, EnvValue> = {
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: 'false',
  GF_NEWS_NEWS_FEED_ENABLED: 'false',
  GF_SECURITY_DISABLE_GRAVATAR: 'true',
  GF_SNAPSHOTS_EXTERNAL_ENABLED: 'false',
  // Grafana 13 replaces its bundled data sources by newer ones at start, and loses them where its file system is read-only.
  GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: 'true',
};

function anonymous(role: AnonymousRole | undefined): Record<string, EnvValue> {
  return role ? { GF_AUTH_ANONYMOUS_ENABLED: 'true', GF_AUTH_ANONYMOUS_ORG_ROLE: role } : { GF_AUTH_ANONYMOUS_ENABLED: 'false' };
}

function admin(password: SecretKey | undefined): Record<string, EnvValue> {
  if (password) return { GF_SECURITY_ADMIN_PASSWORD: password };
  // Without these Grafana makes a user admin with the password admin.
  return {
    GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
    GF_AUTH_BASIC_ENABLED: 'false',
    GF_AUTH_DISABLE_LOGIN_FORM: 'true',
  };
}
