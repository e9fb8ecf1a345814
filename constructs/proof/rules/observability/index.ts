import type { Rule } from '../../rule.ts';
import { querySyntax } from './obs001-query-syntax.ts';
import { unknownMetric } from './obs002-unknown-metric.ts';
import { unknownLabel } from './obs003-unknown-label.ts';
import { wrongFunction } from './obs004-wrong-function.ts';
import { labelValue } from './obs005-label-value.ts';
import { range } from './obs006-range.ts';
import { dashboardTwins } from './obs010-dashboard-twins.ts';
import { dashboardUnreadable } from './obs011-dashboard-unreadable.ts';
import { dashboardLink } from './obs012-dashboard-link.ts';
import { dashboardPassedOver } from './obs013-dashboard-passed-over.ts';
import { dashboardFolder } from './obs014-dashboard-folder.ts';
import { rootUrl } from './obs015-root-url.ts';
import { externalUrl } from './obs016-external-url.ts';
import { kialiKeys } from './obs017-kiali-keys.ts';
import { ruleSelected } from './obs018-rule-selected.ts';
import { ruleFiles } from './obs019-rule-files.ts';
import { kialiLogin } from './obs020-kiali-login.ts';
import { dashboardVariable } from './obs021-dashboard-variable.ts';
import { scrapeJob } from './obs022-scrape-job.ts';
import { prometheusFiles } from './obs023-prometheus-files.ts';
import { derivedField } from './obs024-derived-field.ts';
import { homeDashboard } from './obs025-home-dashboard.ts';
import { takesNoLogs } from './obs040-takes-no-logs.ts';
import { accessLogProtocol } from './obs041-access-log-protocol.ts';
import { lokiIntake } from './obs042-loki-intake.ts';
import { lokiQueries } from './obs043-loki-queries.ts';

/** What dashboards, alerts and links ask for. */
export const observabilityRules: readonly Rule[] = [
  querySyntax,
  unknownMetric,
  unknownLabel,
  wrongFunction,
  labelValue,
  range,
  dashboardTwins,
  dashboardUnreadable,
  dashboardLink,
  dashboardPassedOver,
  dashboardFolder,
  rootUrl,
  externalUrl,
  kialiKeys,
  ruleSelected,
  ruleFiles,
  kialiLogin,
  dashboardVariable,
  scrapeJob,
  prometheusFiles,
  derivedField,
  homeDashboard,
  takesNoLogs,
  accessLogProtocol,
  lokiIntake,
  lokiQueries,
];
