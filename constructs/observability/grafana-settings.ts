import { browserUrl, type EnvValue, isSecureOnly, type Page, type SecretKey, UserError } from '../kit/index.ts';
import { suggest } from '../kit/nearest.ts';

/** What people who are not logged in may do. A Viewer looks at dashboards and asks data sources in Explore, and saves nothing. */
export type AnonymousRole = 'Viewer' | 'Editor' | 'Admin';

/**
 * Who gets in. You can pass:
 * - `{ anonymous: 'Viewer' }`: everybody, without a login; there is no admin user then, and no password;
 * - `{ adminPassword: { secret, key } }`: only who logs in; the user is `admin`, the password comes from an existing Secret;
 * - both: everybody may look, and an admin may log in; with `loginForm: 'hidden'` by Grafana's API alone.
 */
export type GrafanaAccess =
  | { readonly anonymous: AnonymousRole; readonly adminPassword?: never; readonly loginForm?: never }
  | {
      readonly anonymous: AnonymousRole;
      readonly adminPassword: SecretKey;
      /** Whether people are offered to log in. @default 'shown' */
      readonly loginForm?: 'shown' | 'hidden';
    }
  | { readonly anonymous?: never; readonly adminPassword: SecretKey; readonly loginForm?: never };

/** How a Grafana presents itself, the same for every form of it. */
export interface GrafanaSettings {
  /**
   * The time zone of its graphs, unless a person or a dashboard chooses another: that of the person's browser, UTC, or one of the IANA
   * database, 'Europe/Berlin'.
   *
   * @default 'browser'
   */
  readonly timeZone?: 'browser' | 'utc' | `${string}/${string}`;
  /** The uid of the dashboard that people see first: one of its dashboards. @default Grafana's own page */
  readonly homeDashboard?: string;
}

/** What the settings follow from. @internal */
export interface GrafanaSettingsProps extends GrafanaSettings {
  readonly access: GrafanaAccess;
  /** Its page: what browsers open becomes its root URL. */
  readonly page: Page;
  /** The file of a dashboard in its file system, by uid. */
  readonly fileOf: (uid: string) => string;
}

/**
 * Grafana's settings as environment variables, `GF_SECTION_KEY` (Grafana 13). Ask at synth, when it is known where its page is published.
 *
 * @internal
 */
export function grafanaSettings(props: GrafanaSettingsProps): Record<string, EnvValue> {
  const { access, timeZone = 'browser', homeDashboard, page, fileOf } = props;
  return {
    ...quiet,
    ...anonymous(access.anonymous),
    ...admin(access),
    GF_DATE_FORMATS_DEFAULT_TIMEZONE: timeZone === 'utc' ? 'UTC' : timeZone,
    ...(homeDashboard === undefined ? {} : { GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: fileOf(homeDashboard) }),
    ...published(page),
  };
}

/**
 * Checks what can be known before a synth.
 *
 * @param uids of its dashboards
 * @param where the construct to name in an error
 * @throws UserError when the time zone is malformed, or none of its dashboards has the uid of the home dashboard
 * @internal
 */
export function checkGrafanaSettings(
  { timeZone = 'browser', homeDashboard }: GrafanaSettings,
  uids: readonly string[],
  where: string,
): void {
  if (!/^(browser|utc|[A-Za-z_]+(\/[A-Za-z0-9_+-]+)+)$/.test(timeZone)) {
    throw new UserError(
      `timeZone of '${where}' is ${JSON.stringify(timeZone)}: allowed are 'browser', 'utc' and names of the IANA database, 'Europe/Berlin'`,
    );
  }
  if (homeDashboard !== undefined && !uids.includes(homeDashboard)) {
    throw new UserError(
      `homeDashboard of '${where}' is ${JSON.stringify(homeDashboard)}, but none of its dashboards has this uid: ${suggest(homeDashboard, uids, 'give it the dashboard too')}`,
    );
  }
}

/**
 * The path below which a Grafana answers, inside the cluster too: it sends all other requests to its root URL (Grafana 13,
 * serve_from_sub_path). Empty for all of the host.
 *
 * @internal
 */
export function subPathOf(page: Page): string {
  const url = browserUrl(page);
  return url === undefined ? '' : new URL(url).pathname.replace(/\/+$/, '');
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
  if (role === undefined) return { GF_AUTH_ANONYMOUS_ENABLED: 'false' };
  return {
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_AUTH_ANONYMOUS_ORG_ROLE: role,
    // Explore, where all links to traces and logs lead, is for Editors otherwise (Grafana 13, role fixed:datasources:explorer). Nothing can be saved.
    ...(role === 'Viewer' ? { GF_USERS_VIEWERS_CAN_EDIT: 'true' } : {}),
  };
}

function admin({ adminPassword, loginForm }: GrafanaAccess): Record<string, EnvValue> {
  if (adminPassword)
    return {
      GF_SECURITY_ADMIN_PASSWORD: adminPassword,
      ...(loginForm === 'hidden' ? { GF_AUTH_DISABLE_LOGIN_FORM: 'true' } : {}),
    };
  // Without these Grafana makes a user admin with the password admin.
  return {
    GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
    GF_AUTH_BASIC_ENABLED: 'false',
    GF_AUTH_DISABLE_LOGIN_FORM: 'true',
  };
}

/** Its own links, redirects and cookies fit the address that browsers open. */
function published(page: Page): Record<string, EnvValue> {
  const url = browserUrl(page);
  if (url === undefined) return {};
  return {
    GF_SERVER_ROOT_URL: url.endsWith('/') ? url : `${url}/`,
    ...(subPathOf(page) === '' ? {} : { GF_SERVER_SERVE_FROM_SUB_PATH: 'true' }),
    // A browser keeps such a cookie from plain HTTP: where that is open too, nobody could log in there.
    ...(isSecureOnly(page) ? { GF_SECURITY_COOKIE_SECURE: 'true' } : {}),
  };
}
