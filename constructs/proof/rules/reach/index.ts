import type { Rule } from '../../rule.ts';
import { mutualTls } from './trc040-mutual-tls.ts';
import { plaintext } from './trc041-plaintext.ts';
import { backendInMesh } from './trc042-meshed-backend.ts';
import { sidecarScope } from './trc043-sidecar-scope.ts';
import { exportTo } from './trc044-export-to.ts';
import { externalProvider } from './trc045-external-provider.ts';
import { registryOnly } from './trc046-registry-only.ts';
import { discovery } from './trc047-discovery.ts';
import { authorization } from './trc048-authorization.ts';
import { networkIngress } from './trc049-ingress.ts';
import { networkEgress } from './trc050-egress.ts';
import { waypoint } from './trc051-waypoint.ts';
import { noEndpoints } from './trc052-no-endpoints.ts';
import { nobodySends } from './trc053-nobody-sends.ts';
import { namespaceLabels } from './trc054-namespace-labels.ts';

/** What may stand between two hops. */
export const reachRules: readonly Rule[] = [
  ...[mutualTls, plaintext, backendInMesh],
  ...[sidecarScope, exportTo, externalProvider, registryOnly, discovery, noEndpoints],
  ...[authorization, networkIngress, networkEgress],
  ...[waypoint, nobodySends, namespaceLabels],
];
