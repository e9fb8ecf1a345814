import type { Rule } from '../../rule.ts';
import { destinationHost } from './ref001-destination-host.ts';
import { subset } from './ref002-subset.ts';
import { gateway } from './ref003-gateway.ts';
import { port } from './ref004-port.ts';
import { ruleHost } from './ref005-rule-host.ts';
import { subsetPods } from './ref006-subset-pods.ts';
import { gatewayPods } from './ref007-gateway-pods.ts';
import { dataSource } from './ref008-data-source.ts';
import { kialiBackend } from './ref009-kiali-backend.ts';
import { weights } from './ref010-weights.ts';
import { podReferences } from './ref011-pod-references.ts';
import { servicePods } from './ref012-service-pods.ts';
import { gatewayHosts } from './ref013-gateway-hosts.ts';
import { routeHosts } from './ref014-route-hosts.ts';
import { gatewayPort } from './ref015-gateway-port.ts';
import { targetPort } from './ref016-target-port.ts';
import { podAddresses } from './ref017-pod-addresses.ts';

/** References between objects. */
export const referencesRules: readonly Rule[] = [
  destinationHost,
  subset,
  gateway,
  port,
  ruleHost,
  subsetPods,
  gatewayPods,
  dataSource,
  kialiBackend,
  weights,
  podReferences,
  servicePods,
  gatewayHosts,
  routeHosts,
  gatewayPort,
  targetPort,
  podAddresses,
];
