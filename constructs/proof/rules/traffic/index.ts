import type { Rule } from '../../rule.ts';
import { unreachableRule } from './rte001-unreachable-rule.ts';
import { emptyMatch } from './rte002-empty-match.ts';
import { percent } from './rte003-percent.ts';
import { meshHost } from './rte004-mesh-host.ts';
import { gatewayTwins } from './rte005-gateway-twins.ts';
import { delegate } from './rte006-delegate.ts';
import { regex } from './rte007-regex.ts';
import { retries } from './rte008-retries.ts';
import { redirectLoop } from './rte009-redirect-loop.ts';
import { clientTls } from './rte010-client-tls.ts';
import { selectsNothing } from './rte011-selects-nothing.ts';
import { listener } from './rte012-listener.ts';
import { referenceGrant } from './rte013-reference-grant.ts';
import { portProtocol } from './rte014-port-protocol.ts';
import { failover } from './rte015-failover.ts';
import { routeTwins } from './rte016-route-twins.ts';
import { refused } from './rte017-refused.ts';
import { accounts } from './rte018-accounts.ts';
import { sidecarHosts } from './rte019-sidecar-hosts.ts';
import { serviceEntry } from './rte020-service-entry.ts';
import { jwtAlone } from './rte021-jwt-alone.ts';
import { ruleTwins } from './rte022-rule-twins.ts';

/** Routes and what holds for the traffic they send: codes RTE. */
export const trafficRules: readonly Rule[] = [
  // An empty match is told rather than the rules that it makes unreachable.
  emptyMatch,
  unreachableRule,
  percent,
  meshHost,
  gatewayTwins,
  delegate,
  regex,
  retries,
  redirectLoop,
  clientTls,
  selectsNothing,
  listener,
  referenceGrant,
  portProtocol,
  failover,
  routeTwins,
  refused,
  accounts,
  sidecarHosts,
  serviceEntry,
  jwtAlone,
  ruleTwins,
];
